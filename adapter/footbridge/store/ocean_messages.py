"""Messages of Ocean's sites, stored as they came; the order in which they are read, and what became of each.

=========  ==========================================================================================
received   stored, and read by nobody yet
read       its event, time and referral are known; it waits for its turn
done       processed; ``why`` says what became of it
failed     it can never be processed by itself; a person decides
dropped    a person has decided that it is not needed
=========  ==========================================================================================
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update

from footbridge.errors import ConflictError, NotFoundError
from footbridge.i18n import _
from footbridge.store.tables import Instant
from footbridge.store.tables import ocean_message as table

State = Literal["received", "read", "done", "failed", "dropped"]
LEVEL: Final = 1  # of zlib: JSON of 60 kB becomes 6 kB in half a millisecond
SHOWN = [column for column in table.c if column.name != "body"]

_ADD = insert(table)
_HERE = (table.c.tenant == bindparam("of"), table.c.partner == bindparam("at_site"))
_UNREAD = select(table).where(*_HERE, table.c.state == "received").order_by(table.c.number).limit(bindparam("most"))
_WAITING = (
    select(*SHOWN).where(*_HERE, table.c.state == "read").order_by(table.c.at, table.c.number).limit(bindparam("most"))
)
_NEWEST = select(table.c.received).where(*_HERE).order_by(table.c.number.desc()).limit(1)
_OF_REFERRAL = (*_HERE, table.c.referral == bindparam("about"), table.c.body.is_not(None))
_TAKEN = (
    select(table)
    .where(*_OF_REFERRAL, table.c.state == "done", table.c.why.in_(bindparam("whys", expanding=True)))
    .order_by(table.c.at.desc(), table.c.number.desc())
    .limit(1)
)
_TAKEN_OF = _TAKEN.where(table.c.event.in_(bindparam("events", expanding=True)))
_KNOWN = (
    select(table)
    .where(*_OF_REFERRAL, table.c.state.in_(["done", "read"]), table.c.event.in_(bindparam("events", expanding=True)))
    .order_by(table.c.at.desc(), table.c.number.desc())
    .limit(1)
)
_MARK = (
    update(table)
    .where(table.c.number == bindparam("which"))
    .values(
        state=bindparam("to"),
        why=bindparam("reason"),
        event=bindparam("said"),
        message=bindparam("id"),
        referral=bindparam("about"),
        at=bindparam("when", type_=Instant),
    )
)


@dataclass(frozen=True, slots=True)
class Label:
    """What is known of a message that was read.

    Attributes:
        event: code of its event; None where it cannot be read.
        message: its id at the site.
        referral: Ocean's reference of the referral; None where it names none.
        at: its time.
    """

    event: str | None
    message: str | None
    referral: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Received:
    """A message, with its body as it came."""

    number: int
    received: datetime
    body: bytes
    state: str
    why: str | None
    label: Label
    prescription: str | None


@dataclass(frozen=True, slots=True)
class Packed:
    """A body as it is stored, and its size before that. Pack it before the transaction, since others wait for that."""

    content: bytes
    size: int

    @classmethod
    def of(cls, body: bytes) -> "Packed":
        """Compress a body."""
        return cls(zlib.compress(body, LEVEL), len(body))


def add(connection: Connection, tenant: str, partner: str, body: Packed | bytes, now: datetime) -> None:
    """Store a message as it came."""
    packed = body if isinstance(body, Packed) else Packed.of(body)
    row = {"tenant": tenant, "partner": partner, "received": now, "size": packed.size, "state": "received"}
    connection.execute(_ADD, {**row, "body": packed.content})


def unread(connection: Connection, tenant: str, partner: str, most: int) -> list[Received]:
    """Those that nobody has read, the oldest first."""
    found = connection.execute(_UNREAD, {"of": tenant, "at_site": partner, "most": most})
    return [_received(row) for row in found]


def mark_read(connection: Connection, number: int, label: Label, state: State, why: str | None = None) -> None:
    """Write what is known of a message, and whether its turn is to come (``read``) or it is settled."""
    values = {"which": number, "to": state, "reason": why, "said": _cut(label.event, 64), "id": _cut(label.message)}
    connection.execute(_MARK, {**values, "about": _cut(label.referral), "when": label.at})


def waiting_for_turn(connection: Connection, tenant: str, partner: str, most: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Those that were read and wait for their turn, by time; rows without the body."""
    return connection.execute(_WAITING, {"of": tenant, "at_site": partner, "most": most}).all()


