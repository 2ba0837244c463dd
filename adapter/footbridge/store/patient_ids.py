"""The pseudonymous id of a client, by the identifiers that the client's own record gives."""

import uuid
from collections.abc import Collection, Sequence

from sqlalchemy import Connection, bindparam, select, tuple_, update

from footbridge.store.dialect import unless_there
from footbridge.store.tables import person as table

Identifiers = Sequence[tuple[str, str]]
"""Pairs of system and value, the weightiest first."""

_KNOWN = select(table.c.system, table.c.value, table.c.person).where(
    table.c.tenant == bindparam("of"),
    tuple_(table.c.system, table.c.value).in_(bindparam("pairs", expanding=True)),
)
_LEARN = unless_there(table)


def known_persons(connection: Connection, tenant: str, identifiers: Identifiers) -> dict[tuple[str, str], str]:
    """The ids of the people with these identifiers, by identifier."""
    return _known(connection, tenant, identifiers) if identifiers else {}


def find_person(connection: Connection, tenant: str, identifiers: Identifiers) -> str | None:
    """The id of the person with any of these identifiers, the first that is known; None when none is."""
    known = known_persons(connection, tenant, identifiers)
    return next((known[pair] for pair in identifiers if pair in known), None)


def person_of(
    connection: Connection,
    tenant: str,
    identifiers: Identifiers,
    fresh: str | None = None,
    others: Collection[str] = (),
) -> str:
    """The id of the person with any of these identifiers, made when none is known; the others are learned.

    Where they belong to several persons the first identifier that is known decides, and nothing is merged: that is
    for people to decide. Two callers at once get the same id. Call it before resources are written, since it may wait
    for another transaction that knows the same person. ``fresh`` is the id of a person who is new, ``others`` are
    people whom an identifier names, and who it is not: such an identifier stays theirs.
    """
    fresh = fresh or str(uuid.uuid4())
    if others:
        theirs = _known(connection, tenant, identifiers)
        identifiers = [pair for pair in identifiers if theirs.get(pair) not in others]
    if not identifiers:
        return fresh
    known = _known(connection, tenant, identifiers)
    if len(known) == len(set(identifiers)):
        return known[identifiers[0]]
    chosen = next((known[pair] for pair in identifiers if pair in known), fresh)
    learned = _learn(connection, tenant, {pair for pair in identifiers if pair not in known}, chosen)
    if learned or chosen != fresh:
        return chosen
    settled = _known(connection, tenant, identifiers)
    found = next((settled[pair] for pair in identifiers if settled[pair] != fresh), fresh)
    if found != fresh:  # another caller was first with one of them: the rest joins that person
        connection.execute(update(table).where(table.c.tenant == tenant, table.c.person == fresh).values(person=found))
    return found


def _learn(connection: Connection, tenant: str, identifiers: set[tuple[str, str]], person: str) -> bool:
    """Whether every one of them was free."""
    made = 0
    for system, value in sorted(identifiers):  # in one order, so that two callers do not block each other
        row = {"tenant": tenant, "system": system, "value": value, "person": person}
        made += connection.execute(_LEARN[connection.dialect.name], row).rowcount
    return made == len(identifiers)


def _known(connection: Connection, tenant: str, identifiers: Identifiers) -> dict[tuple[str, str], str]:
    rows = connection.execute(_KNOWN, {"of": tenant, "pairs": list(identifiers)})
    return {(row.system, row.value): row.person for row in rows}
