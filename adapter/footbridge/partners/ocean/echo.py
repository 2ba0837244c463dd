"""Our own changes coming back: Ocean tells the receiver of every change, the receiver's own ones too.

A Bundle is compared with the one before it without what is ours: Appointments and Communications that we sent, and our
Task where it shows a status that Ocean was told. A Task of ours with another status was changed by somebody in Ocean:
one that goes back behind a status that was shown already, or differs long after the last one was told.

Ours is what has an id of ours, or, since nothing says that Ocean keeps ids, our identifier or the same content.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from footbridge.errors import FootbridgeError
from footbridge.partners.ocean.diff import Change, changes
from footbridge.partners.ocean.entries import Entry
from footbridge.partners.ocean.message import OceanMessage, read_message
from footbridge.partners.ocean.told import Told
from footbridge.uris import own_uri

DECLINED: Final = frozenset({"rejected", "cancelled", "failed"})
"""Task statuses, ours and Ocean's, that Ocean shows as Declined."""

_SETTLED: Final = timedelta(minutes=1)
"""After which Ocean shows what it was told; before, a message may have been on its way."""

_ACTIVE: Final = frozenset({"requested", "received", "accepted", "in-progress", "on-hold", "ready"})
_ENDS: Final = frozenset({"completed"})
"""Statuses that we tell and that Ocean shows as one of the ServiceRequest too."""


def foreign_changes(before: OceanMessage, now: OceanMessage, told: Told) -> tuple[Change, ...]:
    """What somebody else changed; nothing for an echo."""
    is_echo = _tasks_are_echo(before, now, told)

    def is_ours(entry: Entry) -> bool:
        return (is_echo and _is_our_task(entry, told)) or _was_sent(entry, told)

    found = changes(_without(before, is_ours), _without(now, is_ours))
    if told.state is not None and told.state.status in _ENDS | DECLINED:
        found = tuple(one for one in found if one.code not in {"status", "revoked"})
    return found


def is_reopened(before: OceanMessage, now: OceanMessage, told: Told) -> bool:
    """Whether Ocean opened a referral again that we declined or completed: another Task is active, or ours is."""
    if told.state is None or told.state.status not in DECLINED | _ENDS:
        return False
    if _count_active(now, told) > _count_active(before, told):
        return True
    ours = [status for entry, status in _tasks(now) if _is_our_task(entry, told)]
    return bool(ours) and ours[-1] in _ACTIVE and not _tasks_are_echo(before, now, told)


def may_be_reopened(now: OceanMessage, told: Told) -> bool:
    """Whether Ocean sent a referral that we declined once more, long after that, without any Task that could say why.

    A message with so little in it shows no re-open. It may be one, or only a resend: a person has to look.
    """
    if told.state is None or told.state.status not in DECLINED or told.forwarded is not None or told.at is None:
        return False
    return now.at is not None and now.at > told.at + _SETTLED and not any(True for _task in _tasks(now))


def task_statuses(message: OceanMessage) -> tuple[str, ...]:
    """Statuses of the Tasks in a message."""
    return tuple(status for _entry, status in _tasks(message))


def tokens_of(text: str | None, start: datetime | None) -> frozenset[str]:
    """What the content of something that we send is recognized by, where its id does not come back."""
    words = set() if text is None else {f"text:{hashlib.sha256(text.encode()).hexdigest()[:32]}"}
    return frozenset(words | (set() if start is None else {f"start:{start.timestamp():.0f}"}))


def ids_of(full_url: object, resource: Mapping[str, Any]) -> set[str]:
    """Every id that a resource goes by: its own, that of its fullUrl, values of its identifiers."""
    found = {resource.get("id"), str(full_url or "").rpartition(":")[2].rpartition("/")[2]}
    found |= {row.get("value") for row in _identifiers(resource)}
    return {str(one) for one in found if isinstance(one, str) and one}


def _tasks_are_echo(before: OceanMessage, now: OceanMessage, told: Told) -> bool:
    """Whether each Task of ours shows what Ocean was told."""
    statuses = [status for rows in told.statuses.values() for status in rows]
    earlier = [status for entry, status in _tasks(before) if _is_our_task(entry, told)]
    shown = [status for entry, status in _tasks(now) if _is_our_task(entry, told)]
    if not shown:
        return True
    return _is_echo(shown[-1], earlier[-1] if earlier else None, statuses, now, told)


def _is_echo(shown: str, earlier: str | None, statuses: list[str], now: OceanMessage, told: Told) -> bool:
    if shown not in statuses:
        return False
    place = len(statuses) - 1 - statuses[::-1].index(shown)
    if earlier in statuses and place < statuses.index(earlier):
        return False
    is_last = shown == statuses[-1]
    return is_last or told.at is None or now.at is None or now.at <= told.at + _SETTLED


def _count_active(message: OceanMessage, told: Told) -> int:
    return sum(status in _ACTIVE and not _is_our_task(entry, told) for entry, status in _tasks(message))


def _tasks(message: OceanMessage) -> Iterator[tuple[Entry, str]]:
    for entry in message.entries.rows:
        status = entry.resource.get("status")
        if entry.type == "Task" and isinstance(status, str):
            yield entry, status


def _is_our_task(entry: Entry, told: Told) -> bool:
    if entry.type != "Task":
        return False
    system = own_uri("NamingSystem/ocean-task")
    is_named = any(row.get("system") == system for row in _identifiers(entry.resource))
    return is_named or not told.statuses.keys().isdisjoint(ids_of(entry.full_url, entry.resource))


def _was_sent(entry: Entry, told: Told) -> bool:
    """Whether an Appointment or a Communication is ours."""
    if entry.type not in {"Appointment", "Communication"}:
        return False
    known = ids_of(entry.full_url, entry.resource) | tokens_of(None, _start(entry.resource.get("start")))
    payload = entry.resource.get("payload")
    for row in payload if isinstance(payload, list) else []:
        said = row.get("contentString") if isinstance(row, dict) else None
        known |= tokens_of(said, None) if isinstance(said, str) else frozenset()
    return not told.others.isdisjoint(known)


def _start(written: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(written))
    except ValueError:
        return None
    return None if found.tzinfo is None else found


def _identifiers(resource: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = resource.get("identifier")
    rows = found if isinstance(found, list) else [found]
    return [row for row in rows if isinstance(row, dict)]


def _without(message: OceanMessage, is_ours: Callable[[Entry], bool]) -> OceanMessage:
    """The message without these entries; the message itself where it has none of them."""
    rows = message.bundle.get("entry")
    left_out = [entry.resource for entry in message.entries.rows if is_ours(entry)]
    if not left_out or not isinstance(rows, list):
        return message
    kept = [row for row in rows if not any(row.get("resource") is one for one in left_out)]
    try:
        return read_message(orjson.dumps({**message.bundle, "entry": kept}))
    except (FootbridgeError, orjson.JSONEncodeError):
        return message
