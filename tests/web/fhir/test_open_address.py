"""A partner that can send no token: only under its secret base URL, only from its addresses, and only where that is on."""

from typing import Any

import pytest
from flask import Flask
from structlog.testing import capture_logs
from support.fhir_http import System
from support.spine import World, prescribed

from footbridge.settings import settings
from footbridge.store.partners import segment_digest

SEGMENT = "s" * 43  # as long as one that is made at random


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Any:
    def switch(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"FOOTBRIDGE_{name.upper()}", value)
        settings.cache_clear()

    yield switch
    settings.cache_clear()


@pytest.fixture
def pantry(clinic: World, app: Flask, on: Any) -> System:
    on(allow_tokenless="true")
    clinic.take_on(
        "hub", "recipient", network="hosted", base_url="", segment=segment_digest(SEGMENT), addresses="192.0.2.0/24"
    )
    clinic.submit(prescribed())
    clinic.pass_time()
    return System(app, None, base=f"/open/{SEGMENT}/fhir", address="192.0.2.7")


def test_it_works_there_without_a_token(pantry: System, clinic: World) -> None:
    assert pantry.move("accepted").status_code == 200
    link = pantry.get("Task?_count=1").json["link"][0]["url"]
    assert link == f"http://localhost/open/{SEGMENT}/fhir/Task?_count=1"
    made = pantry.ask("POST", "Organization", {"resourceType": "Organization", "name": "Hub"})
    assert made.headers["Location"].startswith(f"http://localhost/open/{SEGMENT}/fhir/Organization/")
    assert pantry.get(made.headers["Location"]).status_code == 200
    assert pantry.get("metadata").json["rest"][0]["resource"]


@pytest.mark.parametrize(
    ("base", "address", "status"),
    [
        ("/fhir", "192.0.2.7", 401),
        (f"/open/{SEGMENT}x/fhir", "192.0.2.7", 404),
        ("/open//fhir", "192.0.2.7", 404),
        (f"/open/{SEGMENT}/fhir", "198.51.100.1", 404),
        (f"/open/{SEGMENT}/fhir", "127.0.0.1", 404),
        (f"/open/{SEGMENT}/fhir", "2001:db8::1", 404),
    ],
)
def test_elsewhere_and_from_elsewhere_it_does_not(pantry: System, base: str, address: str, status: int) -> None:
    other = System(pantry.app, None, base=base, address=address)
    for method, path in (("GET", "Task"), ("GET", "metadata"), ("POST", ""), ("GET", "nowhere")):
        answer = other.ask(method, path)
        assert answer.status_code == status or (path == "metadata" and base == "/fhir")
        assert answer.json["resourceType"] in {"OperationOutcome", "CapabilityStatement"}


def test_off_by_default(pantry: System, on: Any) -> None:
    on(allow_tokenless="false")
    assert pantry.get("Task").status_code == 404


def test_a_header_is_believed_from_a_trusted_proxy_only(pantry: System, on: Any) -> None:
    mine, proxy = "192.0.2.7", System(pantry.app, None, base=pantry.base, address="10.0.0.5")
    assert proxy.get("Task", X_Forwarded_For=mine).status_code == 404
    on(trusted_proxies="10.0.0.0/24")
    assert proxy.get("Task", X_Forwarded_For=mine).status_code == 200
    assert proxy.get("Task", X_Forwarded_For=f"{mine}, 198.51.100.1").status_code == 404
    assert proxy.get("Task", X_Forwarded_For=f"198.51.100.1, {mine}, 10.0.0.9").status_code == 200
    assert proxy.get("Task", X_Forwarded_For="nonsense").status_code == 404
    assert pantry.get("Task", X_Forwarded_For="198.51.100.1").status_code == 200


def test_only_fhir_is_there(pantry: System) -> None:
    for path in ("/api/v1/changes", "/healthz"):
        answer = pantry.app.test_client().get(f"/open/{SEGMENT}{path}", environ_base={"REMOTE_ADDR": "192.0.2.7"})
        assert answer.status_code == 404


def test_the_segment_is_in_no_log(pantry: System) -> None:
    with capture_logs() as lines:
        for path in ("Task", "nowhere", "Task/x"):
            pantry.get(path)
            System(pantry.app, None, base=pantry.base, address="198.51.100.1").get(path)
    assert lines
    assert SEGMENT not in str(lines)


def test_a_guess_is_slowed_down(pantry: System) -> None:
    other = System(pantry.app, None, base="/open/guessed/fhir", address="192.0.2.7")
    statuses = [other.get("Task").status_code for _ in range(32)]
    assert set(statuses) == {404, 429}
