"""Rows of the audit: who read, searched and wrote what, and who logged on.

Nothing in a row names a client: patients are ids in a compartment, and an erasure replaces even these
(``erase_patients``). Rows stay when the person is erased, for those who had access answer for it.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, and_, insert, or_, select, tuple_, update

from footbridge.store.dialect import insert_many, insert_numbered
from footbridge.store.exact_json import loads
from footbridge.store.fhir_dates import stamp
from footbridge.store.person_data import find_by_id, find_by_identifier
from footbridge.store.tables import audit_event, audit_patient, former_link, link, prescription

OF_THE_API: Final = "prescription"
"""In place of a resource type: a prescription, as the API shows it."""
_SOME: Final = 200

Place = tuple[str, str]
"""A compartment and the id of a Patient in it."""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One access, as it is stored; members as the columns of ``store.tables.audit``.

    Attributes:
        patients: (compartment, id) of the Patients that it was about.
        prescriptions: ids of prescriptions whose Patients it was about, where those are not known yet.
    """

    tenant: str
    recorded: datetime
    interaction: str
    status: int
    actor: str
    role: str
    channel: str
    partner: str | None = None
    address: str | None = None
    request: str | None = None
    compartment: str = ""
    type: str | None = None
    resource: str | None = None
    version: str | None = None
    query: str | None = None
    count: int | None = None
    patients: tuple[Place, ...] = ()
    prescriptions: tuple[str, ...] = ()
    id: int | None = None


_COLUMNS: Final = tuple(column.name for column in audit_event.columns if column.name != "id")


def add_rows(connection: Connection, rows: Sequence[AuditRow]) -> None:
    """Store accesses, in the caller's transaction."""
    if not rows:
        return
    numbers = _numbers(connection, rows)
    known = _patients_of(connection, {(row.tenant, one) for row in rows for one in row.prescriptions})
    patients = [
        (number, row.tenant, compartment, patient)
        for number, row in zip(numbers, rows, strict=True)
        for compartment, patient in dict.fromkeys(
            [*row.patients, *(known[row.tenant, one] for one in row.prescriptions if (row.tenant, one) in known)]
        )
    ]
    insert_many(connection, audit_patient, patients)


def _numbers(connection: Connection, rows: Sequence[AuditRow]) -> Sequence[int]:
    """Store the rows without their Patients; returns the number of each.

    SQLite numbers the rows of one statement in their order; SQLAlchemy would send it one statement for each row.
    """
    if connection.dialect.name == "sqlite":
        return insert_numbered(connection, audit_event, [_values(row) for row in rows])
    values = [{name: getattr(row, name) for name in _COLUMNS} for row in rows]
    made = insert(audit_event).returning(audit_event.c.id, sort_by_parameter_order=True)
    return connection.scalars(made, values).all()


def _values(row: AuditRow) -> tuple[Any, ...]:
    """The values of the columns but the number, as the driver takes them."""
    return tuple(stamp(row.recorded) if name == "recorded" else getattr(row, name) for name in _COLUMNS)


@dataclass(frozen=True, slots=True)
class WantedRows:
    """Which accesses are wanted.

    Attributes:
        patients: about any of these; None: about anybody and nobody.
        since: recorded from then on.
        until: recorded before then.
        before: of a smaller number than this.
        only: the one of this number.
        limit: how many at most.
    """

    patients: Collection[Place] | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None
    only: int | None = None
    limit: int = 100


def list_rows(connection: Connection, tenant: str, wanted: WantedRows) -> list[AuditRow]:
    """Accesses of a tenant's data, the newest first."""
    query = select(audit_event).where(audit_event.c.tenant == tenant)
    if wanted.patients is not None:
        about = select(audit_patient.c.event).where(_about(tenant, wanted.patients))
        query = query.where(audit_event.c.id.in_(about))
    if wanted.since is not None:
        query = query.where(audit_event.c.recorded >= wanted.since)
    if wanted.until is not None:
        query = query.where(audit_event.c.recorded < wanted.until)
    if wanted.before is not None:
        query = query.where(audit_event.c.id < wanted.before)
    if wanted.only is not None:
        query = query.where(audit_event.c.id == wanted.only)
    rows = connection.execute(query.order_by(audit_event.c.id.desc()).limit(wanted.limit)).all()
    mentioned = select(audit_patient).where(audit_patient.c.event.in_([row.id for row in rows]))
    found: dict[int, list[Place]] = {}
    for row in connection.execute(mentioned.order_by(audit_patient.c.compartment, audit_patient.c.patient)):
        found.setdefault(row.event, []).append((row.compartment, row.patient))
    return [_row(row, tuple(found.get(row.id, ()))) for row in rows]


def places_of(connection: Connection, tenant: str, person: str) -> set[Place]:
    """Every Patient that stands for a person: with us, by requester, and in partners' compartments."""
    mine = select(prescription.c.resources).where(prescription.c.tenant == tenant, prescription.c.person == person)
    ours = {patient for text in connection.scalars(mine) if (patient := _patient_in(text)) is not None}
    places = {("", one) for one in ours}
    for table in (link, former_link):
        query = select(table.c.partner, table.c.remote_id).where(
            table.c.tenant == tenant, table.c.type == "Patient", table.c.id.in_(sorted(ours))
        )
        places |= {(row.partner, row.remote_id) for row in connection.execute(query)}
    return places


