"""Starts the FHIR servers that others wrote, and our simulator beside them."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from footbridge.partners.fhir.simulator import FhirSimulator

NEEDS = {"hapi": ("java", "mvn"), "medplum": ("node", "npm")}
SLOWEST_START = 420  # seconds: the first start builds the server


JSON_BODY = "body: text ? JSON.parse(text) : undefined"
ANY_BODY = (
    "body: !text ? undefined : req.headers['content-type'] === 'application/x-www-form-urlencoded'"
    " ? Object.fromEntries(new URLSearchParams(text)) : JSON.parse(text)"
)


def _with_forms(peer: Path, place: Path) -> Path:
    """A copy of Medplum's server that hands a form's fields to its router, which takes ``POST _search`` that way.

    The server as it is parses every body as JSON, so that the router never sees such a search.
    """
    shutil.copytree(peer, place)
    server = place / "server.mjs"
    text = server.read_text(encoding="utf-8")
    assert JSON_BODY in text or "x-www-form-urlencoded" in text
    server.chmod(0o644)
    server.write_text(text.replace(JSON_BODY, ANY_BODY), encoding="utf-8")
    return place


@contextmanager
def _running(peer: Path, name: str) -> Iterator[str]:
    missing = [program for program in NEEDS[name] if shutil.which(program) is None]
    if missing:
        pytest.skip(f"{name} needs {' and '.join(missing)}, not installed here")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        ["sh", str(peer / "run.sh"), str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
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
    with _running(test_data / "peers" / "hapi", "hapi") as base:
        yield base


@pytest.fixture(scope="session")
def medplum(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Base URL of Medplum's fhir-router."""
    peer = _with_forms(test_data / "peers" / "medplum", tmp_path_factory.mktemp("peers") / "medplum")
    with _running(peer, "medplum") as base:
        yield base


@pytest.fixture(scope="session")
def simulator() -> Iterator[str]:
    """Base URL of the server that Footbridge brings along."""
    with FhirSimulator() as server:
        yield server.base_url
