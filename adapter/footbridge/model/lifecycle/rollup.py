"""A referral in several parts: splitting it, and what the parts say together about the whole."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from footbridge.data import read_json
from footbridge.errors import ConfigurationError, LifecycleError
from footbridge.i18n import _
from footbridge.model.lifecycle.begin import first_task
from footbridge.model.lifecycle.effects import Effect, TellPartner
from footbridge.model.lifecycle.events import RolledUp
from footbridge.model.lifecycle.state import ReferralState
from footbridge.model.lifecycle.tables import machine


@dataclass(frozen=True, slots=True)
class Split:
    """The whole, which now goes as its parts go, and the parts in the order of their owners."""

    parent: ReferralState
    parts: tuple[ReferralState, ...]
    effects: tuple[Effect, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """The parent's status when the parts are (not) settled and any of them has one of these statuses."""

    settled: bool
    any_of: frozenset[str]
    to: str


@dataclass(frozen=True, slots=True)
class RollUpTable:
    """``mappings/lifecycle/roll-up.json``: statuses that count neither way, and the rules in order."""

    disregard: frozenset[str]
    rules: tuple[Rule, ...]


def split(parent: ReferralState, owners: Sequence[str | None]) -> Split:
    """Split an open referral into one part an owner (None: our own side); may be done again to add parts.

    The caller makes a filler-order ServiceRequest (``basedOn``) and a Task (``partOf``) for each part, and
    after every change of a part applies ``roll_up`` of all parts to the parent. The goals and the follow-up
    stay with the parent.

    Raises:
        LifecycleError: no owner given, or the referral is not open to be split (``cannot-split``).
    """
    table = machine(parent.task.machine)
    is_open = parent.task.status not in table.terminal | table.unsent
    if not (owners and is_open and table.needs_parts and parent.standing in {"as-task", "parts"}):
        raise LifecycleError(_("Only an open referral can be split, into at least one part."), reason="cannot-split")
    parts = tuple(
        ReferralState(
            first_task(table.name, owner),
            table.service_request[table.starts, "as-task"],
            requester=parent.requester,
        )
        for owner in owners
    )
    told = tuple(TellPartner(name) for name in sorted({name for name in owners if name is not None}))
    return Split(replace(parent, standing="parts"), parts, told)


def roll_up(parts: Sequence[ReferralState], at: datetime) -> RolledUp | None:
    """What the parts say together, as an event for the parent; None while they say nothing new.

    Args:
        parts: the newest try of every part.
        at: the time of the change that leads to the question.
    """
    counted = [part for part in parts if part.task.status not in _table().disregard]
    if not counted:
        return None
    settled = all(_is_settled(part) for part in counted)
    statuses = {part.task.status for part in counted}
    for rule in _table().rules:
        if rule.settled == settled and (not rule.any_of or rule.any_of & statuses):
            return RolledUp(rule.to, at, _reasons(counted) if rule.to == "failed" else None)
    return None


def _is_settled(part: ReferralState) -> bool:
    return part.task.status in machine(part.task.machine).terminal and part.standing != "another-try"


def _reasons(parts: Sequence[ReferralState]) -> str | None:
    given = dict.fromkeys(part.task.reason for part in parts if part.task.reason is not None)
    return "; ".join(given) or None


@functools.cache
def _table() -> RollUpTable:
    raw = read_json("mappings", "lifecycle", "roll-up.json")
    rules = tuple(Rule(row["settled"], frozenset(row["any"]), row["to"]) for row in raw["rules"])
    table = RollUpTable(frozenset(raw["disregard"]), rules)
    words = table.disregard.union(*(rule.any_of | {rule.to} for rule in rules))
    unknown = words - set(machine("referral").statuses)
    if unknown:
        raise ConfigurationError(f"The roll-up table has unknown statuses: {', '.join(sorted(unknown))}.")
    return table
