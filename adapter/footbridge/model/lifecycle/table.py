"""A transition table as immutable values: roles, arrows, and the machine with its look-ups made ready."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

ANYONE = "*"
"""Stands for every role at once: steps that follow from an answer or from parts, whoever brings them."""


@dataclass(frozen=True, slots=True)
class Role:
    """A role of ``actors.json``: on whose behalf it speaks, and whether its copies lag behind."""

    name: str
    speaks_for: frozenset[str]
    lagging: bool
    about: str


@dataclass(frozen=True, slots=True)
class Transition:
    """One arrow.

    A ``shortcut`` is legal when taken but is not used to infer longer ways. A ``named`` one is taken by its name only:
    no report of the status means it. ``standings`` narrows it; None means any.
    """

    event: str
    before: str
    after: str
    by: frozenset[str]
    shortcut: bool
    why: str
    named: bool = False
    standings: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Arrival:
    """What reaching a status means for the order; ``event``, ``by`` and ``started`` narrow it, None means any."""

    status: str
    by: frozenset[str] | None
    started: bool | None
    standing: str
    effects: tuple[str, ...]
    why: str
    event: str | None = None


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """An event that moves no Task: it assigns an owner, changes the standing, or marks a follow-up due."""

    event: str
    does: Literal["assign", "standing", "mark-due"]
    statuses: frozenset[str]
    standings: frozenset[str]
    to: str | None
    by: frozenset[str]
    needs_reason: bool | Literal["unless-owner"]
    effects: tuple[str, ...]
    why: str


Paths = Mapping[tuple[str, str], Mapping[str, tuple[Transition, ...]]]


@dataclass(frozen=True, slots=True)
class Machine:
    """One status machine.

    Attributes:
        moves: (event, status) to the transition.
        targets: event to every status that it leads to.
        paths: (role, status) to every status that the role can reach and the way there.
        service_request, follow_up: (Task.status, standing) to the status that follows.
        goal: Task.status to the achievementStatus of a goal that has none.
    """

    name: str
    title: str
    kinds: tuple[str, ...]
    value_set: frozenset[str]
    statuses: tuple[str, ...]
    initial: tuple[str, ...]
    starts: str
    terminal: frozenset[str]
    unsent: frozenset[str]
    activity: frozenset[str]
    reason_required: frozenset[str]
    needs_parts: frozenset[str]
    transitions: tuple[Transition, ...]
    arrivals: tuple[Arrival, ...]
    orders: tuple[OrderEvent, ...]
    moves: Mapping[tuple[str, str], Transition]
    targets: Mapping[str, frozenset[str]]
    paths: Paths
    service_request: Mapping[tuple[str, str], str]
    goal: Mapping[str, str]
    follow_up: Mapping[tuple[str, str], str]
    dialect: Mapping[str, str]

    def understand(self, status: str) -> str | None:
        """The partner's word in this machine's words; None when it is no Task.status known here."""
        return status if status in self.statuses else self.dialect.get(status)

    def way(self, role: str, before: str, after: str) -> tuple[Transition, ...] | None:
        """The transitions that lead there in this role, shortest first found; None when there is no way."""
        return self.paths[role, before].get(after)

    def arrival(self, status: str, role: str, event: str, *, started: bool) -> Arrival | None:
        """What reaching the status by an event means for the order, when it means anything."""
        for row in self.arrivals:
            fits_event = row.event is None or row.event == event
            fits_actor = row.by is None or role in row.by
            fits_work = row.started is None or row.started == started
            if row.status == status and fits_event and fits_actor and fits_work:
                return row
        return None