def find_places(connection: Connection, tenant: str, said: str) -> set[Place]:
    """The Patients meant by an identifier (``SYSTEM|VALUE``) or by any pseudonymous id, also of one that is erased."""
    system, bar, value = said.rpartition("|")
    if bar:
        person = find_by_identifier(connection, tenant, system, value)
        return set() if person is None else places_of(connection, tenant, person)
    identity = said.removeprefix("Patient/")
    person = find_by_id(connection, tenant, identity)
    query = select(audit_patient.c.compartment).where(
        audit_patient.c.tenant == tenant, audit_patient.c.patient == identity
    )
    noted = {(str(one), identity) for one in connection.scalars(query.distinct())}
    return noted | (set() if person is None else places_of(connection, tenant, person))


def erase_patients(connection: Connection, tenant: str, places: Collection[Place]) -> int:
    """Replace Patients that are erased by ids made at random; ids of resources about them go. Returns how many rows.

    A Patient of ours and its copies in compartments get one id, so that what was done with the records of one person
    can still be seen together; it leads to nobody. Call it before the links to the copies go.
    """
    pseudonyms = _pseudonyms(connection, tenant, places)
    count = 0
    known = sorted(places)
    for start in range(0, len(known), _SOME):
        about = _about(tenant, known[start : start + _SOME])
        events = list(connection.scalars(select(audit_patient.c.event).where(about).distinct()))
        for first in range(0, len(events), _SOME):
            some = events[first : first + _SOME]
            mine = (audit_event.c.id.in_(some), or_(audit_event.c.type.is_(None), audit_event.c.type != OF_THE_API))
            connection.execute(update(audit_event).where(*mine).values(resource=None, version=None))
        count += _replace(connection, about, pseudonyms)
    return count


def _pseudonyms(connection: Connection, tenant: str, places: Collection[Place]) -> dict[Place, str]:
    """The id that replaces each Patient."""
    ours = sorted(identity for compartment, identity in places if not compartment)
    owners = {("", identity): identity for identity in ours}
    for start in range(0, len(ours), _SOME):
        for table in (link, former_link):
            query = select(table.c.partner, table.c.remote_id, table.c.id).where(
                table.c.tenant == tenant, table.c.type == "Patient", table.c.id.in_(ours[start : start + _SOME])
            )
            owners |= {(row.partner, row.remote_id): row.id for row in connection.execute(query)}
    made: dict[str, str] = {}
    return {
        place: made.setdefault(owners.get(place, "/".join(place)), f"erased-{uuid.uuid4()}") for place in sorted(places)
    }


def _replace(connection: Connection, about: Any, pseudonyms: Mapping[Place, str]) -> int:  # noqa: ANN401 - a condition
    """Of Patients that get the same id in one event and compartment one row stays."""
    done: set[tuple[int, str, str]] = set()
    count = 0
    for row in connection.execute(select(audit_patient).where(about)).all():
        pseudonym = pseudonyms[row.compartment, row.patient]
        mine = and_(
            audit_patient.c.event == row.event,
            audit_patient.c.compartment == row.compartment,
            audit_patient.c.patient == row.patient,
        )
        if (row.event, row.compartment, pseudonym) in done:
            connection.execute(audit_patient.delete().where(mine))
        else:
            connection.execute(update(audit_patient).where(mine).values(patient=pseudonym))
        done.add((row.event, row.compartment, pseudonym))
        count += 1
    return count


def _about(tenant: str, places: Collection[Place]) -> Any:  # noqa: ANN401 - a condition
    here = tuple_(audit_patient.c.compartment, audit_patient.c.patient).in_(sorted(places))
    return and_(audit_patient.c.tenant == tenant, here)


def _patients_of(connection: Connection, wanted: Collection[tuple[str, str]]) -> dict[tuple[str, str], Place]:
    """Of prescriptions (tenant, id): the Patient in our compartment."""
    found: dict[tuple[str, str], Place] = {}
    known = sorted(wanted)
    for start in range(0, len(known), _SOME):
        some = tuple_(prescription.c.tenant, prescription.c.id).in_(known[start : start + _SOME])
        query = select(prescription.c.tenant, prescription.c.id, prescription.c.resources).where(some)
        for row in connection.execute(query):
            patient = _patient_in(row.resources)
            if patient is not None:
                found[row.tenant, row.id] = ("", patient)
    return found


def _patient_in(resources: str) -> str | None:
    """The id of the Patient among the resources of a prescription."""
    reference = loads(resources).get("patient")
    return None if reference is None else str(reference).partition("/")[2]


def _row(row: Row[*tuple[Any, ...]], patients: tuple[Place, ...]) -> AuditRow:
    return AuditRow(**{name: getattr(row, name) for name in _COLUMNS}, id=row.id, patients=patients)
