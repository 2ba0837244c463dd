"""What each requester knows of a person: under which pseudonym, and whether the person may be contacted.

A person is one for the whole tenant (``store.patient_ids``), but what is known of them is kept per requester: contacts
that one medical record gave never reach a service that another one asked. So each requester's resources have a Patient
of their own. Whether contact is safe holds for the person, whoever said that it is not: a word of one requester is
lifted by a later word of the same one, or by a person (``lift``), never by silence.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, bindparam, delete, exists, or_, select, update

from footbridge.store.dialect import Insert, inserting
from footbridge.store.tables import Instant
from footbridge.store.tables import client as table

Contact = Literal["allowed", "prohibited"]

_ONE = (table.c.tenant == bindparam("of"), table.c.person == bindparam("whom"))
_ALL = select(table).where(*_ONE)
_FIND = _ALL.where(table.c.requester == bindparam("by"))
_PROHIBITED = select(exists().where(*_ONE, table.c.contact == "prohibited"))


def _newer(statement: Insert) -> Insert:
    known = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["tenant", "person", "requester"],
        set_={"contact": known.contact, "said": known.said},
        where=or_(table.c.contact.is_(None), table.c.said <= known.said),
    )


_SAY = inserting(table, _newer)
_KNOW = inserting(table, lambda statement: statement.on_conflict_do_nothing())
_LIFT = (
    update(table)
    .where(*_ONE, table.c.contact == "prohibited")
    .values(contact="allowed", said=bindparam("at", type_=Instant))
)


@dataclass(frozen=True, slots=True)
class KnownClient:
    """A person as one requester knows them.

    Attributes:
        patient: the pseudonymous id in this requester's resources.
        contact: what it said last of contact; None when it never said.
        said: when the prescription that says so was written.
    """

    patient: str
    contact: Contact | None = None
    said: datetime | None = None


ByRequester = Mapping[str, KnownClient]
"""What each requester knows of one person."""


def pseudonym(person: str, requester: str) -> str:
    """The id of a person in a requester's resources, when that requester names the person for the first time."""
    return str(uuid.uuid5(uuid.UUID(person), f"requester/{requester}"))


def find_client(connection: Connection, tenant: str, person: str, requester: str) -> KnownClient | None:
    """What a requester knows of a person; None before its first prescription."""
    row = connection.execute(_FIND, {"of": tenant, "whom": person, "by": requester}).one_or_none()
    return None if row is None else KnownClient(row.patient, row.contact, row.said)


def find_clients(connection: Connection, tenant: str, person: str) -> ByRequester:
    """What every requester knows of a person; empty before the first prescription."""
    rows = connection.execute(_ALL, {"of": tenant, "whom": person})
    return {row.requester: KnownClient(row.patient, row.contact, row.said) for row in rows}


def put_client(connection: Connection, tenant: str, person: str, requester: str, known: KnownClient) -> None:
    """Store what a requester says of a person; of two words on contact the later written one stays."""
    row = {"tenant": tenant, "person": person, "requester": requester, "patient": known.patient}
    said = {"contact": known.contact, "said": None if known.contact is None else known.said}  # silence has no time
    statement = _KNOW if known.contact is None else _SAY
    connection.execute(statement[connection.dialect.name], row | said)


def forget_client(connection: Connection, tenant: str, person: str, requester: str) -> None:
    """Drop what a requester said of a person; of use where that person turns out to be another one."""
    mine = (table.c.tenant == tenant, table.c.person == person, table.c.requester == requester)
    connection.execute(delete(table).where(*mine))


def is_contact_prohibited(connection: Connection, tenant: str, person: str) -> bool:
    """Whether anybody in the tenant said that the person must not be contacted, and has not lifted it."""
    return bool(connection.scalar(_PROHIBITED, {"of": tenant, "whom": person}))


def prohibited_since(known: ByRequester) -> datetime | None:
    """When the newest word was written that prohibits contact with the person; None while it is allowed."""
    return max(_prohibitions(known).values(), default=None)


def stays_prohibited(known: ByRequester, requester: str, said: KnownClient) -> bool:
    """Whether contact would be prohibited after a requester has said this, too."""
    if said.contact == "prohibited":
        return True
    lifted = said.said if said.contact == "allowed" else None
    return any(by != requester or lifted is None or at > lifted for by, at in _prohibitions(known).items())


def _prohibitions(known: ByRequester) -> dict[str, datetime]:
    return {
        by: client.said for by, client in known.items() if client.contact == "prohibited" and client.said is not None
    }


def lift(connection: Connection, tenant: str, person: str, at: datetime) -> int:
    """A person decided that contact is safe again, whoever prohibited it; returns how many words that lifts."""
    return connection.execute(_LIFT, {"of": tenant, "whom": person, "at": at}).rowcount
