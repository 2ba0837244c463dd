"""The pseudonymous id of a client, by the identifiers that the client's own record gives."""

import uuid
from collections.abc import Sequence

from sqlalchemy import Connection, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from footbridge.store.tables import person as table

Identifiers = Sequence[tuple[str, str]]
"""Pairs of system and value, the weightiest first."""


def find_person(connection: Connection, tenant: str, identifiers: Identifiers) -> str | None:
    """The id of the person with any of these identifiers, the first that is known; None when none is."""
    known = _known(connection, tenant, identifiers) if identifiers else {}
    return next((known[pair] for pair in identifiers if pair in known), None)


def person_of(connection: Connection, tenant: str, identifiers: Identifiers, fresh: str | None = None) -> str:
    """The id of the person with any of these identifiers, made when none is known; the others are learned.

    Where they belong to several persons the first identifier that is known decides, and nothing is merged: that is
    for people to decide. Two callers at once get the same id. Call it before resources are written, since it may wait
    for another transaction that knows the same person. ``fresh`` is the id of a person who is new.
    """
    fresh = fresh or str(uuid.uuid4())
    if not identifiers:
        return fresh
    known = _known(connection, tenant, identifiers)
    if len(known) == len(set(identifiers)):
        return known[identifiers[0]]
    chosen = next((known[pair] for pair in identifiers if pair in known), fresh)
    _learn(connection, tenant, [pair for pair in identifiers if pair not in known], chosen)
    if chosen != fresh:
        return chosen
    settled = _known(connection, tenant, identifiers)
    found = next((settled[pair] for pair in identifiers if settled[pair] != fresh), fresh)
    if found != fresh:  # another caller was first with one of them: the rest joins that person
        connection.execute(update(table).where(table.c.tenant == tenant, table.c.person == fresh).values(person=found))
    return found


def _learn(connection: Connection, tenant: str, identifiers: Identifiers, person: str) -> None:
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    rows = [
        {"tenant": tenant, "system": system, "value": value, "person": person}
        for system, value in sorted(set(identifiers))  # in one order, so that two callers do not block each other
    ]
    connection.execute(insert(table).values(rows).on_conflict_do_nothing())


def _known(connection: Connection, tenant: str, identifiers: Identifiers) -> dict[tuple[str, str], str]:
    query = select(table).where(table.c.tenant == tenant, tuple_(table.c.system, table.c.value).in_(list(identifiers)))
    return {(row.system, row.value): row.person for row in connection.execute(query)}
