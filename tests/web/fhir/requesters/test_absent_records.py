"""A requester refers to a Patient or a Consent that it never sent: nothing leaves until it comes, or somebody decides."""

from typing import Any

import pytest
from support.emr import of_type, only, singly, transaction, written
from support.fhir_http import System
from support.spine import LINK_WORKER, TENANT, World, prescribed

from footbridge.errors import PrescriptionError
from footbridge.model.prescription import Client
from footbridge.referrals.command import Command
from footbridge.referrals.commands import carry_out
from footbridge.referrals.holds import open_holds
from footbridge.referrals.unit import read_unit
from footbridge.store.partners import change_partner, get_partner
from footbridge.store.resource_rows import Scope
from footbridge.web.app import create_app

Json = dict[str, Any]
ELSEWHERE = "https://emr.example.org/fhir/Patient/77"


def without(entries: list[Json], kind: str, reference: str) -> tuple[list[Json], Json]:
    """The entries without the resource of this type, which all others name by the reference; and that resource."""
    left = [entry for entry in entries if entry["resource"]["resourceType"] != kind]
    gone = next(entry for entry in entries if entry["resource"]["resourceType"] == kind)
    for entry in left:
        entry["resource"] = replaced(entry["resource"], gone["fullUrl"], reference)
    return left, gone["resource"]


def replaced(value: Any, old: str, new: str) -> Any:
    if isinstance(value, dict):
        return {name: replaced(item, old, new) for name, item in value.items()}
    if isinstance(value, list):
        return [replaced(item, old, new) for item in value]
    return new if value == old else value


def holds(town: World) -> dict[str, Any]:
    with town.database.read() as connection:
        unit = read_unit(Scope(connection, TENANT, town.clock.now()), only(town).id)
        return {hold.reason: dict(hold.detail) for hold in open_holds(unit)}


def asked(annex: System) -> Json:
    return next(task for task in annex.found("Task") if task["intent"] == "order" and "partOf" not in task)


def decide(town: World, event: str, **more: Any) -> None:
    intake = create_app(town.database, town.clock).extensions["footbridge"].intake
    carry_out(town.database, town.clock, LINK_WORKER, only(town).id, Command(event, **more), intake=intake)


@pytest.mark.parametrize("reference", ["Patient/mrn-1", ELSEWHERE])
def test_a_patient_that_never_came_is_listed_and_nothing_leaves(
    town: World, annex: System, hub: System, reference: str
) -> None:
    entries, _patient = without(written(prescribed(followUp=None)), "Patient", reference)
    answer = annex.ask("POST", "", transaction(entries), Prefer="return=OperationOutcome")
    assert answer.status_code == 200, answer.text
    places = [issue["expression"][0] for one in answer.json["entry"] for issue in one["response"]["outcome"]["issue"]
              if issue.get("code") == "not-found"]  # fmt: skip
    assert {place.rpartition(".")[2] for place in places} == {"for", "subject"}
    town.pass_time()
    assert holds(town) == {"records": {"references": [reference]}}
    assert asked(annex)["status"] == "requested"
    assert asked(annex)["for"]["reference"] == reference
    assert hub.found("Task") == hub.found("Condition") == []
    assert "needs-person" in town.names(only(town).id)
    assert annex.found("Patient") == []


def test_it_goes_on_by_itself_when_the_patient_comes(town: World, annex: System, hub: System) -> None:
    entries, patient = without(written(prescribed(followUp=None)), "Patient", "Patient/mrn-1")
    assert annex.ask("POST", "", transaction(entries)).status_code == 200
    town.pass_time()
    assert annex.ask("PUT", "Patient/mrn-1", {**patient, "id": "mrn-1"}).status_code == 201
    town.pass_time()
    assert holds(town) == {}
    (given,) = hub.found("Patient")
    assert given["name"][0]["family"] == patient["name"][0]["family"]
    assert hub.move("accepted").status_code == 200
    town.pass_time()
    assert asked(annex)["status"] == "accepted"
    assert [one["id"] for one in annex.found("Patient")] == ["mrn-1"]  # not doubled
    assert asked(annex)["for"]["reference"] == "Patient/mrn-1"
    assert annex.ask("PUT", "Patient/mrn-1", {**patient, "id": "mrn-1", "birthDate": "1950-01-02"}).status_code == 200
    town.pass_time()
    assert hub.found("Patient")[0]["birthDate"] == "1950-01-02"


def test_one_who_is_known_already_is_the_same_person(town: World, annex: System, hub: System) -> None:
    """The client has another referral, and must not be contacted, as a later word says."""
    singly(annex, written(prescribed(followUp=None)), put=False)
    town.pass_time()
    number = {"system": "urn:footbridge:test:order", "value": "RX-2"}
    unsafe = {**prescribed()["client"], "safeToContact": False}
    again = prescribed(followUp=None, identifier=number)
    entries, patient = without(written(again), "Patient", "Patient/mrn-1")
    assert annex.ask("POST", "", transaction(entries)).status_code == 200
    town.pass_time()
    singly_unsafe = written(prescribed(client=unsafe, followUp=None, identifier={**number, "value": "RX-3"}))
    assert annex.ask("POST", "", transaction(singly_unsafe)).status_code == 200
    assert annex.ask("PUT", "Patient/mrn-1", {**patient, "id": "mrn-1"}).status_code == 201
    town.pass_time()
    assert len(hub.found("Task?status=requested")) == 3
    assert len({task["for"]["reference"] for task in hub.found("Task")}) == 1
    assert "telecom" not in hub.found("Patient")[0]