def get_message(connection: Connection, tenant: str, number: int) -> Received:
    """One message, with its body. Raises NotFoundError where there is none, or its body was deleted."""
    row = connection.execute(select(table).where(table.c.tenant == tenant, table.c.number == number)).one_or_none()
    if row is None or row.body is None:
        raise NotFoundError(_("There is no message {number}, or it was deleted.", number=number))
    return _received(row)


def newest_taken(
    connection: Connection,
    tenant: str,
    partner: str,
    referral: str,
    whys: Sequence[str],
    *,
    events: Sequence[str] | None = None,
) -> Received | None:
    """The newest processed message of a referral that had one of these outcomes (and events); None for none."""
    terms: dict[str, Any] = {"of": tenant, "at_site": partner, "about": referral, "whys": list(whys)}
    if events is None:
        row = connection.execute(_TAKEN, terms).one_or_none()
    else:
        row = connection.execute(_TAKEN_OF, terms | {"events": list(events)}).one_or_none()
    return None if row is None else _received(row)


def newest_of(
    connection: Connection, tenant: str, partner: str, referral: str, events: Sequence[str]
) -> Received | None:
    """The newest message of a referral that is not failed and has one of these events; None where there is none."""
    terms = {"of": tenant, "at_site": partner, "about": referral, "events": list(events)}
    row = connection.execute(_KNOWN, terms).one_or_none()
    return None if row is None else _received(row)


def settle(connection: Connection, number: int, state: State, why: str | None, prescription: str | None = None) -> None:
    """Write what became of a message."""
    values: dict[str, object] = {"state": state, "why": why}
    if prescription is not None:
        values["prescription"] = prescription
    connection.execute(update(table).where(table.c.number == number).values(values))


def link_to(connection: Connection, tenant: str, partner: str, referral: str, prescription: str) -> None:
    """Every message of a referral is about this prescription, so that it is erased with it."""
    here = (table.c.tenant == tenant, table.c.partner == partner, table.c.referral == referral)
    connection.execute(update(table).where(*here).values(prescription=prescription))


def listed(
    connection: Connection,
    tenant: str,
    *,
    partner: str | None = None,
    state: str | None = None,
    prescription: str | None = None,
    limit: int = 50,
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Messages that meet every filter, the newest first; rows without the body."""
    given = {"partner": partner, "state": state, "prescription": prescription}
    wanted = [table.c[name] == value for name, value in given.items() if value is not None]
    query = select(*SHOWN).where(table.c.tenant == tenant, *wanted).order_by(table.c.number.desc()).limit(limit)
    return connection.execute(query).all()


def failed(connection: Connection, tenant: str, limit: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Those that wait for a person, those that wait longest first; rows without the body."""
    query = select(*SHOWN).where(table.c.tenant == tenant, table.c.state == "failed")
    return connection.execute(query.order_by(table.c.number).limit(limit)).all()


def decide(connection: Connection, tenant: str, number: int, state: Literal["received", "dropped"]) -> None:
    """A person has a failed message read once more, or drops it.

    Raises NotFoundError where there is none, ConflictError for one that does not wait for a person.
    """
    found = get_message(connection, tenant, number)
    if found.state != "failed":
        raise ConflictError(_("Message {number} is {state}, not failed.", number=number, state=found.state))
    connection.execute(update(table).where(table.c.number == number).values(state=state))


def newest_received(connection: Connection, tenant: str, partner: str) -> datetime | None:
    """When the newest message of a site came; None where none did."""
    found: datetime | None = connection.scalar(_NEWEST, {"of": tenant, "at_site": partner})
    return found


def partner_of(connection: Connection, number: int) -> str:
    """The site that a message is of; empty where there is none."""
    return str(connection.scalar(select(table.c.partner).where(table.c.number == number)) or "")


def forget_site(connection: Connection, tenant: str, partner: str) -> None:
    """Delete every message of a site that is removed."""
    connection.execute(delete(table).where(table.c.tenant == tenant, table.c.partner == partner))


def _received(row: Row[*tuple[Any, ...]]) -> Received:
    label = Label(row.event, row.message, row.referral, row.at or row.received)
    body = zlib.decompress(row.body)
    return Received(row.number, row.received, body, row.state, row.why, label, row.prescription)


def _cut(text: str | None, most: int = 255) -> str | None:
    """Text that every database takes: without NUL and halves of characters, and not too long."""
    return None if text is None else text.encode("utf-8", "replace").decode().replace("\0", "")[:most]
