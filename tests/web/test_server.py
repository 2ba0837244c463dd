"""The server as `footbridge serve` runs it: processes of its own, the worker beside the web, an orderly end."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import requests

from footbridge.data import folder
from footbridge.model.principals import Principal
from footbridge.partners.fhir.simulator import FhirSimulator
from footbridge.store.partners import Partner, add_partner
from footbridge.store.tenants import add_tenant, make_token

SERVE = """
import sys
from footbridge.cli.logs import log_to_stderr
from footbridge.web.server import Plan, serve
log_to_stderr()
serve(Plan("127.0.0.1", 0, workers=int(sys.argv[1]), threads=4, deliveries=1), ready=lambda url: print(url, flush=True))
"""
LONG = 60  # seconds; a slow machine needs some of them


@pytest.fixture
def partner():
    with FhirSimulator() as simulator:
        yield simulator


@pytest.fixture
def served(request, sqlite_database, partner, tmp_path):
    """A running server, its base URL and a token."""
    now = datetime.now(UTC)
    with sqlite_database.write() as connection:
        add_tenant(connection, "north", "ca", now)
        recipient = Partner("lakeside-services", "fhir", "recipient", "Lakeside Services", partner.base_url)
        add_partner(connection, "north", recipient, now)
        token = make_token(connection, Principal("requester", None, name="emr", tenant="north"), now)
    url = sqlite_database.engine.url.render_as_string(hide_password=False)
    environment = {**os.environ, "FOOTBRIDGE_DATABASE_URL": url}
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(getattr(request, "param", 2))],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment,
        )
        base = process.stdout.readline().strip()
        yield process, base, {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        process.send_signal(signal.SIGTERM)
        process.stdout.close()
        assert process.wait(LONG) == 0


def document(number):
    found = json.loads(folder("examples").joinpath("02-bereavement-network.json").read_bytes())
    found["identifier"]["value"] = f"RX-{number}"
    return json.dumps(found)


def eventually(condition):
    end = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.05)


@pytest.mark.parametrize("served", [1, 2], indirect=True, ids="{} processes".format)
def test_it_takes_in_and_delivers(served, partner, tmp_path):
    process, base, headers = served

    def send(number):
        return requests.post(f"{base}/api/v1/prescriptions", data=document(number), headers=headers, timeout=LONG)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, range(8)))
    assert [answer.status_code for answer in answers] == [201] * 8
    eventually(lambda: sum("basedOn" not in one for one in partner.all("ServiceRequest")) == 8)
    place = base + answers[0].headers["Location"]
    assert requests.get(place, headers=headers, timeout=LONG).json()["status"] == "active"
    eventually(lambda: requests.get(f"{base}/readyz", headers=headers, timeout=LONG).json()["outbox"]["ready"] == 0)
    log = (tmp_path / "log").read_text()
    assert log.count('"route": "/api/v1/prescriptions"') == 8
    assert "Lindqvist" not in log
    assert process.poll() is None


def test_what_is_no_http_is_not_repeated_in_the_log(served, tmp_path):
    _process, base, _headers = served
    host, port = base.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=LONG) as connection:
        connection.sendall(b"GET /api/v1/prescriptions?identifier=x|Lindqvist Arne HTTP/1.1\r\n\r\n")
        assert connection.recv(1000).startswith(b"HTTP/1.1 400 ")
    assert "Lindqvist" not in (tmp_path / "log").read_text()


def test_a_request_under_way_is_finished_when_the_server_ends(served):
    process, base, headers = served
    cursor = requests.get(f"{base}/api/v1/changes", headers=headers, timeout=LONG).json()["next"]
    with ThreadPoolExecutor(1) as pool:
        query = {"since": cursor, "wait": 3}
        waiting = pool.submit(requests.get, f"{base}/api/v1/changes", params=query, headers=headers, timeout=LONG)
        time.sleep(0.5)
        process.send_signal(signal.SIGTERM)
        assert waiting.result().json()["changes"] == []
    assert process.wait(LONG) == 0
