"""Each row of the guide's CapabilityStatements as a request over HTTP, and each SHALL with its test or its reason.

The table is ``requirements.csv`` (``scripts/requirements.py``). Rows of a server are asked as a requester, which finds a
Referral Source and a Coordination Platform in one; rows of the light recipient's client are sent as a recipient.
"""

import csv
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from support.fhir_http import System, system_of
from support.pages import ROOT
from support.spine import TENANT, World, prescribed

from footbridge.store.resources import ResourceStore
from footbridge.web.app import create_app

Json = dict[str, Any]
TABLE = Path(__file__).with_name("requirements.csv")
with TABLE.open(encoding="utf-8", newline="") as _file:
    ROWS = list(csv.DictReader(_file))
STRICT = {"Prefer": "handling=strict"}
PATIENT = {"reference": "Patient/seed"}
CODE = {"text": "something"}
SCOPE = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]}
SEEDS: dict[str, Json] = {
    "CareTeam": {"name": "Team"},
    "Condition": {"subject": PATIENT, "code": CODE},
    "Consent": {"status": "active", "scope": SCOPE, "category": [CODE], "patient": PATIENT,
                "policy": [{"uri": "urn:example"}]},
    "Device": {"deviceName": [{"name": "Tablet", "type": "user-friendly-name"}]},
    "DocumentReference": {"status": "current", "content": [{"attachment": {"title": "Letter"}}]},
    "Goal": {"lifecycleStatus": "active", "description": CODE, "subject": PATIENT},
    "Group": {"type": "person", "actual": True},
    "HealthcareService": {"name": "Pantry"},
    "Location": {"name": "Hall"},
    "Observation": {"status": "final", "code": CODE, "subject": PATIENT},
    "Organization": {"name": "Clinic"},
    "Patient": {"name": [{"family": "Roy"}]},
    "Practitioner": {"name": [{"family": "Water"}]},
    "PractitionerRole": {"practitioner": {"reference": "Practitioner/seed"}},
    "Procedure": {"status": "completed", "subject": PATIENT, "code": CODE},
    "Questionnaire": {"status": "active"},
    "QuestionnaireResponse": {"status": "completed"},
    "RelatedPerson": {"patient": PATIENT},
    "ServiceRequest": {"status": "active", "intent": "order", "subject": PATIENT, "code": CODE},
    "Task": {"status": "draft", "intent": "order", "for": PATIENT},
}  # fmt: skip
VALUES = {"token": "x", "reference": "Patient/seed", "date": "gt2020-01-01", "string": "x", "uri": "urn:x",
          "composite": "x$y"}  # fmt: skip


@pytest.fixture
def town(sqlite_database: Any, clock: Any) -> Iterator[World]:
    with World(sqlite_database, clock) as world:
        world.partner("emr", "requester")
        world.take_on("annex", "requester", network="hosted", base_url="")
        world.take_on("hub", "recipient", network="hosted", base_url="")
        world.route("*", "hub")
        yield world


def system(town: World, name: str) -> System:
    """The system of a partner, in whose compartment there is a resource of each type under the id ``seed``."""
    store = ResourceStore(town.database, TENANT, town.clock, "http://localhost/fhir", compartment=name)
    for kind, members in SEEDS.items():
        store.update(kind, "seed", {"resourceType": kind, "id": "seed", **members})
    return system_of(town, create_app(town.database, town.clock), name, conforms=False)


def declared(metadata: Json, kind: str) -> Json:
    found: Json = next((one for one in metadata["rest"][0]["resource"] if one["type"] == kind), {})
    return found


def fails(asked: System, metadata: Json, row: dict[str, str]) -> str | None:
    """What is wrong with the answer to one row; None where it is as the row asks."""
    kind, item = row["resource"], row["item"]
    entry = declared(metadata, kind) if kind else {}
    match row["kind"]:
        case "resource":
            return None if entry else "not declared"
        case "supportedProfile":
            return None if item.partition("|")[0] in entry.get("supportedProfile", []) else "not declared"
        case "versioning":
            return None if entry.get("versioning") == item else str(entry.get("versioning"))
        case "interaction":
            return interaction(asked, kind, item)
        case "searchParam":
            value = VALUES[row["type"] or "token"]
            return status(asked.get(f"{kind}?{item}={quote(value)}", **STRICT), {200})
        case "include":
            name = item.replace("HealthCareService:", "HealthcareService:")  # as the guide spells the type elsewhere
            return status(asked.get(f"{kind}?_id=seed&_include={quote(name)}", **STRICT), {200})
        case "conditionalRead":
            last = asked.get(f"{kind}/seed").headers["Last-Modified"]
            return status(asked.get(f"{kind}/seed", If_Modified_Since=last), {304})
        case "security":
            return status(asked.get(".well-known/smart-configuration"), {200})
        case "system-interaction":
            return status(asked.ask("POST", "", {"resourceType": "Bundle", "type": item}), {200})
        case other:
            return f"no check of {other}"


def interaction(asked: System, kind: str, name: str) -> str | None:
    resource = {"resourceType": kind, **SEEDS[kind]}
    match name:
        case "read":
            return status(asked.get(f"{kind}/seed"), {200})
        case "search-type":
            return status(asked.get(f"{kind}?_id=seed", **STRICT), {200})
        case "create":
            return status(asked.ask("POST", kind, resource), {201})
        case "update":
            made = asked.ask("POST", kind, resource)
            identity = made.json["id"] if made.status_code == 201 else "seed"
            return status(asked.ask("PUT", f"{kind}/{identity}", {**resource, "id": identity}), {200})
        case other:
            return f"no check of {other}"


def status(answer: Any, wanted: set[int]) -> str | None:
    return None if answer.status_code in wanted else f"{answer.status_code} {answer.text[:200]}"


def test_each_row_of_a_server_is_answered(town: World) -> None:
    annex = system(town, "annex")
    metadata = annex.get("metadata").json
    rows = [row for row in ROWS if row["test"].endswith("::test_each_row_of_a_server_is_answered") and row["item"]]
    assert len(rows) > 400
    found = {row["id"]: why for row in rows if (why := fails(annex, metadata, row)) is not None}
    assert found == {}


def test_each_row_of_a_recipient_is_served(town: World) -> None:
    hub = system(town, "hub")
    metadata = hub.get("metadata").json
    rows = [row for row in ROWS if row["test"].endswith("::test_each_row_of_a_recipient_is_served")]
    assert len(rows) > 100
    moves = [row for row in rows if (row["resource"], row["item"]) == ("Task", "update")]
    found = {row["id"]: why for row in rows if row not in moves and (why := fails(hub, metadata, row)) is not None}
    assert found == {}
    town.submit(prescribed(service={"partner": "hub"}))
    town.pass_time()
    (task,) = hub.found("Task?status=requested")
    assert moves
    assert hub.put({**task, "status": "accepted"}).status_code == 200


def test_each_shall_has_its_test_or_its_reason() -> None:
    lacking = [row["id"] for row in ROWS if "SHALL" in row["level"] and not (row["test"] or row["reason"])]
    assert lacking == []
    for place in sorted({row["test"] for row in ROWS if row["test"]}):
        path, _, name = place.partition("::")
        text = (ROOT / path).read_text(encoding="utf-8")
        assert name == "*" or f"def {name}(" in text, place


def test_the_page_is_current() -> None:
    script = ROOT / "scripts" / "requirements.py"
    done = subprocess.run([sys.executable, script, "--check"], check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
