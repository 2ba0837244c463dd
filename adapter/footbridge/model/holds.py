"""Why a prescription that was taken in goes no further until somebody decides: the table ``mappings/holds.json``.

A channel that cannot ask its sender again, as a message or a FHIR request, may put a prescription on hold where the API
refuses it. While it is on hold nothing of it leaves for a service.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from footbridge.data import read_json


@dataclass(frozen=True, slots=True)
class HoldKind:
    """One question, a row of the table.

    Attributes:
        reason: its code.
        why: the code under which the prescription waits, of ``mappings/waiting.json``.
        confirm, refuse: events that decide it; ``refuse`` is None where it can only be confirmed or corrected.
        action: of ``mappings/access.json``: who may send them.
        blocks: events that would bring the prescription to a service all the same.
        ended_by: events that answer the question in another way.
        rules: of a prescription, whose errors become this hold.
    """

    reason: str
    why: str
    confirm: str
    refuse: str | None
    action: str
    blocks: frozenset[str]
    ended_by: frozenset[str]
    rules: frozenset[str]

    @property
    def events(self) -> tuple[str, ...]:
        """The events that decide it."""
        return (self.confirm,) if self.refuse is None else (self.confirm, self.refuse)


@dataclass(frozen=True, slots=True)
class Hold:
    """A question about one prescription, as the channel raises it.

    Attributes:
        reason: a code of the table.
        detail: what is proposed (a JSON object). Of ``needs``: ``{"needs": [{"need": index, "category": code,
            "confidence": 0..1, "by": what it was guessed from, "words": [...]}]}``.
    """

    reason: str
    detail: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@functools.cache
def hold_kinds() -> Mapping[str, HoldKind]:
    """Every question by its code, in the order in which they count."""
    rows = read_json("mappings", "holds.json")["holds"]
    return MappingProxyType(
        {
            reason: HoldKind(
                reason,
                row["why"],
                row["confirm"],
                row["refuse"],
                row["action"],
                frozenset(row["blocks"]),
                frozenset(row["endedBy"]),
                frozenset(row["rules"]),
            )
            for reason, row in rows.items()
        }
    )


def hold_of_rule(rule: str) -> str:
    """The question that an error of this rule raises. Raises KeyError for a rule that raises none."""
    for reason, kind in hold_kinds().items():
        if rule in kind.rules:
            return reason
    raise KeyError(rule)


def rules_of(reasons: frozenset[str]) -> frozenset[str]:
    """The rules whose errors a channel turns into holds, which may put prescriptions on hold for these reasons."""
    return frozenset().union(*(hold_kinds()[reason].rules for reason in reasons))
