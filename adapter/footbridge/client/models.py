"""The shapes of answers: JSON as it comes, typed. ``docs/openapi.yaml`` describes each member.

Instants are text in UTC, such as ``2026-11-02T14:40:00.000Z``. A member that a later version adds is there as well.
"""

from typing import Any, TypedDict

Json = dict[str, Any]


class Identifier(TypedDict):
    """A business identifier."""

    system: str
    value: str


class ReceiptWarning(TypedDict):
    """What a person should look at."""

    rule: str
    severity: str
    pointer: str
    message: str


class Receipt(TypedDict):
    """What is answered when a prescription is taken in."""

    id: str
    status: str
    warnings: list[ReceiptWarning]


class Summary(TypedDict):
    """A prescription in a list."""

    id: str
    identifier: Identifier
    kind: str
    status: str
    categories: list[str]
    authored: str
    created: str
    updated: str


class Task(TypedDict):
    """What the Task of a referral says."""

    status: str
    statusReason: str | None
    businessStatus: str | None


class Referral(TypedDict):
    """One try, or one part, of what was asked."""

    id: str
    parent: str | None
    attempt: int
    partner: str | None
    machine: str
    category: str | None
    task: Task
    serviceRequest: Json | None
    due: str | None
    ended: str | None
    allowed: list[str]


class Goal(TypedDict):
    """A goal as it stands."""

    description: str
    lifecycleStatus: str
    achievementStatus: str | None


class Prescription(Summary):
    """One prescription and how far it is; ``prescription`` is the document."""

    prescription: Json
    referrals: list[Referral]
    goals: list[Goal]
    followUp: Json | None


class Event(TypedDict):
    """An event of the timeline; ``docs/reference/events.md`` has the names and what ``detail`` holds."""

    number: int
    name: str
    referral: str | None
    attempt: int | None
    partner: str | None
    answer: str | None
    before: str | None
    after: str | None
    inferred: bool
    actor: str
    role: str
    source: str
    at: str
    recorded: str
    reason: str | None
    detail: Json


class About(TypedDict):
    """The prescription that an event is about."""

    id: str
    identifier: Identifier
    status: str


class Change(Event):
    """An event, and the prescription that it is about."""

    prescription: About


class ChangePage(TypedDict):
    """Changes, and the cursor to send the next time."""

    changes: list[Change]
    next: str


class Waiting(TypedDict):
    """A referral that waits for a person."""

    prescription: About
    referral: str
    parent: str | None
    attempt: int
    partner: str | None
    category: str | None
    status: str
    why: str
    since: str
