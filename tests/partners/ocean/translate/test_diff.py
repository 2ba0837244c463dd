"""What changed between two messages, in words; nothing of the client in the summary, which may be logged."""

import copy
from typing import Any

import pytest
from support import ocean_messages as ocean
from support.ocean_messages import add_service_request, as_v010, encoded, item, resource

from footbridge.partners.ocean.diff import Change, changes
from footbridge.partners.ocean.message import read_message


def found(before: dict[str, Any], after: dict[str, Any]) -> tuple[Change, ...]:
    return changes(read_message(encoded(before)), read_message(encoded(after)))


def _task(status: str, own: str = "t1") -> dict[str, Any]:
    return {"fullUrl": f"urn:uuid:{own}", "resource": {"resourceType": "Task", "id": own, "status": status}}


def _appointment(status: str = "booked", start: str = "2026-03-02T10:00:00Z") -> dict[str, Any]:
    return {"resource": {"resourceType": "Appointment", "id": "a1", "status": status, "start": start}}


def test_the_same_content_under_a_new_envelope_is_no_change() -> None:
    again = add_service_request("notify-update-service-request")
    again["id"], again["timestamp"] = "another", "2026-02-01T00:00:00Z"
    again["entry"] = [again["entry"][0], *reversed(again["entry"][1:])]
    assert found(add_service_request(), again) == ()
    assert found(add_service_request(), as_v010(again)) == ()


def _set(name: str, /, **members: Any) -> Any:
    return lambda bundle: resource(bundle, name).update(members)


def _add(entry: dict[str, Any]) -> Any:
    return lambda bundle: bundle["entry"].append(entry)


CASES: list[tuple[str, Any, str | None]] = [
    ("revoked", _set("request", status="revoked"), None),
    ("status", _set("request", status="completed"), None),
    ("priority", _set("request", priority="stat"), "stat"),
    ("service-type", _set("request", category=[{"coding": [{"display": "HOUSING"}]}]), "HOUSING"),
    ("note", _set("request", note=[{"text": "<b>Reason for Referral:</b> Evicted yesterday"}]), "Evicted yesterday"),
    ("requester", _set("practitioner", name=[{"text": "Dr. Quill"}]), "Dr. Quill"),
    ("client-name", _set("patient", name=[{"family": "Gagnon"}]), "Gagnon"),
    ("client-contact", _set("patient", telecom=[{"system": "phone", "value": "416-555-9999"}]), "416-555-9999"),
    ("client-address", _set("patient", address=[{"city": "Sudbury"}]), "Sudbury"),
    ("client-details", _set("patient", birthDate="1950-01-01"), "1950-01-01"),
    ("form", _set("form", item=[item("interests", "choir singing", text="Program interests:")]), "choir singing"),
    ("task", _add(_task("accepted")), None),
    ("appointment", _add(_appointment()), "2026-03-02T10:00:00Z"),
    (
        "communication",
        _add(
            {
                "resource": {
                    "resourceType": "Communication",
                    "id": "c",
                    "payload": [{"contentString": "Call her sister"}],
                }
            }
        ),
        "Call her sister",
    ),
    ("other", _add({"resource": {"resourceType": "Condition", "code": {"text": "Grief"}}}), None),
]


@pytest.mark.parametrize(("code", "change", "value"), CASES, ids=[row[0] for row in CASES])
def test_each_change_is_found_alone_and_says_its_value_only_in_the_text(
    code: str, change: Any, value: str | None
) -> None:
    after = add_service_request()
    change(after)
    rows = found(add_service_request(), after)
    assert {row.code for row in rows} == {code}
    if value is not None:
        assert any(value in row.text for row in rows)
    if code.startswith("client") or code in {"note", "form", "communication", "requester", "other"}:
        secret = value or "Grief"
        assert all(secret not in row.summary and secret not in repr(row) for row in rows)


def test_documents_that_came_and_went() -> None:
    after = ocean.without(add_service_request(), "document")
    (gone,) = found(add_service_request(), after)
    (came,) = found(after, add_service_request())
    assert (gone.code, gone.summary, came.summary) == ("document", "1 document was removed.", "1 document was added.")
    assert "map.png" in came.text
    assert "map.png" not in came.summary


def test_an_appointment_that_moves_and_ends() -> None:
    first, moved, ended = add_service_request(), add_service_request(), add_service_request()
    first["entry"].append(_appointment())
    moved["entry"].append(_appointment(start="2026-03-09T10:00:00Z"))
    ended["entry"].append(_appointment("cancelled", start="2026-03-09T10:00:00Z"))
    assert [row.summary for row in found(first, moved)] == ["An appointment changed."]
    assert [row.summary for row in found(moved, ended)] == ["An appointment was cancelled."]


@pytest.mark.parametrize("declined", ["rejected", "cancelled"])
def test_a_declined_referral_that_ocean_opens_again(declined: str) -> None:
    before, after = add_service_request(), add_service_request()
    before["entry"].append(_task(declined))
    after["entry"].append(_task("requested"))
    assert [row.code for row in found(before, after)] == ["reopened"]


def test_a_revoked_referral_that_is_opened_again() -> None:
    before = add_service_request()
    resource(before, "request")["status"] = "revoked"
    assert [row.code for row in found(before, add_service_request())] == ["reopened"]


def test_another_listing_and_a_forward() -> None:
    after = add_service_request()
    resource(after, "target")["identifier"][0]["value"] = "other00000001"
    (row,) = found(add_service_request(), after)
    assert row.code == "target"
    assert "other00000001" in row.text
    new = copy.deepcopy(resource(add_service_request(), "request"))
    new["identifier"][0]["value"] = "new-ref"
    new["replaces"] = [ocean.ref("request")]
    new["performer"] = [{"identifier": {"system": f"{ocean.NAMING}/id-referral-target-reference", "value": "other2"}}]
    after = add_service_request()
    after["entry"].append({"fullUrl": "urn:uuid:new", "resource": new})
    assert [row.code for row in found(add_service_request(), after)] == ["forwarded", "target"]


def test_an_update_without_the_client_does_not_say_that_all_of_the_client_is_gone() -> None:
    after = ocean.without(add_service_request(), "patient")
    assert not any(row.code.startswith("client") for row in found(add_service_request(), after))
