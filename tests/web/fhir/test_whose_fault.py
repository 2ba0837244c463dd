"""An OperationOutcome that refuses a request says who has to put it right: the caller, this server or a partner."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError
from support.fhir_http import System
from support.spine import World

from footbridge.errors import PartnerUnavailable
from footbridge.security.audited_store import AuditedStore
from footbridge.store.interaction_errors import Overloaded
from footbridge.terminology import code_systems

ORGANIZATION = {"resourceType": "Organization", "name": "Hub"}


def faults(outcome: Any) -> set[str | None]:
    """The codes of the errors of an OperationOutcome; None for an error without one."""
    found = set()
    for issue in outcome["issue"]:
        codings = issue["details"].get("coding", [])
        if issue["severity"] in {"error", "fatal"}:
            found |= {one["code"] for one in codings} or {None}
            assert all(one["system"].endswith(":CodeSystem/fault") for one in codings)
    return found


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "Task?_count=many", None, 400),
        ("POST", "Organization", b"{", 400),
        ("POST", "Patient", {"resourceType": "Patient"}, 403),
        ("GET", "Task/1", None, 404),
        ("DELETE", "Task/1", None, 405),
        ("PUT", "Organization/1", {"resourceType": "Organization", "id": "1", "name": 5}, 422),
        ("POST", "", {"resourceType": "Bundle", "type": "collection"}, 400),
        ("POST", "Task/$nothing", {}, 404),
        ("PROPFIND", "Task", None, 501),
    ],
)
def test_the_request(hub: System, method: str, path: str, body: Any, status: int) -> None:
    answer = hub.ask(method, path, body)
    assert answer.status_code == status, answer.text
    assert faults(answer.json) == {"caller"}


def test_who_may_not_come_in(app: Flask) -> None:
    answer = System(app, "fb_wrong").get("Task")
    assert (answer.status_code, faults(answer.json)) == (401, {"caller"})


def test_each_refused_entry_of_a_batch(hub: System) -> None:
    entries = [
        {"resource": ORGANIZATION, "request": {"method": "POST", "url": "Organization"}},
        {"request": {"method": "GET", "url": "Task/1"}},
    ]
    done, refused = hub.ask("POST", "", {"resourceType": "Bundle", "type": "batch", "entry": entries}).json["entry"]
    assert "outcome" not in done["response"]
    assert faults(refused["response"]["outcome"]) == {"caller"}


@pytest.mark.parametrize(
    ("error", "status", "fault"),
    [
        (Overloaded("Busy.", 1), 503, "server"),
        (PartnerUnavailable("It does not answer."), 503, "partner"),
        (OperationalError("SELECT", {}, Exception("disk")), 503, "server"),
        (ValueError("ours"), 500, "server"),
    ],
)
def test_this_server_or_a_partner(
    hub: System, app: Flask, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, fault: str
) -> None:
    def fails(*_: Any, **_more: Any) -> None:
        raise error

    monkeypatch.setattr(AuditedStore, "search", fails)
    answer = app.test_client().get("/fhir/Task", headers={"Authorization": f"Bearer {hub.token}"})
    assert (answer.status_code, faults(answer.json)) == (status, {fault})


def test_what_was_done_is_nobodys_fault(hub: System) -> None:
    answer = hub.ask("POST", "Organization", ORGANIZATION, Prefer="return=OperationOutcome")
    assert answer.status_code == 201
    assert all("coding" not in issue["details"] for issue in answer.json["issue"])


def test_the_codes_are_those_of_our_code_system(clinic: World) -> None:
    (system,) = [one for url, one in code_systems().items() if url.endswith(":CodeSystem/fault")]
    assert [one["code"] for one in system["concept"]] == ["caller", "server", "partner"]
