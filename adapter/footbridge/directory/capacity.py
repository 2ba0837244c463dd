"""What services say themselves of their free places: newer than what their source of the directory says.

A partner says it of a service of an organization that it is linked to (``directory.partners``), or a person who was
told; what was said last counts, with the name and the time, until the source says something later. The codes are those
of SDOHCC:
http://hl7.org/fhir/us/sdoh-clinicalcare/ValueSet/SDOHCC-ValueSetCapacityStatus.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from footbridge.directory.model import ServiceDocument
from footbridge.store.dialect import inserting
from footbridge.store.tables.directory import directory_capacity as table

_STATE = inserting(
    table,
    lambda statement: statement.on_conflict_do_update(
        index_elements=["tenant", "source", "service"],
        set_={name: statement.excluded[name] for name in ("partner", "at", "status", "notes")},
    ),
)


@dataclass(frozen=True, slots=True)
class Stated:
    """What a partner or a person (``partner``) said of a service; ``status``: a code of SDOHCC, ``notes``: words."""

    source: str
    service: str
    partner: str
    at: datetime
    status: str
    notes: str


def state(connection: Connection, tenant: str, said: Stated) -> None:
    """Keep what was said, in place of what was said before."""
    row = {name: getattr(said, name) for name in Stated.__slots__}
    connection.execute(_STATE[connection.dialect.name], {"tenant": tenant, **row})


def take_back(connection: Connection, tenant: str, partner: str, source: str, service: str) -> None:
    """Forget what a partner said of a service; what another said stays."""
    mine = (table.c.tenant == tenant, table.c.source == source, table.c.service == service)
    connection.execute(delete(table).where(*mine, table.c.partner == partner))


def forget(connection: Connection, tenant: str, source: str, service: str) -> None:
    """Forget what was said of a service, whoever said it: what its source says counts again."""
    connection.execute(
        delete(table).where(table.c.tenant == tenant, table.c.source == source, table.c.service == service)
    )


def take_all_back(connection: Connection, tenant: str, partner: str) -> None:
    """Forget all that a partner said."""
    connection.execute(delete(table).where(table.c.tenant == tenant, table.c.partner == partner))


def stated(
    connection: Connection, tenant: str, source: str | None = None, services: Collection[str] | None = None
) -> list[Stated]:
    """What was said, of one source and of these services only, where they are given."""
    query = select(table).where(table.c.tenant == tenant).order_by(table.c.source, table.c.service)
    if source is not None:
        query = query.where(table.c.source == source)
    if services is not None:
        query = query.where(table.c.service.in_(list(services)))
    return [Stated(*(getattr(row, name) for name in Stated.__slots__)) for row in connection.execute(query)]


def counts(said: Stated, source_said: str) -> bool:
    """Whether it is newer than what the source says, which is a day (YYYY-MM-DD) or empty."""
    return said.at.date().isoformat() >= source_said[:10]


def with_stated(found: Mapping[str, ServiceDocument], some: Collection[Stated]) -> None:
    """Put what was said into the services, in place of what the source says."""
    for one in some:
        document = found.get(one.service)
        if document is None:
            continue
        newest = max((str(row.get("updated") or "") for row in document.get("capacities", [])), default="")
        if counts(one, newest):
            said: dict[str, Any] = {"status": one.status, "updated": one.at.isoformat(), "stated_by": one.partner}
            document["capacities"] = [said | ({"description": one.notes} if one.notes else {})]
