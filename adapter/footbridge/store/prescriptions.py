"""Prescriptions as they were accepted, and how far each is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from footbridge.errors import ConflictError, NotFoundError
from footbridge.i18n import _
from footbridge.store.client_names import add_names, replace_names
from footbridge.store.dialect import unless_there
from footbridge.store.exact_json import dumps, loads
from footbridge.store.tables import prescription as table
from footbridge.store.urgency import set_urgency

_ADD = unless_there(table)
_BY_IDENTIFIER = (
    select(table)
    .where(table.c.tenant == bindparam("of"))
    .where(table.c.requester == bindparam("by"))
    .where(table.c.identifier_system == bindparam("system"), table.c.identifier_value == bindparam("value"))
)

_OF_PERSON = (table.c.tenant == bindparam("of"), table.c.person == bindparam("whom"))
_BY_REQUESTER = (*_OF_PERSON, table.c.requester == bindparam("by"))
_NEWEST_OF_PERSON = (
    select(table)
    .where(*_BY_REQUESTER, table.c.status != "entered-in-error", table.c.id != bindparam("without"))
    .order_by(table.c.authored.desc(), table.c.created.desc(), table.c.id)
    .limit(1)
)
_NEWEST_DOCUMENT = (
    select(table.c.document)
    .where(*_OF_PERSON, table.c.status != "entered-in-error")
    .order_by(table.c.authored.desc(), table.c.created.desc(), table.c.id)
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class PrescriptionRecord:
    """One prescription.

    Attributes:
        requester: the partner that it came from; empty for the tenant's own users.
        identifier_system, identifier_value: its business identifier, unique by tenant and requester.
        categories: SDOH categories of its needs.
        person: pseudonymous id of the client.
        status: waiting, active, completed, failed, cancelled or entered-in-error.
        document: JSON text of the prescription, every member, as accepted.
        fingerprint: of the document (``model.prescription.said``).
        resources: role of a resource in the mapping -> ``Type/id`` of ours.
        priority: routine, urgent, asap or stat.
    """

    id: str
    requester: str
    identifier_system: str
    identifier_value: str
    kind: str
    categories: tuple[str, ...]
    person: str
    status: str
    authored: datetime
    created: datetime
    updated: datetime
    document: str
    fingerprint: str
    resources: Mapping[str, str]
    priority: str = "routine"


def add_prescription(connection: Connection, tenant: str, record: PrescriptionRecord) -> None:
    """Store a prescription; raises ConflictError when the tenant has one with its business identifier or id."""
    added = connection.execute(_ADD[connection.dialect.name], {**_values(record), "tenant": tenant})
    if added.rowcount == 0:
        raise ConflictError(_("A prescription with this identifier exists already."))
    add_names(connection, tenant, record.id, record.document)


def get_prescription(connection: Connection, tenant: str, identity: str) -> PrescriptionRecord:
    """One prescription; raises NotFoundError."""
    row = connection.execute(select(table).where(table.c.tenant == tenant, table.c.id == identity)).one_or_none()
    if row is None:
        raise NotFoundError(_("Prescription not found."))
    return _record(row)


def find_prescription(
    connection: Connection, tenant: str, requester: str, identifier: tuple[str, str]
) -> PrescriptionRecord | None:
    """The prescription of a requester with a business identifier (system, value)."""
    system, value = identifier
    row = connection.execute(
        _BY_IDENTIFIER, {"of": tenant, "by": requester, "system": system, "value": value}
    ).one_or_none()
    return None if row is None else _record(row)


def newest_of_person(
    connection: Connection, tenant: str, person: str, requester: str, *, without: str | None = None
) -> PrescriptionRecord | None:
    """What a requester wrote last for a person (``authored``), without what was entered in error and ``without``."""
    asked = {"of": tenant, "whom": person, "by": requester, "without": without or ""}
    row = connection.execute(_NEWEST_OF_PERSON, asked).one_or_none()
    return None if row is None else _record(row)


def newest_document(connection: Connection, tenant: str, person: str) -> str | None:
    """What was written last for a person, by whatever requester (JSON text); None where there is nothing."""
    found: str | None = connection.scalar(_NEWEST_DOCUMENT, {"of": tenant, "whom": person})
    return found


def set_status(connection: Connection, tenant: str, identity: str, status: str, now: datetime) -> None:
    """Say how far a prescription is; raises NotFoundError."""
    mine = update(table).where(table.c.tenant == tenant, table.c.id == identity)
    if connection.execute(mine.values(status=status, updated=now)).rowcount == 0:
        raise NotFoundError(_("Prescription not found."))


def all_of_person(connection: Connection, tenant: str, person: str) -> list[str]:
    """Ids of a person's prescriptions, ended ones too, in the order of their writing."""
    query = select(table.c.id).where(table.c.tenant == tenant, table.c.person == person).order_by(table.c.authored)
    return list(connection.scalars(query))


def replace_document(connection: Connection, tenant: str, record: PrescriptionRecord) -> None:
    """Put an amended document in the place of the older one, with what follows from it. Raises NotFoundError."""
    names = ("person", "categories", "priority", "authored", "updated", "document", "fingerprint", "resources")
    values = {name: value for name, value in _values(record).items() if name in names}
    mine = update(table).where(table.c.tenant == tenant, table.c.id == record.id)
    if connection.execute(mine.values(**values)).rowcount == 0:
        raise NotFoundError(_("Prescription not found."))
    replace_names(connection, tenant, record.id, record.document)
    set_urgency(connection, tenant, record.id, record.priority)


def _joined(categories: Sequence[str]) -> str:
    return f"|{'|'.join(categories)}|"


def _values(record: PrescriptionRecord) -> dict[str, Any]:
    names = record.__dataclass_fields__
    values = {name: getattr(record, name) for name in names}
    return {**values, "categories": _joined(record.categories), "resources": dumps(dict(record.resources))}


def _record(row: Row[*tuple[Any, ...]]) -> PrescriptionRecord:
    values = {name: getattr(row, name) for name in PrescriptionRecord.__dataclass_fields__}
    values["categories"] = tuple(part for part in row.categories.split("|") if part)
    values["resources"] = loads(row.resources)
    return PrescriptionRecord(**values)
