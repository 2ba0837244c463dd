"""``footbridge demo`` as its user calls it: a process of its own, its exit code, what it prints, what it leaves."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from footbridge.data import read_json
from footbridge.store.engine import Database

JOURNEYS = read_json("examples", "journeys.json")["journeys"]
COMMAND = (sys.executable, "-c", "from footbridge.cli import main; main()", "demo", "--json")
PATIENCE = 300  # seconds for a machine that does much else


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """An empty folder in which a process puts its temporary files."""
    place = tmp_path / "temporary"
    place.mkdir()
    return place


def environment(room: Path) -> dict[str, str]:
    """The test's own, without settings of Footbridge."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FOOTBRIDGE_")}
    return {**kept, "TMPDIR": str(room)}


@pytest.fixture
def kept(room: Path) -> Iterator[subprocess.Popen[str]]:
    """The demo, with ``--keep``."""
    process = subprocess.Popen(
        [*COMMAND, "--keep"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(room)
    )
    yield process
    process.kill()
    process.communicate()


def run(command: list[str], room: Path) -> "subprocess.CompletedProcess[str]":
    """Run it to its end."""
    return subprocess.run(command, capture_output=True, text=True, env=environment(room), timeout=PATIENCE, check=False)


def read_object(process: subprocess.Popen[str]) -> dict[str, Any]:
    """The indented JSON object that a process prints before it goes on."""
    assert process.stdout is not None
    lines: list[str] = []
    while not lines or lines[-1] not in {"}\n", ""}:
        lines.append(process.stdout.readline())
    assert lines[-1], process.stderr.read() if process.stderr else ""
    found: dict[str, Any] = json.loads("".join(lines))
    return found


def assert_closed(found: dict[str, Any]) -> None:
    """Every prescription ended as its journey says, and the EMR, the services and the adapter agree."""
    ends = {journey["file"].removesuffix(".json"): journey["ends"] for journey in JOURNEYS}
    assert {row["name"] for row in found["rows"]} == set(ends)
    for row in found["rows"]:
        shown = {"status": row["status"], "tasks": row["tasks"], "serviceRequest": row["service_request"]}
        assert shown | {"goals": row["goals"]} == ends[row["name"]], row["name"]
    proof = found["proof"]
    assert proof["faults"] == []
    assert proof["compared"] > 5 * len(JOURNEYS)
    assert proof["replayed"]
    assert proof["retried"] >= 3  # two answers of 503, one that was lost, an EMR that was down
    assert proof["withheld"]["cards"] >= 19
    assert proof["withheld"]["unsafe"] >= 2
    assert proof["withheld"]["found"] == []
    assert proof["clients"]["known"] >= 3
    assert proof["clients"]["clients"] > proof["clients"]["known"]  # some the EMR gets from us
    assert (proof["clients"]["changed"], proof["clients"]["doubled"]) == (0, [])
    assert {state for state, count in proof["outbox"].items() if count} == {"done"}


def is_open(address: str) -> bool:
    """Whether anybody listens there."""
    place = urlsplit(address)
    with socket.socket() as probe:
        return probe.connect_ex((place.hostname or "", place.port or 0)) == 0


def test_the_loop_closes_and_what_was_kept_ends_in_good_order(kept: subprocess.Popen[str], room: Path) -> None:
    found = read_object(kept)
    assert_closed(found)
    places = [address for name, address in found["addresses"].items() if name != "Database"]
    assert len(places) == 4
    bearer = {"Authorization": f"Bearer {found['tokens']['Prescriber']}"}
    listed = requests.get(
        f"{found['addresses']['API']}/api/v1/prescriptions", headers=bearer, params={"limit": "100"}, timeout=30
    )
    assert len(listed.json()["prescriptions"]) == len(JOURNEYS)
    order = {"identifier": "urn:footbridge:example:emr-order|RX-2026-000101"}
    asked = requests.get(f"{found['addresses']['Riverside EMR']}/ServiceRequest", params=order, timeout=30)
    assert [entry["resource"]["status"] for entry in asked.json()["entry"]] == ["completed"]
    kept.send_signal(signal.SIGTERM)
    rest, errors = kept.communicate(timeout=PATIENCE)
    assert (kept.returncode, rest, errors) == (0, "", "")
    assert not any(map(is_open, places))
    assert list(room.iterdir()) == []


def test_the_loop_closes_on_postgresql_and_needs_a_database_of_its_own(
    postgresql_database: Database, room: Path
) -> None:
    command = [*COMMAND, "--database-url", postgresql_database.engine.url.render_as_string(hide_password=False)]
    done = run(command, room)
    assert (done.returncode, done.stderr) == (0, "")
    assert_closed(json.loads(done.stdout))
    assert list(room.iterdir()) == []
    again = run(command, room)
    assert again.returncode == 2
    assert "tenants already" in again.stderr
