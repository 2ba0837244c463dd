"""Which resources belong to a person's prescriptions, by what they refer to, in our compartment and in partners'.

What we made is known by name (``prescription.resources``, the links to partners). What came later is found here: the
outcomes that a service wrote, messages and documents. All versions count, deleted ones too. A resource that refers to
another person's Patient, and to none of this one, is never followed to.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select

from footbridge.store.tables import link
from footbridge.store.tables import resource as table

PROFESSIONAL: Final = frozenset({"HealthcareService", "Location", "Organization", "Practitioner", "PractitionerRole"})
"""Types that say nothing of a client; several prescriptions may share one."""

_BY_NAME: Final = PROFESSIONAL | {
    "Condition", "Consent", "Goal", "Patient", "RelatedPerson", "ServiceRequest", "Task",
}  # fmt: skip
_REFERENCE = re.compile(r'"reference":\s*"(?:[^"]*/)?([A-Z][A-Za-z]{1,63})/([A-Za-z0-9.-]{1,64})(?:/_history/[^"]*)?"')
_SOME = 200  # resources that one statement names


class Place(NamedTuple):
    """Where a resource is: the compartment (empty: ours), its type and id."""

    compartment: str
    type: str
    id: str


def related(connection: Connection, tenant: str, named: Collection[Place]) -> set[Place]:
    """The resources that are named, with all that was written about them.

    Professionals' records that only older versions of ours refer to are among them; whether others use them is for
    the caller to find out.
    """
    written = _written(connection, tenant)
    found = set(named)
    fresh = set(named)
    while fresh:
        forward = {one for one in _mentioned_by(connection, tenant, fresh) if _follows(one, written, found)}
        own = {one for one in found | forward if one.type not in PROFESSIONAL}
        backward = {place for place, mentions in written.items() if mentions & own}
        fresh = (forward | backward) - found
        found |= fresh
    return found


def rows_of(connection: Connection, tenant: str, places: Collection[Place]) -> Iterator[tuple[Place, int, str]]:
    """Every version of these resources that has a body: where, its number, the body."""
    wanted = sorted(places)
    columns = (table.c.compartment, table.c.type, table.c.id, table.c.version, table.c.body)
    for start in range(0, len(wanted), _SOME):
        one_of = or_(*(_is(place) for place in wanted[start : start + _SOME]))
        query = select(*columns).where(table.c.tenant == tenant, one_of, table.c.body != "")
        for row in connection.execute(query.order_by(*columns[:4])):
            yield Place(row.compartment, row.type, row.id), row.version, row.body


def _is(place: Place) -> ColumnElement[bool]:
    return and_(table.c.compartment == place.compartment, table.c.type == place.type, table.c.id == place.id)


def _written(connection: Connection, tenant: str) -> Mapping[Place, set[Place]]:
    """What refers to what, of all resources that we do not know by name.

    Those of the types that we make, too, are not known by name where a requester wrote them itself in its compartment.
    """
    at = (link.c.tenant == table.c.tenant, link.c.partner == table.c.compartment)
    linked = exists().where(*at, link.c.type == table.c.type, link.c.remote_id == table.c.id)
    by_itself = and_(table.c.compartment != "", table.c.type.not_in(sorted(PROFESSIONAL)), ~linked)
    query = select(table.c.compartment, table.c.type, table.c.id, table.c.body).where(
        table.c.tenant == tenant, or_(table.c.type.not_in(sorted(_BY_NAME)), by_itself), table.c.body != ""
    )
    found: dict[Place, set[Place]] = {}
    for row in connection.execute(query.execution_options(yield_per=1000)):
        mentions = found.setdefault(Place(row.compartment, row.type, row.id), set())
        mentions |= _mentions(row.compartment, row.body)
    return found


def _mentioned_by(connection: Connection, tenant: str, places: Collection[Place]) -> set[Place]:
    followed = [place for place in places if place.type not in PROFESSIONAL]
    rows = rows_of(connection, tenant, followed)
    return {one for place, _, body in rows for one in _mentions(place.compartment, body)}


def _follows(place: Place, written: Mapping[Place, set[Place]], found: Collection[Place]) -> bool:
    """Whether what refers to this resource leads to it: an outcome that is nobody else's, a record of our own map."""
    if place in written:
        patients = {one for one in written[place] if one.type == "Patient"}
        return not patients or bool(patients & set(found))
    return not place.compartment and place.type in PROFESSIONAL - {"Organization"}


def _mentions(compartment: str, body: str) -> set[Place]:
    return {Place(compartment, match[1], match[2]) for match in _REFERENCE.finditer(body)}
