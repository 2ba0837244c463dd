"""Direct: the partner's own server gets the Task, and reads the rest in its compartment on our ``/fhir``."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from support.fhir_http import System, system_of
from support.spine import World, prescribed

from footbridge.errors import ConfigurationError
from footbridge.mapping.references import references
from footbridge.model.clock import ManualClock
from footbridge.partners.networks import Networks, Surroundings
from footbridge.settings import settings
from footbridge.store.engine import Database
from footbridge.store.partners import get_partner
from footbridge.validation import Validator
from footbridge.web.app import create_app

Json = dict[str, Any]
OURS = "https://hub.footbridge.test/fhir"
SYSTEM = "http://hl7.org/fhir/us/sdoh-clinicalcare/CodeSystem/SDOHCC-CodeSystemTemporaryCodes"


@pytest.fixture
def clinic(sqlite_database: Database, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("FOOTBRIDGE_PUBLIC_URL", OURS.removesuffix("/fhir"))
    settings.cache_clear()
    with World(sqlite_database, clock) as world:
        world.partner("emr", "requester")
        world.partner("hub", delivery="task-only")
        yield world
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def app(clinic: World) -> Flask:
    return create_app(clinic.database, clinic.clock)


@pytest.fixture
def hub(clinic: World, app: Flask) -> System:
    """The hub's system, with its token of ours."""
    return system_of(clinic, app, "hub")


def here(reference: str) -> str:
    """What the partner asks our server for when it follows a reference."""
    assert reference.startswith(f"{OURS}/")
    return reference.removeprefix(f"{OURS}/")


def test_the_task_alone_goes_and_leads_to_the_rest(clinic: World, hub: System) -> None:
    taken = clinic.submit(prescribed())
    clinic.pass_time()
    server = clinic.servers["hub"]
    assert {
        type_ for type_ in ("Patient", "ServiceRequest", "Condition", "Consent", "Goal") if server.all(type_)
    } == set()
    task = clinic.task("hub")
    followed = {hub.read(here(one))["resourceType"] for one in references(task)}
    assert {"Patient", "ServiceRequest", "Organization"} <= followed
    assert "Okafor" not in str(task)
    order = hub.read(here(task["focus"]["reference"]))
    for one in references(order):
        hub.read(here(one) if one.startswith("http") else one)
    assert hub.found("Task") == []
    assert "delivered" in clinic.names(taken.id)


def test_its_status_and_outcome_come_home_by_poll(clinic: World, hub: System) -> None:
    taken = clinic.submit(prescribed())
    clinic.pass_time()
    clinic.act("hub", status="accepted")
    clinic.pass_time(1)
    assert clinic.our_task(taken.id)["status"] == "accepted"
    patient, order = (clinic.task("hub")[name]["reference"] for name in ("for", "focus"))
    body = {
        "resourceType": "Procedure",
        "status": "completed",
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "467771000124109"}]},
        "subject": {"reference": here(patient)},
        "basedOn": [{"reference": here(order)}],
        "performedDateTime": "2026-03-03",
    }
    procedure = hub.create(body)
    kind = {"coding": [{"system": SYSTEM, "code": "resulting-activity"}]}
    output = {"type": kind, "valueReference": {"reference": f"{OURS}/Procedure/{procedure['id']}"}}
    clinic.act("hub", status="completed", output=[output])
    clinic.pass_time(1)
    ours = clinic.our_task(taken.id)
    assert ours["status"] == "completed"
    (kept,) = ours["output"]
    made = clinic.ours(*kept["valueReference"]["reference"].split("/"))
    assert made["resourceType"] == "Procedure"
    assert made["subject"] == ours["for"]


def test_what_we_change_reaches_its_task_and_its_compartment(clinic: World, hub: System) -> None:
    taken = clinic.submit(prescribed())
    clinic.pass_time()
    before = clinic.task("hub")
    clinic.command(taken.id, "cancel", reason="Moved away.")
    clinic.pass_time(1)
    after = clinic.task("hub")
    assert after["status"] == "cancelled"
    assert set(references(after)) == set(references(before))
    assert hub.get(here(before["for"]["reference"])).status_code == 410


def test_a_consent_that_is_withdrawn_erases_what_is_here(clinic: World, hub: System) -> None:
    taken = clinic.submit(prescribed())
    clinic.pass_time()
    task = clinic.task("hub")
    clinic.act("hub", status="accepted")
    clinic.pass_time(1)
    clinic.command(taken.id, "withdraw-consent")
    for one in references(task):
        answer = hub.get(here(one))
        is_of_client = here(one).split("/")[0] in {"Patient", "ServiceRequest"}
        assert answer.status_code == (410 if is_of_client else 200)
    assert "Okafor" not in "".join(
        hub.get(f"{type_}?_count=100").text for type_ in ("Patient", "ServiceRequest", "Condition")
    )


def test_a_fault_on_the_way_doubles_nothing(clinic: World, hub: System) -> None:
    server = clinic.servers["hub"]
    server.faults.next(method="POST", route="Task", drop=True)
    server.faults.next(method="POST", route="Task", status=503, times=2)
    clinic.submit(prescribed())
    clinic.calm()
    assert len(clinic.tasks("hub")) == 1
    assert len(hub.found("Patient")) == len(hub.found("ServiceRequest")) == 1


def networks(clinic: World) -> Any:
    around = Surroundings(clinic.database, clinic.clock, Validator())
    with clinic.database.read() as connection:
        return Networks(around).of("clinic", get_partner(connection, "clinic", "hub"))


def test_the_connection_is_tested(clinic: World) -> None:
    answer = networks(clinic).test()
    assert (answer.reachable, answer.problem) == (True, None)


def test_our_address_must_be_known(clinic: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FOOTBRIDGE_PUBLIC_URL")
    settings.cache_clear()
    with pytest.raises(ConfigurationError, match="FOOTBRIDGE_PUBLIC_URL"):
        networks(clinic)


def test_a_requester_cannot_be_so(clinic: World) -> None:
    with pytest.raises(ConfigurationError, match="task-only"):
        clinic.take_on("annex", "requester", network="fhir", base_url="https://x.test/fhir", delivery="task-only")
