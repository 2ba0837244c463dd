"""Which partners receive referrals for an organization of the directory, and in which order they are asked.

A partner is linked to an organization by ``footbridge partner set NAME --organization SOURCE:ID``. Where several are,
the order of their networks decides (``mappings/directory/routing.json``); a network that receives nothing is left out.
"""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, select

from footbridge.data import read_json
from footbridge.directory.capacity import take_all_back
from footbridge.directory.importing.assembly import documents
from footbridge.directory.lookup import find_organization
from footbridge.directory.model import ServiceDocument
from footbridge.directory.shown_once import shown_with
from footbridge.directory.sources import current_imports
from footbridge.errors import NotFoundError
from footbridge.i18n import _
from footbridge.store.dialect import unless_there
from footbridge.store.partners import Partner
from footbridge.store.tables.directory import directory_partner as table
from footbridge.store.tables.directory import directory_record as record

_LINK = unless_there(table)
_READ = 200  # services that are read at once


@functools.cache
def routing() -> Mapping[str, Any]:
    """``mappings/directory/routing.json``: ``order`` (who is asked), ``networks`` (in which order)."""
    found: Mapping[str, Any] = read_json("mappings", "directory", "routing.json")
    return found


def receives(partner: Partner) -> bool:
    """Whether a partner's network can receive a referral."""
    return partner.role == "recipient" and partner.network in routing()["networks"]


def link(connection: Connection, tenant: str, partner: str, reference: str) -> str:
    """Link a partner to an organization (our id, or ``SOURCE:ID``); returns ``SOURCE:ID``.

    Raises NotFoundError when the directory has no such organization.
    """
    found = find_organization(connection, tenant, reference)
    if found is None:
        raise NotFoundError(
            _(
                "The directory has no organization {reference!r}: write SOURCE:ID; `footbridge directory "
                "show` shows it.",
                reference=reference,
            )
        )
    source, key, native = found
    row = {"tenant": tenant, "source": source, "organization": key, "native_id": native, "partner": partner}
    connection.execute(_LINK[connection.dialect.name], row)
    return f"{source}:{native}"


def unlink(connection: Connection, tenant: str, partner: str) -> int:
    """Take all organizations from a partner, and what it said of their services; returns how many there were."""
    take_all_back(connection, tenant, partner)
    mine = (table.c.tenant == tenant, table.c.partner == partner)
    return connection.execute(delete(table).where(*mine)).rowcount


def organizations_of(connection: Connection, tenant: str, partner: str) -> list[str]:
    """The organizations that a partner receives referrals for, as ``SOURCE:ID``."""
    rows = connection.execute(
        select(table.c.source, table.c.native_id)
        .where(table.c.tenant == tenant, table.c.partner == partner)
        .order_by(table.c.source, table.c.native_id)
    )
    return [f"{row.source}:{row.native_id}" for row in rows]


def services_of(connection: Connection, tenant: str, partner: str) -> list[ServiceDocument]:
    """The services of the organizations that a partner is linked to, as they are shown, by source and id."""
    linked = connection.execute(
        select(table.c.source, table.c.organization).where(table.c.tenant == tenant, table.c.partner == partner)
    ).all()
    numbers = current_imports(connection, tenant)
    found: dict[tuple[str, str], ServiceDocument] = {}
    for source in {row.source for row in linked if row.source in numbers}:
        owners = [row.organization for row in linked if row.source == source]
        rows = select(record.c.id).where(record.c.tenant == tenant, record.c.source == source)
        rows = rows.where(record.c.kind == "service", record.c.organization.in_(owners)).distinct()
        ids = connection.scalars(rows).all()
        for start in range(0, len(ids), _READ):
            some = documents(connection, tenant, source, numbers[source], ids[start : start + _READ])
            found |= {(source, key): one for key, one in some.items()}
    return [found[key] for key in sorted(found)]


def partners_of(
    connection: Connection, tenant: str, service: ServiceDocument, known: Mapping[str, Partner]
) -> Sequence[str]:
    """The partners that receive referrals for a service's organization, those that are asked first first.

    Where several sources have the service, a partner of any of these organizations receives them (``shown_once``).
    """
    return partners_of_each(connection, tenant, [service], known)[service["id"]]


def partners_of_each(
    connection: Connection, tenant: str, services: Sequence[ServiceDocument], known: Mapping[str, Partner]
) -> dict[str, Sequence[str]]:
    """The same of several services, by the id of each, in as few statements as of one."""
    records = shown_with(connection, tenant, services)
    owners = {
        one["id"]: [(it["source"], it["organization"]["id"]) for it in records[one["id"]] if it.get("organization")]
        for one in services
    }
    every = {owner for some in owners.values() for owner in some}
    linked: dict[tuple[str, str], list[Partner]] = {}
    if every:
        rows = connection.execute(
            select(table.c.source, table.c.organization, table.c.partner).where(
                table.c.tenant == tenant,
                table.c.source.in_({source for source, _owner in every}),
                table.c.organization.in_({owner for _source, owner in every}),
            )
        )
        for source, owner, name in rows:
            if name in known and receives(known[name]):
                linked.setdefault((source, owner), []).append(known[name])
    order = {name: place for place, name in enumerate(routing()["networks"])}
    found: dict[str, Sequence[str]] = {}
    for one in services:
        able = {it.name: it for owner in owners[one["id"]] for it in linked.get(owner, ())}
        found[one["id"]] = sorted(able, key=lambda name: (order[able[name].network], name))
    return found
