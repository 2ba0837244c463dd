"""Our crosswalks, each a proposal: 211 code to SDOH category, barrier or support kind to SDOH category.

A 211 code names what a service offers. It goes beside a SNOMED CT, HCPCS or LOINC coding, never alone.
"""

import functools
import re
from dataclasses import dataclass
from typing import Any, Literal

from footbridge.data import read_json


@dataclass(frozen=True, slots=True)
class CategoryMatch:
    """An SDOH category that a 211 code serves.

    Attributes:
        category: SDOH category code.
        matched: the 211 code of the table that decided, the given one or one above it.
        primary: whether the table counts the code among the plain cases of the category.
    """

    category: str
    matched: str
    primary: bool


@dataclass(frozen=True, slots=True)
class KindMatch:
    """The SDOH category of a kind of barrier or support; None where the kind says too little."""

    category: str | None
    reason: str


@functools.cache
def _by_211() -> dict[str, tuple[CategoryMatch, ...]]:
    rows = read_json("terminology", "maps", "211-gravity.json")["map"]
    return {
        row["code"]: tuple(CategoryMatch(t["category"], row["code"], t["primary"]) for t in row["targets"])
        for row in rows
    }


def is_population(code: str) -> bool:
    """Whether a 211 code names a population (Y...), which describes a service and is never one."""
    return code.startswith("Y")


def categories_of_211(code: str) -> tuple[CategoryMatch, ...]:
    """The SDOH categories that a 211 code serves; the longest code of the table that covers it decides."""
    for step in _path(code):
        if found := _by_211().get(step):
            return found
    return ()


def _path(code: str) -> list[str]:
    """The code, then each one above it: ``BD-1800.2000``, ``BD-1800``, ``BD``, ``B``."""
    steps = [code]
    while cut := re.search(r"[-.][^-.]*$", steps[-1]):
        steps.append(steps[-1][: cut.start()])
    if len(steps[-1]) == 2:
        steps.append(steps[-1][0])
    return steps


@functools.cache
def _kinds(table: Literal["barrier", "support"]) -> dict[str, KindMatch]:
    raw: dict[str, dict[str, Any]] = read_json("terminology", "maps", f"{table}-to-category.json")["map"]
    return {kind: KindMatch(entry["category"], entry["reason"]) for kind, entry in raw.items()}


def category_of_barrier(kind: str) -> KindMatch:
    """The SDOH category of a kind of barrier; KeyError for a kind that is none."""
    return _kinds("barrier")[kind]


def category_of_support(kind: str) -> KindMatch:
    """The SDOH category that a kind of support serves; KeyError for a kind that is none."""
    return _kinds("support")[kind]
