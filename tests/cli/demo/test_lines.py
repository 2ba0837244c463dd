"""Lines that fit where they are printed, and a table that becomes a list."""

import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.console import Console
from rich.text import Text

from footbridge.cli.demo.lines import PLAIN, console_for, hanging
from footbridge.cli.demo.outcome import Row
from footbridge.cli.demo.scenes import Ends
from footbridge.cli.demo.show import show_rows
from footbridge.cli.demo.watch import LEGEND, RIGHT, WRONG

ENDS = Ends("completed", ("completed",), "completed", ("active/improving",))
WORDS = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=30)


def row(name, *goals, as_expected=True):
    goals = goals or ("active/improving",)
    ends = Ends("completed", ("completed",), "completed", goals)
    journey = "requested → rejected ⇒ requested → accepted → in-progress → completed"
    return Row(
        name, "warm-connection", "1", journey, "completed", ("completed",), "completed", goals, None, 37,
        ends if as_expected else ENDS,
    )  # fmt: skip


ROWS = [
    row("13-laissez-passer-musee"), row("09-three-referrals", *["active/not-achieved"] * 3),
    row("20-refused-without-reason", "active", as_expected=False),
]  # fmt: skip


def printed(width, act):
    out = io.StringIO()
    act(Console(file=out, width=width, highlight=False))
    return out.getvalue().splitlines()


@given(st.lists(WORDS, max_size=20), st.text(alphabet="ab ", max_size=40), st.integers(20, 160))
@example(["https://" + "x" * 200], "Database", 80)
def test_no_word_is_cut_and_no_line_is_too_long(words, head, width):
    lines = printed(width, lambda console: hanging(console, Text(head), Text(" ".join(words))))
    said = " ".join(lines).split()
    assert said == [*head.split(), *words] or "".join(said) == "".join([*head.split(), *words])
    assert all(any(word in line for line in lines) for word in words)
    longest = max(map(len, words), default=0)
    assert max(map(len, lines), default=0) <= max(width, longest + 2, len(head))


def test_a_line_goes_on_below_its_text():
    lines = printed(20, lambda console: hanging(console, Text("! Mon  "), Text("takes one referral on")))
    assert lines == ["! Mon  takes one", "       referral on"]


@pytest.mark.parametrize("width", [80, 120, 140])
def test_a_table_without_room_is_a_list(width):
    lines = printed(width, lambda console: show_rows(console, ROWS))
    assert [line for line in lines if line.startswith("- ")] == [
        "- prescription: 13-laissez-passer-musee (warm-connection, 37 days)",
        "- prescription: 09-three-referrals (warm-connection, 37 days)",
        "- prescription: ✗ 20-refused-without-reason (warm-connection, 37 days)",
    ]
    assert max(map(len, lines)) <= width


def test_a_narrow_list_has_whole_words():
    lines = printed(40, lambda console: show_rows(console, ROWS))
    assert max(map(len, lines)) <= 40
    words = " ".join(lines).split()
    assert words.count("active/not-achieved") + words.count("active/not-achieved,") == 3
    assert {"13-laissez-passer-musee", "20-refused-without-reason", "in-progress"} <= set(words)


@pytest.mark.parametrize("width", [160, 200])
def test_with_room_it_is_a_table(width):
    lines = printed(width, lambda console: show_rows(console, ROWS))
    assert max(map(len, lines)) <= width
    assert not any(line.startswith("- ") for line in lines)
    for words in ("13-laissez-passer-musee", "✗ 20-refused-without-reason", "active/not-achieved", "warm-connection"):
        assert any(f"│ {words} " in line for line in lines)


def test_in_a_pipe_lines_have_eighty_columns_or_what_columns_says(monkeypatch):
    monkeypatch.delenv("COLUMNS", raising=False)
    assert console_for(quiet=False).width == PLAIN == 80
    for said, width in (("100", 100), ("wide", 80), ("0", 80)):
        monkeypatch.setenv("COLUMNS", said)
        assert console_for(quiet=False).width == width


def test_the_legend_explains_both_marks():
    assert LEGEND.startswith(f"{WRONG} marks")
    assert f" {RIGHT} marks" in LEGEND
