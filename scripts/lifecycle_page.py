"""Writes docs/reference/lifecycle.md from the tables in mappings/lifecycle/.

Run ``python scripts/lifecycle_page.py`` after a table has changed; ``--check`` only says whether the page is
up to date (exit code 1 when not).
"""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from footbridge.data import read_json
from footbridge.model.lifecycle.table import Transition
from footbridge.model.lifecycle.tables import MACHINES, machine

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "lifecycle.md"

INTRO = """# The lifecycle of a referral

This page is made from the tables in `mappings/lifecycle/` by `scripts/lifecycle_page.py`; change them there.

One pure function, `footbridge.model.lifecycle.apply(state, event, actor)`, decides for Task, ServiceRequest,
Goals and the follow-up together. It answers *applied* (a new state, the steps taken, what is to be done),
*ignored* (stale, duplicate, no-change, behind, tie) or *refused* (with a code and a sentence).

* A partner is seen in states, not steps: a status that it reports is applied as the shortest way of steps that
  lead there in its role, and all but the last are marked inferred. A step marked *shortcut* is legal when
  taken but not used to infer; one that is taken *by its name only* is meant by no report.
* Reports are put in order by their source's own time, per source; `meta.versionId` is compared for equality
  only. Older: *stale*. The same version, or the same time and status: *duplicate*. Another status at the very
  same time: *tie*, so read the partner's resource again and report it as confirmed.
* A partner that leaves a reason out is taken at its word and the reason is shown as not given. Our own users
  must give it where the tables say so.
* A terminal status yields only to `entered-in-error`. Another try is a new Task.
"""

REASONS = {
    False: "",
    True: " Needs a reason.",
    "unless-owner": " Needs a reason, unless a partner is named (`route`).",
}


def page() -> str:
    """The whole page as Markdown."""
    parts = [INTRO, *(_machine_section(name) for name in MACHINES)]
    parts += [_actors(), _answers(), _roll_up(), _standings()]
    return "\n".join(parts)


def _raw(name: str) -> Any:  # noqa: ANN401 - JSON is any value
    return read_json("mappings", "lifecycle", f"{name}.json")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _words(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words) or "any"


def _machine_section(name: str) -> str:
    raw = _raw(name)
    table = machine(name)
    parts = [
        f"## {raw['title']}\n",
        (
            f"{raw['about']} Source: <{raw['source']}>; profile `{raw['profile']}`; "
            f"statuses from `{raw['valueSet']['url']}`.\n"
        ),
        _diagram(table.transitions, table.initial, table.terminal),
        (
            f"From every status `enter-in-error` leads to `entered-in-error`, by {_by(table.transitions)}. "
            f"A reason is required of our own users for {_words(raw['reasonRequired'])}.\n"
        ),
        "### Steps\n",
        _table(["event", "from", "to", "who", "why"], _steps(raw)),
        *_optional_sections(raw),
        "### Words of partners\n",
        _table(
            ["reported", "taken as", "why"],
            ([f"`{word}`", f"`{row['to']}`", row["why"]] for word, row in _raw("dialects")[name].items()),
        ),
    ]
    return "\n".join(parts)


def _by(transitions: Iterable[Transition]) -> str:
    return _words(sorted({role for row in transitions if row.event == "enter-in-error" for role in row.by}))


def _diagram(transitions: Sequence[Transition], initial: Sequence[str], terminal: Iterable[str]) -> str:
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"  [*] --> {_node(status)}" for status in initial]
    lines += [
        f"  {_node(row.before)} --> {_node(row.after)}: {row.event}"
        for row in transitions
        if row.event != "enter-in-error"
    ]
    lines += [f"  {_node(status)} --> [*]" for status in sorted(terminal) if status != "entered-in-error"]
    return "\n".join([*lines, "```", ""])


def _node(status: str) -> str:
    return status.replace("-", "_")


def _steps(raw: Mapping[str, Any]) -> Iterator[list[str]]:
    for row in raw["transitions"]:
        marks = {"shortcut": " *Shortcut.*", "named": " *By its name only: no report of the status means it.*"}
        why = row["why"] + "".join(text for name, text in marks.items() if row.get(name))
        yield [f"`{row['event']}`", _words(row["from"]), f"`{row['to']}`", ", ".join(row["by"]), why]