def test_a_corrected_reference_lets_it_go_on_too(town: World, annex: System, hub: System) -> None:
    entries, patient = without(written(prescribed(followUp=None)), "Patient", "Patient/mrn-1")
    assert annex.ask("POST", "", transaction(entries)).status_code == 200
    made = annex.create(patient)
    order = annex.read(asked(annex)["focus"]["reference"])
    assert annex.put({**order, "subject": {"reference": f"Patient/{made['id']}"}}).status_code == 200
    town.pass_time()
    assert holds(town) == {}
    assert len(hub.found("Task")) == 1


def test_a_person_says_who_the_client_is(town: World, annex: System, hub: System) -> None:
    entries, _patient = without(written(prescribed(followUp=None)), "Patient", ELSEWHERE)
    assert annex.ask("POST", "", transaction(entries)).status_code == 200
    with pytest.raises(PrescriptionError):
        decide(town, "confirm-records", client=Client())
    client = Client.model_validate_json('{"name": {"family": "Roy", "given": ["Ana"]}, "birthDate": "1950-01-02"}')
    decide(town, "confirm-records", client=client, reason="By phone")
    town.pass_time()
    assert holds(town) == {}
    assert hub.found("Patient")[0]["name"][0]["family"] == "Roy"
    order = annex.read(asked(annex)["focus"]["reference"])  # what changes meanwhile does not undo it
    assert annex.put({**order, "priority": "urgent"}).status_code == 200
    town.pass_time()
    assert holds(town) == {}
    assert hub.found("ServiceRequest")[0]["priority"] == "urgent"
    assert hub.found("Patient")[0]["name"][0]["family"] == "Roy"


def test_a_client_who_was_sent_and_is_not_identified_is_refused(town: World, annex: System) -> None:
    entries = written(prescribed(followUp=None))
    patient = of_type(entries, "Patient")
    for name in ("identifier", "birthDate"):
        patient.pop(name, None)
    answer = annex.ask("POST", "", transaction(entries))
    assert answer.status_code == 422, answer.text
    assert annex.found("Patient") == annex.found("Task") == []


def test_a_consent_that_comes_later_lets_it_go(town: World, annex: System, hub: System) -> None:
    entries, consent = without(written(prescribed(followUp=None)), "Consent", "Consent/c-1")
    placed = singly(annex, entries, put=True)
    town.pass_time()
    assert holds(town) == {"consent": {"references": ["Consent/c-1"]}}
    assert hub.found("Task") == []
    for url, place in placed.items():
        consent = replaced(consent, url, place)
    client = next(place for place in placed.values() if place.startswith("Patient"))
    late = {**consent, "id": "c-1", "patient": {"reference": client}, "performer": [{"reference": client}]}
    assert annex.ask("PUT", "Consent/c-1", late).status_code == 201
    town.pass_time()
    assert holds(town) == {}
    assert len(hub.found("Task")) == 1
    hub.move("accepted")
    town.pass_time()
    assert [one["id"] for one in annex.found("Consent")] == ["c-1"]


@pytest.mark.parametrize(("basis", "custodian", "leaves"), [
    ("express", False, True),
    ("implied", False, False),
    ("implied", True, True),
])  # fmt: skip
def test_the_basis_that_a_requester_is_set_to_is_recorded(
    town: World, annex: System, hub: System, basis: str, custodian: bool, leaves: bool
) -> None:
    change(town, "annex", consent_basis=basis)
    change(town, "hub", custodian=custodian)
    entries, _consent = without(written(prescribed(followUp=None)), "Consent", "Consent/c-1")
    order = of_type(entries, "ServiceRequest")
    order["supportingInfo"] = [one for one in order["supportingInfo"] if one["reference"] != "Consent/c-1"]
    assert annex.ask("POST", "", transaction(entries)).status_code == 200
    town.pass_time()
    assert len(hub.found("Task")) == (1 if leaves else 0)
    assert ("consent" in holds(town)) is not leaves
    with town.database.read() as connection:
        document = read_unit(Scope(connection, TENANT, town.clock.now()), only(town).id).prescription.document
    assert document.consent is not None
    assert document.consent.basis == basis


def test_a_consent_that_is_refused_counts_more_than_the_basis(town: World, annex: System, hub: System) -> None:
    change(town, "annex", consent_basis="express")
    entries = written(prescribed(followUp=None))
    of_type(entries, "Consent").update(status="rejected")
    assert annex.ask("POST", "", transaction(entries)).status_code == 200
    town.pass_time()
    assert "consent" in holds(town)
    assert hub.found("Task") == []


def change(town: World, name: str, **members: Any) -> None:
    with town.database.write() as connection:
        partner = get_partner(connection, TENANT, name)
        kept = {field: getattr(partner, field) for field in partner.__dataclass_fields__}
        change_partner(connection, TENANT, type(partner)(**{**kept, **members}))
