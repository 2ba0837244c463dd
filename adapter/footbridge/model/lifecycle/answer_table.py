"""``mappings/lifecycle/answers.json`` as immutable values: what the answer to a follow-up changes."""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from footbridge.data import read_json
from footbridge.errors import ConfigurationError
from footbridge.model.lifecycle.tables import machines, roles


@dataclass(frozen=True, slots=True)
class Happened:
    """One answer to *did it happen*.

    Attributes:
        closes: machine to the status that its open Task takes.
        contradicts: machine to the statuses that say the opposite.
        reason: Task.statusReason.text when the person gave none.
    """

    closes: Mapping[str, str]
    contradicts: Mapping[str, frozenset[str]]
    reason: str | None


@dataclass(frozen=True, slots=True)
class AnswerTable:
    """The whole table. ``goal`` leads from a goal-achievement code to Goal.lifecycleStatus."""

    event: str
    by: frozenset[str]
    goal_starts: str
    follow_up_becomes: str
    happened: Mapping[str, Happened]
    goal: Mapping[str, str]


@functools.cache
def answer_table() -> AnswerTable:
    """The table, read and checked once; raises ConfigurationError when it contradicts the machines."""
    raw = read_json("mappings", "lifecycle", "answers.json")
    faults = list(_faults(raw, read_json("mappings", "lifecycle", "codes.json")))
    if faults:
        raise ConfigurationError(f"The table of answers is wrong: {'; '.join(faults)}.")
    return AnswerTable(
        event=raw["event"],
        by=frozenset(raw["by"]),
        goal_starts=raw["goalStarts"],
        follow_up_becomes=raw["followUpBecomes"],
        happened={
            word: Happened(
                closes=row["closes"],
                contradicts={name: frozenset(statuses) for name, statuses in row["contradicts"].items()},
                reason=row.get("reason"),
            )
            for word, row in raw["happened"].items()
        },
        goal={code: row["lifecycle"] for code, row in raw["goal"].items()},
    )


def _faults(raw: Mapping[str, Any], codes: Mapping[str, Any]) -> Iterator[str]:
    lifecycles = {raw["goalStarts"], *(row["lifecycle"] for row in raw["goal"].values())}
    checks = [
        ("role", set(raw["by"]), set(roles())),
        ("goal achievement", set(raw["goal"]), set(codes["goalAchievement"]["codes"])),
        ("goal status", lifecycles, set(codes["goalStatus"]["codes"])),
        ("follow-up status", {raw["followUpBecomes"]}, set(machines()["follow-up"].terminal)),
    ]
    for row in raw["happened"].values():
        for name, status in row["closes"].items():
            checks.append((f"terminal {name} status", {status}, set(machines()[name].terminal)))
        for name, statuses in row["contradicts"].items():
            checks.append((f"{name} status", set(statuses), set(machines()[name].statuses)))
    for kind, words, vocabulary in checks:
        yield from (f"{word!r} is not a known {kind}" for word in sorted(words - vocabulary))
