"""Starts the FHIR servers that others wrote, and makes referrals to send to them."""

import os
import shutil
import signal
import socket
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from footbridge.partners.fhir.simulator import FhirSimulator

NEEDS = {"hapi": ("java", "mvn"), "medplum": ("node", "npm")}
SLOWEST_START = 420  # seconds: the first start builds the server


@contextmanager
def _running(data: Path, name: str) -> Iterator[str]:
    missing = [program for program in NEEDS[name] if shutil.which(program) is None]
    if missing:
        pytest.skip(f"{name} needs {' and '.join(missing)}, not installed here")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    script = data / "peers" / name / "run.sh"
    process = subprocess.Popen(
        ["sh", str(script), str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        base = f"http://127.0.0.1:{port}/fhir"
        _wait_for(base, process)
        yield base
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


def _wait_for(base: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + SLOWEST_START
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"the server ended with code {process.returncode} before it answered")
        try:
            if requests.get(f"{base}/metadata", timeout=5).ok:
                return
        except requests.RequestException:
            time.sleep(0.2)
    pytest.fail("the server did not start in time")


@pytest.fixture(scope="session")
def hapi(test_data: Path) -> Iterator[str]:
    """Base URL of HAPI's RestfulServer."""
    with _running(test_data, "hapi") as base:
        yield base


@pytest.fixture(scope="session")
def medplum(test_data: Path) -> Iterator[str]:
    """Base URL of Medplum's fhir-router."""
    with _running(test_data, "medplum") as base:
        yield base


@pytest.fixture(scope="session")
def simulator() -> Iterator[str]:
    """Base URL of the server that Footbridge brings along."""
    with FhirSimulator() as server:
        yield server.base_url


@pytest.fixture
def referral() -> Callable[[], dict[str, Any]]:
    """Makes a referral of seven resources, with identifiers that no other has."""
    return _referral


def _referral() -> dict[str, Any]:
    urls = {role: f"urn:uuid:{uuid.uuid4()}" for role in ("patient", "practice", "service", "need", "order", "task")}

    def to(role: str) -> dict[str, str]:
        return {"reference": urls[role]}

    text = {"text": "Company"}
    resources: dict[str, dict[str, Any]] = {
        "task": {
            "resourceType": "Task", "status": "requested", "intent": "order", "focus": to("order"),
            "for": to("patient"), "requester": to("practice"), "owner": to("service"),
        },
        "order": {
            "resourceType": "ServiceRequest", "status": "active", "intent": "order", "code": text,
            "subject": to("patient"), "requester": to("practice"), "reasonReference": [to("need")],
        },
        "need": {"resourceType": "Condition", "code": text, "subject": to("patient")},
        "practice": {"resourceType": "Organization", "name": "Riverside Practice"},
        "service": {"resourceType": "Organization", "name": "Good Neighbours"},
        "patient": {"resourceType": "Patient", "name": [{"family": "Okafor"}], "managingOrganization": to("practice")},
    }  # fmt: skip
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [_entry(urls[role], resource) for role, resource in resources.items()],
    }


def _entry(url: str, resource: dict[str, Any]) -> dict[str, Any]:
    value = f"urn:uuid:{uuid.uuid4()}"
    named = {**resource, "identifier": [{"system": "urn:ietf:rfc:3986", "value": value}]}
    condition = f"identifier=urn:ietf:rfc:3986|{value}"
    request = {"method": "POST", "url": resource["resourceType"], "ifNoneExist": condition}
    return {"fullUrl": url, "resource": named, "request": request}
