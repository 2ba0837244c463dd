"""What can stand in the timeline: the table ``mappings/events.json``, read and checked once a process.

An event has a name, and a detail whose members the table names; ``check`` holds every event to it when it is written.
"""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from footbridge.data import read_json
from footbridge.errors import ConfigurationError
from footbridge.model.lifecycle.events import Which
from footbridge.model.lifecycle.tables import roles

MemberType = Literal["string", "code", "instant"]
Meaning = Mapping[str, str]
"""Language (``en``, ``fr``) to text."""

_TYPES = ("string", "code", "instant")
_LANGUAGES = {"en", "fr"}


@dataclass(frozen=True, slots=True)
class DetailMember:
    """A member of an event's detail.

    Attributes:
        type: of its value, or of each of its values; an instant is ISO 8601 with an offset.
        many: it holds a list.
        required: it is never missing.
        codes: its codes, where a table of ours lists them.
        table: where its codes are listed, for people; None when it holds no code.
    """

    type: MemberType
    many: bool
    required: bool
    codes: frozenset[str] | None
    table: str | None
    meaning: Meaning


@dataclass(frozen=True, slots=True)
class EventKind:
    """One name of the timeline.

    Attributes:
        meaning: what it says.
        detail: the members of its detail by name.
        seen_by: the roles that may see it; a recipient only of referrals that it is asked to do.
        written_by: the roles that it is written for.
        counted: whether measures count it.
        step: the Task and the event of the lifecycle's tables that it stands for; None for all others.
        ends_consent: whether nothing of the client may be disclosed after it.
    """

    name: str
    meaning: Meaning
    detail: Mapping[str, DetailMember]
    seen_by: frozenset[str]
    written_by: frozenset[str]
    counted: bool
    step: tuple[Which, str] | None
    ends_consent: bool


@functools.cache
def _kinds() -> Mapping[str, EventKind]:
    raw = read_json("mappings", "events.json")["events"]
    kinds = {name: _kind(name, row) for name, row in raw.items()}
    faults = [fault for kind in kinds.values() for fault in _faults(kind)]
    if faults:
        raise ConfigurationError(f"The table of events is wrong: {'; '.join(faults)}.")
    return kinds


def names() -> tuple[str, ...]:
    """Every name, in the order of the table. Raises ConfigurationError when the table contradicts itself."""
    return tuple(_kinds())


def event_kind(name: str) -> EventKind:
    """The kind of that name; raises KeyError for a name that the table does not have."""
    return _kinds()[name]


@functools.cache
def names_seen_by(role: str) -> frozenset[str]:
    """The names of the events that a role may see; none for a role that the table does not name."""
    return frozenset(name for name, kind in _kinds().items() if role in kind.seen_by)


@functools.cache
def step_name(which: Which, event: str) -> str:
    """How an event of the lifecycle's tables is named in the timeline; raises KeyError for one that is not there."""
    for name, kind in _kinds().items():
        if kind.step == (which, event):
            return name
    raise KeyError((which, event))


@functools.cache
def main_steps() -> frozenset[str]:
    """The names of the events that stand for a step of a referral's own Task."""
    return frozenset(name for name, kind in _kinds().items() if kind.step is not None and kind.step[0] == "main")


@functools.cache
def names_ending_consent() -> frozenset[str]:
    """The names of the events after which nothing of the client may be disclosed."""
    return frozenset(name for name, kind in _kinds().items() if kind.ends_consent)


def check(name: str, detail: Mapping[str, Any]) -> None:
    """Hold an event to the table. A fault is an error of ours, never a partner's or a user's.

    Raises:
        ValueError: the name is unknown, or the detail has a member too many, too few or of another type; the text
            names members, never their values.
    """
    kind = _kinds().get(name)
    if kind is None:
        raise ValueError(f"The table of events has no {name!r}.")
    unknown = sorted(detail.keys() - kind.detail.keys())
    missing = sorted(member for member, row in kind.detail.items() if row.required and member not in detail)
    wrong = sorted(
        member for member, value in detail.items() if member in kind.detail and not _fits(kind.detail[member], value)
    )
    if unknown or missing or wrong:
        raise ValueError(f"The detail of {name!r}: unknown {unknown}, missing {missing}, of another type {wrong}.")


def _fits(member: DetailMember, value: Any) -> bool:  # noqa: ANN401 - JSON is any value
    if member.many:
        return isinstance(value, list) and all(_fits_one(member, one) for one in value)
    return _fits_one(member, value)


def _fits_one(member: DetailMember, value: Any) -> bool:  # noqa: ANN401 - JSON is any value
    if not isinstance(value, str):
        return False
    if member.type == "instant":
        try:
            return datetime.fromisoformat(value).tzinfo is not None
        except ValueError:
            return False
    return member.codes is None or value in member.codes


def _kind(name: str, row: Mapping[str, Any]) -> EventKind:
    step = row.get("step")
    return EventKind(
        name=name,
        meaning=row["meaning"],
        detail={member: _member(one) for member, one in row["detail"].items()},
        seen_by=frozenset(row["seenBy"]),
        written_by=frozenset(row["writtenBy"]),
        counted=row["counted"],
        step=None if step is None else (step["which"], step["event"]),
        ends_consent=row.get("endsConsent", False),
    )


def _member(row: Mapping[str, Any]) -> DetailMember:
    pointer = row.get("codes")
    return DetailMember(
        type=row["type"],
        many=row.get("many", False),
        required=row.get("required", False),
        codes=None if pointer is None else _codes(pointer),
        table=pointer or row.get("table"),
        meaning=row["meaning"],
    )


def _codes(pointer: str) -> frozenset[str]:
    """The codes of a table: ``mappings/events.json#/codes/why``."""
    path, _, inside = pointer.partition("#/")
    try:
        found = read_json("mappings", *path.split("/")[1:])
        for member in inside.split("/"):
            found = found[member]
    except (OSError, KeyError) as error:
        raise ConfigurationError(f"The table of events points to {pointer}, which is not there.") from error
    return frozenset(found)


def _faults(kind: EventKind) -> Iterator[str]:
    for role in sorted((kind.seen_by | kind.written_by) - roles().keys()):
        yield f"{kind.name} names the unknown role {role!r}"
    for member, row in kind.detail.items():
        if row.type not in _TYPES:
            yield f"{kind.name}.{member} has the unknown type {row.type!r}"
    for meaning in (kind.meaning, *(row.meaning for row in kind.detail.values())):
        if meaning.keys() != _LANGUAGES:
            yield f"a meaning of {kind.name} lacks a language"
