"""Costly invariants that have a short answer: expression -> type, and a test that is sure where it says True.

The expressions are those of R4 and US Core; each test is about the type that is named beside it.
"""

import re
from collections.abc import Callable
from typing import Any

Json = Any
_TO_THE_DAY = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d))?\Z", re.ASCII)


def has_own_link_ids(questionnaire: Json) -> bool:
    """Whether no linkId of the items is there twice (que-2); what is contained may have some too."""
    if questionnaire.__class__ is not dict or "contained" in questionnaire:
        return False
    met: set[str] = set()
    waiting = [questionnaire]
    while waiting:
        holder = waiting.pop()
        rows = holder.get("item", ())
        for row in rows:
            if row.__class__ is not dict:
                return False
            identity = row.get("linkId")
            if identity.__class__ is not str or identity in met or "_linkId" in row:
                return False
            met.add(identity)
            if "item" in row:
                waiting.append(row)
    return True


def is_to_the_day(value: Json) -> bool:
    """Whether a dateTime tells the day at least (us-core-1, vs-1)."""
    return value.__class__ is str and _TO_THE_DAY.match(value) is not None


KNOWN: dict[str, tuple[str, Callable[[Json], bool]]] = {
    "descendants().linkId.isDistinct()": ("Questionnaire", has_own_link_ids),
    "$this is dateTime implies $this.toString().length() >= 10": ("dateTime", is_to_the_day),
}
