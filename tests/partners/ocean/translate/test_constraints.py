"""Our constraints: each finds what it is about, and nothing in a message that keeps them; each has its source."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support import ocean_messages as ocean
from support.ocean_messages import add_service_request, encoded, item, resource

from footbridge.data import folder
from footbridge.partners.ocean.translate.constraints import departures, is_ocean
from footbridge.validation import Validator

KEYS = {
    row["key"]: row
    for file in folder("profiles").joinpath("ocean").iterdir()
    for row in json.loads(file.read_text())["differential"]["element"][0]["constraint"]
}


def ours(bundle: dict[str, Any]) -> set[str]:
    rules = {issue.rule for issue in departures(bundle)}
    return {rule.removeprefix("invariant.ocean-") for rule in rules if rule.startswith("invariant.ocean-")}


def _right() -> dict[str, Any]:
    """A message that keeps all of them."""
    bundle = add_service_request()
    for row in bundle["entry"]:
        if row["fullUrl"] == ocean.IDS["header"]:
            row["fullUrl"] = ocean.url("header")
    patient = resource(bundle, "patient")
    del patient["address"][0]
    del patient["telecom"][2]
    return bundle


def _with(*, kind: str, **members: Any) -> dict[str, Any]:
    bundle = _right()
    bundle["entry"].append(
        {"fullUrl": "urn:uuid:0e000000-0000-4000-8000-00000000000e", "resource": {"resourceType": kind, **members}}
    )
    return bundle


TASK = {
    "status": "accepted",
    "intent": "order",
    "basedOn": [ocean.ref("request")],
    "code": {"coding": [{"code": "process-request"}]},
}
BOOKED = {
    "status": "booked",
    "basedOn": [ocean.ref("request")],
    "start": "2026-01-01T10:00:00Z",
    "end": "2026-01-01T11:00:00Z",
    "participant": [{"status": "accepted", "actor": ocean.ref("patient")}],
}
SAID = {"status": "completed", "basedOn": [ocean.ref("request")], "payload": [{"contentString": "Hello"}]}


@pytest.mark.parametrize(
    "bundle",
    [_right(), _with(kind="Task", **TASK), _with(kind="Appointment", **BOOKED), _with(kind="Communication", **SAID)],
)
def test_a_message_that_keeps_them_has_no_finding(bundle: dict[str, Any]) -> None:
    assert ours(bundle) == set()


def _edit(name: str, /, **members: Any) -> dict[str, Any]:
    bundle = _right()
    found = resource(bundle, name)
    for member, value in members.items():
        if value is None:
            found.pop(member, None)
        else:
            found[member] = value
    return bundle


def _root(**members: Any) -> dict[str, Any]:
    bundle = _right() | members
    return {name: value for name, value in bundle.items() if value is not None}


def _reordered() -> dict[str, Any]:
    bundle = _right()
    bundle["entry"].append(bundle["entry"].pop(0))
    return bundle


def _partly_test() -> dict[str, Any]:
    bundle = _right()
    resource(bundle, "patient")["meta"] = {
        "security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": "HTEST"}]
    }
    return bundle


def _two_headers() -> dict[str, Any]:
    bundle = _right()
    bundle["entry"].append(
        {"fullUrl": "urn:uuid:0e000000-0000-4000-8000-00000000000e", "resource": bundle["entry"][0]["resource"]}
    )
    return bundle


SYSTEM = "https://fhir.infoway-inforoute.ca/NamingSystem/ca-on-patient-hcn"
V2 = "http://terminology.hl7.org/CodeSystem/v2-0203"
BROKEN: dict[str, dict[str, Any]] = {
    "01": _root(type="collection"),
    "02": _root(id=None),
    "03": _root(timestamp=None),
    "04": _two_headers(),
    "05": _reordered(),
    "06": add_service_request(),
    "07": ocean.without(_right(), "request"),
    "08": ocean.without(_right(), "patient"),
    "09": _partly_test(),
    "11": _edit("header", eventCoding={"system": ocean.EVENTS, "code": "notify-of-nothing"}),
    "12": _edit("header", extension=None),
    "13": _edit(
        "header",
        extension=[
            {
                "url": "http://ehealthontario.ca/fhir/StructureDefinition/ext-referral-identifier",
                "valueIdentifier": {"value": "x"},
            }
        ],
    ),
    "14": _edit("header", destination=[{"endpoint": "https://x.invalid"}]),
    "15": _edit("header", source={"name": "Ocean"}),
    "16": _edit("header", author=None),
    "17": _edit("header", focus=None),
    "18": _edit("header", meta=None),
    "19": _edit("patient", identifier=[{"system": SYSTEM}]),
    "20": _edit("patient", identifier=None, birthDate=None),
    "21": _edit("patient", name=[{"use": "official"}]),
    "22": _edit("patient", address=[{"use": "home"}]),
    "23": _edit(
        "patient",
        identifier=[
            {
                "type": {"coding": [{"system": "http://hl7.org/fhir/v2/0203/", "code": "JHN"}]},
                "system": SYSTEM,
                "value": ocean.HCN,
            }
        ],
    ),
    "24": _edit(
        "patient",
        identifier=[{"type": {"coding": [{"system": V2, "code": "JHN"}]}, "system": SYSTEM, "value": "12-34"}],
    ),
    "25": _edit("patient", deceasedBoolean=True),
    "26": _edit("request", identifier=[{"system": f"{ocean.NAMING}/other", "value": "x"}]),
    "27": _edit("request", intent="order"),
    "28": _edit("request", category=[{"coding": [{"system": "http://snomed.info/sct", "code": "385759002"}]}]),
    "29": _edit("request", performer=None),
    "30": _edit("request", authoredOn=None),
    "31": _edit("request", note=[{"time": "2026-01-01T00:00:00Z"}]),
    "32": _edit("request", priority="soon"),
    "33": _edit("target", identifier=[{"system": f"{ocean.NAMING}/id-referral-target-reference", "value": "x"}]),
    "34": _edit("role", practitioner=None, organization=None),
    "35": _edit("practitioner", name=[{"use": "official"}]),
    "36": _edit("form", identifier=None),
    "37": _edit("form", item=[item("a"), item("b")]),
    "38": _edit("letter", content=[{"attachment": {"contentType": "application/pdf"}}]),
    "39": _edit("letter", content=[{"attachment": {"url": f"{ocean.BASE}/x"}}]),
    "40": _with(kind="Task", **TASK | {"code": {"coding": [{"code": "do-it"}]}}),
    "41": _with(kind="Task", **{name: value for name, value in TASK.items() if name != "basedOn"}),
    "42": _with(kind="Task", **TASK | {"status": "failed"}),
    "43": _with(kind="Task", **TASK | {"status": "rejected"}),
    "44": _with(kind="Appointment", **{name: value for name, value in BOOKED.items() if name != "basedOn"}),
    "45": _with(
        kind="Appointment",
        **{name: value for name, value in BOOKED.items() if name not in {"start", "end"}} | {"status": "proposed"},
    ),
    "46": _with(kind="Communication", **{name: value for name, value in SAID.items() if name != "basedOn"}),
    "47": _with(kind="Communication", **{name: value for name, value in SAID.items() if name != "payload"}),
}


@pytest.mark.parametrize("key", sorted(BROKEN))
def test_each_finds_what_it_is_about(key: str) -> None:
    assert key in ours(BROKEN[key])


def test_every_constraint_has_a_test_a_sentence_and_a_source() -> None:
    # ocean-10 is about the system by which a message is known to be one at all: see the next test.
    assert {key.removeprefix("ocean-") for key in KEYS} == {*BROKEN, "10"}
    assert all("http" in row["requirements"] and row["human"].endswith(".") for row in KEYS.values())


def test_a_message_whose_event_has_another_system_departs_too() -> None:
    bundle = _edit("header", eventCoding={"system": "http://ehealthontario.ca/other", "code": "add-service-request"})
    assert "10" in ours(bundle)
    assert not is_ocean(bundle)


def test_a_finding_says_what_and_where_in_words_and_never_a_value() -> None:
    bundle = _edit(
        "patient",
        identifier=[{"type": {"coding": [{"system": V2, "code": "JHN"}]}, "system": SYSTEM, "value": "12-34"}],
    )
    (issue,) = [row for row in departures(bundle) if row.rule == "invariant.ocean-24"]
    assert issue.message == "An Ontario health card number must have ten digits."
    assert (issue.severity, issue.expression) == ("warning", "Bundle.entry[1].resource")
    assert str(issue.spec).startswith("https://")
    assert "12-34" not in str(issue)


def test_our_profiles_are_sound_structure_definitions() -> None:
    for file in folder("profiles").joinpath("ocean").iterdir():
        absolute = file.read_text().replace('"StructureDefinition/', '"urn:footbridge:StructureDefinition/')
        wrong = [issue for issue in Validator().check(json.loads(absolute)).issues if issue.is_error]
        assert not wrong, (file.name, wrong)


def test_any_json_is_checked_and_nothing_is_raised() -> None:
    for odd in ({}, {"entry": 3}, {"resourceType": "Bundle", "entry": [None, {"resource": [1]}]}, {"resourceType": 7}):
        departures(odd)


def test_the_command_checks_a_message_by_them_without_an_option(tmp_path: Path) -> None:
    place = tmp_path / "message.json"
    place.write_bytes(encoded(BROKEN["20"]))
    run = subprocess.run(
        [sys.executable, "-m", "footbridge", "validate", str(place), "--format", "json"],
        capture_output=True,
        check=False,
    )
    text = run.stdout.decode()
    assert "invariant.ocean-20" in text
    assert "invariant.ocean-21" not in text
    assert "profile.unknown" in text  # the Ontario profile that the header claims is not checked, and that is said