def _optional_sections(raw: Mapping[str, Any]) -> Iterator[str]:
    if raw["notDrawn"]:
        yield "### What the guide leaves open\n"
        rows = ([f"`{r['from']}`", f"`{r['to']}`", r["decision"], r["why"]] for r in raw["notDrawn"])
        yield _table(["from", "to", "decision", "why"], rows)
    if raw["arrivals"]:
        yield "### What reaching a status means for the order\n"
        yield _table(["status", "reached by", "standing", "to be done", "why"], _arrivals(raw))
    if raw["orders"]:
        yield "### Events that move no Task\n"
        yield _table(["event", "at status", "at standing", "new standing", "who", "why"], _orders(raw))
    for member, title in [("serviceRequest", "ServiceRequest.status"), ("followUp", "The follow-up Task")]:
        if raw[member]:
            yield f"### {title}\n"
            rows = ([_words(r["status"]), _words(r["standing"]), f"`{r['to']}`", r["why"]] for r in raw[member])
            yield _table(["Task.status", "standing", "becomes", "why"], rows)
    if raw["followUpKept"]:
        yield raw["followUpKept"] + "\n"
    yield "### Goal.achievementStatus\n"
    if raw["goal"]:
        rows = ([_words(r["status"]), f"`{r['achievement']}`", r["why"]] for r in raw["goal"])
        yield _table(["Task.status", "when the goal has none yet", "why"], rows)
    yield raw["goalKept"] + "\n"


def _arrivals(raw: Mapping[str, Any]) -> Iterator[list[str]]:
    started = {None: "", True: ", after work was done", False: ", before any work"}
    for row in raw["arrivals"]:
        event = f", by `{row['event']}`" if "event" in row else ""
        who = ", ".join(row.get("by", ["anyone"])) + started[row.get("started")] + event
        effects = ", ".join(row["effects"]) or "nothing"
        yield [f"`{row['status']}`", who, f"`{row['standing']}`", effects, row["why"]]


def _orders(raw: Mapping[str, Any]) -> Iterator[list[str]]:
    for row in raw["orders"]:
        to = f"`{row['to']}`" if "to" in row else "unchanged"
        why = row["why"] + REASONS[row.get("reason", False)]
        statuses, standings = _words(row["status"]), _words(row["standing"])
        yield [f"`{row['event']}`", statuses, standings, to, ", ".join(row["by"]), why]


def _actors() -> str:
    raw = _raw("actors")
    rows = ([f"`{name}`", ", ".join(row["speaksFor"]), row["about"]] for name, row in raw["roles"].items())
    return "\n".join(
        ["## Actors\n", raw["about"] + "\n", _table(["role", "speaks for", "who"], rows), raw["laggingWhy"] + "\n"]
    )


def _answers() -> str:
    raw = _raw("answers")
    happened = (
        [f"`{word}`", _pairs(row["closes"]), _pairs(row["contradicts"]), row["why"]]
        for word, row in raw["happened"].items()
    )
    goal = ([f"`{code}`", f"`{row['lifecycle']}`", row["why"]] for code, row in raw["goal"].items())
    return "\n".join(
        [
            "## The follow-up's answer\n",
            (
                f"{raw['about']} By {', '.join(raw['by'])}: {raw['byWhy'][0].lower()}{raw['byWhy'][1:]} "
                f"An open follow-up becomes `{raw['followUpBecomes']}`. A later answer corrects an earlier one. "
                "An answer that contradicts a Task's end changes no status and goes to a person.\n"
            ),
            _table(["did it happen", "closes an open Task as", "contradicts", "why"], happened),
            f"Codes of the goal: <{raw['source']}>.\n",
            _table(["Goal.achievementStatus", "Goal.lifecycleStatus", "why"], goal),
        ]
    )


def _pairs(mapping: Mapping[str, Any]) -> str:
    lists = {name: [value] if isinstance(value, str) else value for name, value in mapping.items()}
    return "; ".join(f"{name}: {_words(values)}" for name, values in lists.items() if values) or "nothing"


def _roll_up() -> str:
    raw = _raw("roll-up")
    rows = (
        ["yes" if row["settled"] else "no", _words(row["any"]), f"`{row['to']}`", row["why"]] for row in raw["rules"]
    )
    return "\n".join(
        [
            "## A referral in several parts\n",
            f"{raw['about']} {raw['sourceNote']} Not counted: {_words(raw['disregard'])}. {raw['disregardWhy']}\n",
            _table(["settled", "a part that is", "the parent becomes", "why"], rows),
        ]
    )


def _standings() -> str:
    raw = _raw("codes")["standing"]
    rows = ([f"`{name}`", text] for name, text in raw["codes"].items())
    return "\n".join(["## Standing of the order\n", raw["about"] + "\n", _table(["standing", "meaning"], rows)])


if __name__ == "__main__":
    from written import write_or_check

    sys.exit(write_or_check({PAGE: page()}))
