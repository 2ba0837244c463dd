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
