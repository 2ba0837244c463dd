"""A database from before requesters were known: what is there belongs to its one medical record, the first by name."""

import datetime as dt
import uuid

import orjson
import pytest
from sqlalchemy import Connection, text
from support.old_databases import bring_to
from support.spine import HCN, prescribed

from footbridge.mapping import MappingContext, to_bundle
from footbridge.model.clock import ManualClock
from footbridge.model.prescription import OrganizationReference, Prescription
from footbridge.model.principals import Principal
from footbridge.referrals.intake import Intake
from footbridge.store.clients import find_client, is_contact_prohibited
from footbridge.store.engine import Database, open_database
from footbridge.store.migrate import upgrade
from footbridge.store.partners import list_partners
from footbridge.store.prescriptions import get_prescription
from footbridge.store.tenants import get_tenant

AT = "2026-03-02T12:00:00.000000Z"
BEFORE = "0006"
PARTNERS = {
    "one": {"emr": "record", "hub": "recipient"},
    "two": {"second-emr": "record", "emr": "record", "hub": "recipient"},
    "none": {"hub": "recipient"},
}
"""Tenant to its partners, with the roles of that time."""

SAFE, UNSAFE, LIFTED, MISTAKEN = (str(uuid.UUID(int=number)) for number in range(1, 5))
CARDS = {SAFE: "9876543217", UNSAFE: "1111111111", LIFTED: "2222222222", MISTAKEN: "3333333333"}


def document(number: int, person: str, *, days: int = 0, **client: object) -> Prescription:
    """A prescription of one of those persons, written so many days after the first."""
    authored = dt.datetime(2026, 3, 2, 11, tzinfo=dt.UTC) + dt.timedelta(days=days)
    found = prescribed(number, authored=authored.isoformat(), followUp=None)
    found["client"] |= {"identifiers": [{"system": HCN, "value": CARDS[person]}], **client}
    return Prescription.model_validate_json(orjson.dumps(found))


STORED = {
    1: (document(1, SAFE), SAFE, "active"),
    2: (document(2, UNSAFE, safeToContact=False), UNSAFE, "completed"),
    3: (document(3, LIFTED, safeToContact=False), LIFTED, "active"),
    4: (document(4, LIFTED, days=1), LIFTED, "active"),
    5: (document(5, MISTAKEN, safeToContact=False), MISTAKEN, "entered-in-error"),
}
"""Number to document, person and status. The newest word counted: the third person may be contacted again."""


@pytest.fixture
def old(empty_database_url: str):
    """A database at the version before, with tenants of no, one and two medical records."""
    database = open_database(empty_database_url)
    try:
        with database.write() as connection:
            bring_to(connection, BEFORE)
            for tenant, partners in PARTNERS.items():
                _fill(connection, tenant, partners)
        yield database
    finally:
        database.dispose()


def _fill(connection: Connection, tenant: str, partners: dict[str, str]) -> None:
    _add(connection, "tenant", name=tenant, jurisdiction="ca", created=AT)
    for name, role in partners.items():
        _add(connection, "partner", tenant=tenant, name=name, network="fhir", role=role, title=name.title(),
             base_url=f"https://{name}.test", delivery="transaction", guide="3.0.0", custodian=False,
             poll_seconds=600, created=AT)  # fmt: skip
    for person, card in CARDS.items():
        _add(connection, "person", tenant=tenant, system=HCN, value=card, person=person)
    for number, (said, person, status) in STORED.items():
        authored = said.authored.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        _add(connection, "prescription", tenant=tenant, id=f"p{number}", identifier_system=said.identifier.system,
             identifier_value=said.identifier.value, kind=said.kind, categories="|food-insecurity|", person=person,
             status=status, authored=authored, created=AT, updated=AT, fingerprint="0",
             document=said.model_dump_json(exclude_defaults=True), resources="{}")  # fmt: skip
        for one in _mapped(tenant, said, person):
            if one["resourceType"] == "Patient" and number in {1, 2, 4}:
                _add(connection, "resource", tenant=tenant, compartment="", type="Patient", id=one["id"], version=1,
                     current=True, deleted=False, last_updated=AT, body=orjson.dumps(one).decode())  # fmt: skip


