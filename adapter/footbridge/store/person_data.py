"""What is held on a person: found by an identifier or a pseudonymous id, and named row by row.

``held_on`` names all of a person; ``held_for`` names what belongs to some prescriptions only, and of the person as much
as no other prescription needs.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, Row, select, tuple_

from footbridge.store.exact_json import loads
from footbridge.store.mentions import Place, related
from footbridge.store.patient_ids import find_person
from footbridge.store.tables import client, former_link, link, prescription, referral
from footbridge.store.tables import person as persons

SOME = 500
"""Rows that one statement names at most."""


@dataclass(frozen=True, slots=True)
class Held:
    """What is held.

    Attributes:
        tenant: whose data they are.
        persons: ids of the persons of whom nothing else is held: their identifiers belong to it.
        clients: (person, requester) of whom no other prescription is held.
        prescriptions, referrals: their ids.
        places: resources, in our compartment and in partners'.
        shared: further ones that other prescriptions need as well: a service, a professional.
    """

    tenant: str
    persons: frozenset[str] = frozenset()
    clients: frozenset[tuple[str, str]] = frozenset()
    prescriptions: tuple[str, ...] = ()
    referrals: tuple[str, ...] = ()
    places: frozenset[Place] = field(default_factory=frozenset)
    shared: frozenset[Place] = field(default_factory=frozenset)

    @property
    def ours(self) -> list[tuple[str, str]]:
        """Type and id of the resources in our compartment."""
        return sorted((one.type, one.id) for one in self.places if not one.compartment)


def find_by_identifier(connection: Connection, tenant: str, system: str, value: str) -> str | None:
    """The id of the person with this identifier; None when nobody has it."""
    return find_person(connection, tenant, [(system, value)])


def find_by_id(connection: Connection, tenant: str, identity: str) -> str | None:
    """The person of a pseudonymous id: its own, that of its Patient at a requester, or one of its prescriptions."""
    queries = (
        select(prescription.c.person).where(prescription.c.tenant == tenant, prescription.c.id == identity),
        select(client.c.person).where(client.c.tenant == tenant, client.c.patient == identity),
        select(client.c.person).where(client.c.tenant == tenant, client.c.person == identity),
        select(persons.c.person).where(persons.c.tenant == tenant, persons.c.person == identity),
        select(prescription.c.person).where(prescription.c.tenant == tenant, prescription.c.person == identity),
    )
    return next((str(found) for query in queries if (found := connection.scalar(query.limit(1)))), None)


def held_on(connection: Connection, tenant: str, person: str) -> Held:
    """Everything that a tenant holds on a person."""
    query = select(prescription.c.id).where(prescription.c.tenant == tenant, prescription.c.person == person)
    mine = connection.scalars(query.order_by(prescription.c.created, prescription.c.id)).all()
    return _held(connection, tenant, mine, {person})


def held_for(connection: Connection, tenant: str, prescriptions: Sequence[str]) -> Held:
    """What a tenant holds for these prescriptions and for no other."""
    return _held(connection, tenant, prescriptions, set())


def _held(connection: Connection, tenant: str, mine: Sequence[str], whole: Collection[str]) -> Held:
    rows = _rows(connection, tenant, mine)
    asked = _referrals(connection, tenant, mine)
    others = _others(connection, tenant, {row.person for row in rows} - set(whole))
    left = {(one.person, one.requester) for one in others if one.id not in set(mine)}
    needed = {person for person, _ in left}
    gone = ({row.person for row in rows} | set(whole)) - needed
    known = _clients(connection, tenant, {row.person for row in rows} | set(whole))
    named = {tuple(reference.split("/", 1)) for row in rows for reference in loads(row.resources).values()}
    named |= {("Task", row.task) for row in asked}
    named |= {("ServiceRequest", row.service_request) for row in asked if row.service_request is not None}
    places, shared = _places(connection, tenant, mine, named)
    return Held(
        tenant=tenant,
        persons=frozenset(gone),
        clients=frozenset(
            (one.person, one.requester)
            for one in known
            if one.person in gone or ((one.person, one.requester) not in left and one.contact != "prohibited")
        ),
        prescriptions=tuple(mine),
        referrals=tuple(row.id for row in asked),
        places=frozenset(places),
        shared=frozenset(shared),
    )


def _places(
    connection: Connection, tenant: str, mine: Sequence[str], named: Collection[tuple[str, ...]]
) -> tuple[set[Place], set[Place]]:
    """The resources of these names, what was written about them, their copies in partners' compartments; the shared."""
    used = _in_use(connection, tenant, mine)
    known = {Place("", kind, identity) for kind, identity in named}
    free = known - used
    found = related(connection, tenant, free | _copies(connection, tenant, free))
    ours = {one for one in found if not one.compartment} - used
    places = {one for one in found if one.compartment} | ours | _copies(connection, tenant, ours)
    shared = (known | {one for one in found if not one.compartment}) & used
    return places, shared | _copies(connection, tenant, shared)


def _in_use(connection: Connection, tenant: str, mine: Collection[str]) -> set[Place]:
    """What other prescriptions' maps name: a service, a professional, the same client."""
    own = set(mine)
    query = select(prescription.c.id, prescription.c.resources).where(prescription.c.tenant == tenant)
    rows = connection.execute(query.execution_options(yield_per=1000))
    return {
        Place("", *reference.split("/", 1))
        for row in rows
        if row.id not in own
        for reference in loads(row.resources).values()
    }


def _copies(connection: Connection, tenant: str, ours: Collection[Place]) -> set[Place]:
    """Where partners have, or had, these resources of ours; of a server of their own no compartment has any."""
    keys = sorted((one.type, one.id) for one in ours)
    found: set[Place] = set()
    for start in range(0, len(keys), SOME):
        for table in (link, former_link):
            some = tuple_(table.c.type, table.c.id).in_(keys[start : start + SOME])
            query = select(table.c.partner, table.c.type, table.c.remote_id).where(table.c.tenant == tenant, some)
            found |= {Place(*row) for row in connection.execute(query)}
    return found


def _rows(connection: Connection, tenant: str, mine: Sequence[str]) -> list[Row[*tuple[object, ...]]]:
    columns = (prescription.c.id, prescription.c.person, prescription.c.requester, prescription.c.resources)
    return [
        row
        for start in range(0, len(mine), SOME)
        for row in connection.execute(
            select(*columns).where(prescription.c.tenant == tenant, prescription.c.id.in_(mine[start : start + SOME]))
        )
    ]


def _referrals(connection: Connection, tenant: str, mine: Sequence[str]) -> list[Row[*tuple[object, ...]]]:
    columns = (referral.c.id, referral.c.task, referral.c.service_request)
    return [
        row
        for start in range(0, len(mine), SOME)
        for row in connection.execute(
            select(*columns)
            .where(referral.c.tenant == tenant, referral.c.prescription.in_(mine[start : start + SOME]))
            .order_by(referral.c.id)
        )
    ]


def _others(connection: Connection, tenant: str, of: Collection[str]) -> list[Row[*tuple[object, ...]]]:
    columns = (prescription.c.id, prescription.c.person, prescription.c.requester)
    query = select(*columns).where(prescription.c.tenant == tenant, prescription.c.person.in_(sorted(of)))
    return list(connection.execute(query)) if of else []


def _clients(connection: Connection, tenant: str, of: Collection[str]) -> list[Row[*tuple[object, ...]]]:
    columns = (client.c.person, client.c.requester, client.c.contact)
    return list(connection.execute(select(*columns).where(client.c.tenant == tenant, client.c.person.in_(sorted(of)))))
