"""How well words alone tell the categories of services: texts that were judged by hand beforehand.

200 real ones, 60 French ones, and 684 composed in the style of several countries' 211s. The figures are printed. A
category is right when the judgement expects it; of what is expected, recall is the part that was found. What the
judgement allows is right for the older sets, and neither right nor wrong (``neutral``) for the last one.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from footbridge.directory.taxonomy.categories import by_words

HERE = Path(__file__).parent
NEARLY_ALL_FOOD = "haarrrvest-cc0"


@dataclass
class Score:
    """Counts over texts."""

    texts: int = 0
    right: int = 0
    wrong: int = 0
    expected: int = 0
    found: int = 0

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.found / self.expected

    def __str__(self) -> str:
        return (
            f"{self.texts} texts, precision {self.precision:.1%} ({self.right}/{self.right + self.wrong}), "
            f"recall {self.recall:.1%} ({self.found}/{self.expected})"
        )


def _judged(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((HERE / name).read_text(encoding="utf-8"))["services"]
    return rows


def _score(rows: Iterable[tuple[dict[str, Any], dict[str, Any]]], *, neutral: bool = False) -> Score:
    score = Score()
    for row, text in rows:
        found = {match["code"] for match in by_words(text)}
        expected, allowed = set(row["expected"]), set(row.get("allowed", []))
        score.texts += 1
        score.right += len(found & (expected if neutral else expected | allowed))
        score.wrong += len(found - expected - allowed)
        score.expected += len(expected)
        score.found += len(found & expected)
    return score


def test_two_hundred_real_texts(sample_texts: dict[Any, dict[str, Any]], capsys: pytest.CaptureFixture[str]) -> None:
    rows = [(row, sample_texts[row["set"], row["kind"], row["id"]]) for row in _judged("judged_services.json")]
    various = [pair for pair in rows if pair[0]["set"] != NEARLY_ALL_FOOD]
    scores = {
        "all": _score(rows),
        "without haarrrvest-cc0, which is nearly all food": _score(various),
        "  of these half a, in view when the table was written": _score(p for p in various if p[0]["half"] == "a"),
        "  of these half b, whose errors were never looked at": _score(p for p in various if p[0]["half"] == "b"),
    }
    with capsys.disabled():
        print("\nKeywords over real texts:", *(f"  {name}: {score}" for name, score in scores.items()), sep="\n")  # noqa: T201
    assert scores["all"].texts == 200
    assert scores["all"].precision >= 0.9
    assert scores["without haarrrvest-cc0, which is nearly all food"].precision >= 0.9
    assert scores["all"].recall >= 0.9


def test_sixty_french_texts(capsys: pytest.CaptureFixture[str]) -> None:
    score = _score((row, row) for row in _judged("judged_french.json"))
    with capsys.disabled():
        print(f"\nKeywords over French texts: {score}")  # noqa: T201
    assert score.texts == 60
    assert score.precision >= 0.9
    assert score.recall >= 0.9


def test_composed_texts_of_many_211s(capsys: pytest.CaptureFixture[str]) -> None:
    rows = _judged("judged_texts.json")
    parts = {
        "a, in view when the table was written": "a",
        "b, whose errors were never looked at": "b",
        "c, composed by who wrote the table, then in view": "c",
        "d, the same": "d",
        "e, the same": "e",
        "f, in view when the table was written again": "f",
        "g, whose errors were never looked at": "g",
    }
    scores = {about: _score(((r, r) for r in rows if r["part"] == part), neutral=True) for about, part in parts.items()}
    with capsys.disabled():
        print("\nKeywords over composed texts:", *(f"  {name}: {score}" for name, score in scores.items()), sep="\n")  # noqa: T201
    assert sum(score.texts for score in scores.values()) == 684
    unseen = _score(((row, row) for row in rows if row["part"] in "bg"), neutral=True)
    with capsys.disabled():
        print(f"  b and g: {unseen}")  # noqa: T201
    assert unseen.texts == 206
    assert unseen.precision >= 0.93
    assert unseen.recall >= 0.8
    assert min(score.precision for score in scores.values()) >= 0.9


def test_services_that_meet_no_need_seldom_get_one() -> None:
    rows = [row for row in _judged("judged_texts.json") if not row["expected"]]
    guessed = [row["name"] for row in rows if {m["code"] for m in by_words(row)} - {*row.get("allowed", [])}]
    assert len(rows) > 60
    assert len(guessed) < len(rows) / 10, guessed


def test_the_judgements_name_categories() -> None:
    known = {
        row["code"]
        for row in json.loads((HERE.parents[2] / "terminology" / "categories.json").read_bytes())["categories"]
    }
    for name in ("judged_services.json", "judged_french.json", "judged_texts.json"):
        _check(_judged(name), known)


def _check(rows: list[dict[str, Any]], known: set[str]) -> None:
    for row in rows:
        assert {*row["expected"], *row.get("allowed", [])} <= known
        assert not set(row["expected"]) & set(row.get("allowed", []))