def _mapped(scope: str, said: Prescription, person: str) -> list[dict]:
    """What was made of a prescription then: ids in the namespace of the tenant, the person as the Patient's id."""
    partners = {"hub": OrganizationReference(name="Hub")}
    context = MappingContext(jurisdiction="ca", person=person, scope=scope, partners=partners)
    entries = to_bundle(said, context).bundle["entry"]
    return [{"id": entry["fullUrl"].removeprefix("urn:uuid:"), **entry["resource"]} for entry in entries]


def _add(connection: Connection, table: str, **row: object) -> None:
    names = ", ".join(row)
    values = ", ".join(f":{name}" for name in row)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)


def ids(scope: str, said: Prescription, person: str) -> set[str]:
    """Ids of the resources that are a prescription's own, and of its Patient."""
    own = {"Patient", "Task", "ServiceRequest", "Goal", "Condition", "Consent"}
    return {one["id"] for one in _mapped(scope, said, person) if one["resourceType"] in own}


@pytest.mark.parametrize(("tenant", "first"), [("none", None), ("one", "emr"), ("two", "emr")])
def test_everything_belongs_to_the_first_record(old: Database, tenant: str, first: str | None):
    upgrade(old)
    with old.read() as connection:
        assert get_tenant(connection, tenant).requester == first
        owners = {get_prescription(connection, tenant, f"p{number}").requester for number in STORED}
        assert owners == {first or ""}
        for person in CARDS:
            known = find_client(connection, tenant, person, first or "")
            assert known is not None
            assert known.patient == person
            assert find_client(connection, tenant, person, "second-emr") is None


def test_roles_and_namespaces(old: Database):
    upgrade(old)
    with old.read() as connection:
        found = {
            (tenant, one.name): (one.role, one.namespace)
            for tenant in PARTNERS
            for one in list_partners(connection, tenant)
        }
    assert found == {
        ("none", "hub"): ("recipient", "none"),
        ("one", "emr"): ("requester", "one"),
        ("one", "hub"): ("recipient", "one"),
        ("two", "emr"): ("requester", "two"),
        ("two", "second-emr"): ("requester", "two/second-emr"),
        ("two", "hub"): ("recipient", "two"),
    }


@pytest.mark.parametrize("tenant", list(PARTNERS))
def test_the_prohibition_that_held_holds(old: Database, tenant: str):
    upgrade(old)
    with old.read() as connection:
        prohibited = {person for person in CARDS if is_contact_prohibited(connection, tenant, person)}
    assert prohibited == {UNSAFE}


def test_what_comes_next(old: Database, clock: ManualClock):
    upgrade(old)
    clock.advance(dt.timedelta(days=3))
    intake = Intake(old, clock)
    newer = document(9, UNSAFE, days=2)
    body = orjson.dumps(newer.model_dump(mode="json", by_alias=True, exclude_defaults=True))
    made = {}
    for requester in ("emr", "second-emr"):
        receipt = intake.submit(body, Principal("requester", requester, name="dr", tenant="two"))
        assert "client.still-prohibited" in {issue.rule for issue in receipt.warnings}
        with old.read() as connection:
            record = get_prescription(connection, "two", receipt.id)
        made[requester] = record
        assert (record.requester, record.person) == (requester, UNSAFE)
    references = {name: set(one.resources.values()) for name, one in made.items()}
    kept = {reference.partition("/")[2] for reference in references["emr"]}
    assert ids("two", newer, UNSAFE) <= kept
    assert references["emr"].isdisjoint(references["second-emr"])
    with old.read() as connection:
        assert is_contact_prohibited(connection, "two", UNSAFE)


def test_the_same_identifier_is_another_prescription_of_another_requester(old: Database, clock: ManualClock):
    upgrade(old)
    intake = Intake(old, clock)
    said = document(1, SAFE)
    body = orjson.dumps(said.model_dump(mode="json", by_alias=True, exclude_defaults=True))
    receipt = intake.submit(body, Principal("requester", "second-emr", name="dr", tenant="two"))
    assert receipt.created
    with old.read() as connection:
        assert get_prescription(connection, "two", "p1").requester == "emr"
        assert get_prescription(connection, "two", receipt.id).requester == "second-emr"
