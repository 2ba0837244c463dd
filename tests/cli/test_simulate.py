"""``footbridge simulate`` as its user calls it: a process that prints how to use it, what arrives, and ends cleanly."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
import requests

from footbridge.cli.simulator_run import introduction, named, partner_name
from footbridge.errors import ConfigurationError
from footbridge.partners.fhir.simulator import referral_bundle

START = "import sys; from footbridge.cli import main; main(sys.argv[1:], prog_name='footbridge')"
PATIENCE = 60  # seconds; a loaded machine is slow, a broken command never comes
CANARY = "Baptiste-9000000101"


class Simulator:
    """The command as a process, with a temporary folder of its own."""

    def __init__(self, room, *words, before=()):
        self.lines = []
        self.child = subprocess.Popen(
            [*before, sys.executable, "-c", START, "simulate", *words, "--port", "0"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ | {"TMPDIR": str(room)},
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read)
        self._reader.start()
        self.base_url = self.wait_for(r"listens at (\S+);")[1]

    def _read(self):
        for line in self.child.stdout:
            self.lines.append(line.rstrip("\n"))

    def wait_for(self, pattern):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if found := next(filter(None, (re.search(pattern, line) for line in list(self.lines))), None):
                return found
            time.sleep(0.02)
        raise AssertionError(f"{pattern} never came: {self.lines}")

    def end(self, number=signal.SIGTERM):
        self.child.send_signal(number)
        code = self.child.wait(PATIENCE)
        self._reader.join()
        self.child.stdout.close()
        return code

    def has_ended(self):
        return self.child.poll() is not None


@pytest.fixture
def room(tmp_path):
    """An empty folder for temporary files."""
    place = tmp_path / "temporary"
    place.mkdir()
    return place


@pytest.fixture
def start(room):
    started = []

    def call(*words, before=()):
        started.append(Simulator(room, *words, before=before))
        return started[-1]

    yield call
    for one in started:
        if not one.has_ended():
            one.end(signal.SIGKILL)


def refer(simulator, **headers):
    return requests.post(
        simulator.base_url,
        json=referral_bundle(),
        headers={"Content-Type": "application/fhir+json"} | headers,
        timeout=30,
    )


def tasks(simulator):
    found = requests.get(f"{simulator.base_url}/Task", timeout=30).json()
    return [entry["resource"] for entry in found.get("entry", ())]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_ends_in_good_order_and_leaves_nothing(start, room, number):
    simulator = start("record")
    assert refer(simulator).status_code == 200
    assert list(room.iterdir()) != []
    assert simulator.end(number) == 0
    assert list(room.iterdir()) == []
    assert simulator.lines[-1] == "Stopped; its records are removed."
    assert "Traceback" not in "".join(simulator.lines)


def test_under_nohup_it_outlives_its_terminal(start):
    simulator = start("record", before=("nohup",))
    simulator.child.send_signal(signal.SIGHUP)
    time.sleep(0.3)
    assert not simulator.has_ended()
    assert simulator.end() == 0


def test_the_printed_command_adds_it_as_a_partner(start, run, tenant, monkeypatch):
    simulator = start("service", "--name", "Café North-End", "--token", "s3cret")
    line = simulator.wait_for(r"^  (footbridge partner add .*)$")[1]
    assert run(*shlex.split(line)[1:]).code == 0
    (partner,) = run("partner", "list", "--json").json
    assert (partner["name"], partner["title"], partner["poll_seconds"]) == ("cafe-north-end", "Café North-End", 2)
    assert run("partner", "test", "cafe-north-end").code == 2  # its token is not set
    monkeypatch.setenv(simulator.wait_for(r"^Set (\w+) to its token")[1], "s3cret")
    assert run("partner", "test", "cafe-north-end").code == 0


def test_a_record_is_added_as_a_requester(start, run, tenant):
    line = start("record").wait_for(r"^  (footbridge partner add .*)$")[1]
    assert run(*shlex.split(line)[1:]).code == 0
    assert [one["role"] for one in run("partner", "list", "--json").json] == ["requester"]


def test_a_service_follows_its_plan_and_says_so(start):
    simulator = start("service", "--after", "50ms", "--each", "50ms", "--outcome", "Three boxes given")
    assert refer(simulator).status_code == 200
    (task,) = tasks(simulator)
    simulator.wait_for(rf"^\d\d:\d\d:\d\d  Task/{task['id']}: complete$")
    steps = [line.split(": ")[1] for line in simulator.lines if f"Task/{task['id']}: " in line]
    assert steps == ["accept", "start", "complete"]
    (task,) = tasks(simulator)
    assert task["status"] == "completed"
    done = requests.get(f"{simulator.base_url}/{task['output'][0]['valueReference']['reference']}", timeout=30).json()
    assert done["note"] == [{"text": "Three boxes given"}]


def test_several_plans_are_for_the_referrals_in_their_order(start):
    simulator = start("service", "--plan", 'reject:"No places, sorry"', "--plan", "accept", "--after", "0s")
    for _ in range(3):
        assert refer(simulator).status_code == 200
        simulator.wait_for(rf"Task/{tasks(simulator)[-1]['id']}: \w+$")
    found = tasks(simulator)
    assert sorted(one["status"] for one in found) == ["accepted", "accepted", "rejected"]
    assert [one["statusReason"]["text"] for one in found if "statusReason" in one] == ["No places, sorry"]


def test_a_silent_service_and_a_record_do_nothing(start):
    silent, record = start("service", "--plan", "silent", "--after", "0s"), start("record")
    for one in (silent, record):
        assert refer(one).status_code == 200
    time.sleep(1)
    assert [task["status"] for one in (silent, record) for task in tasks(one)] == ["requested", "requested"]


def test_what_goes_wrong_goes_wrong_in_its_order(start):
    simulator = start("record", "--fail", "2", "--fail-status", "429", "--lose", "1", "--delay", "300ms")
    assert [refer(simulator).status_code for _ in range(2)] == [429, 429]
    with pytest.raises(requests.ConnectionError):
        refer(simulator)
    begun = time.monotonic()
    assert len(tasks(simulator)) == 1  # the request whose answer was lost took effect
    assert time.monotonic() - begun >= 0.3
    wrong = [line.partition("  ")[2] for line in simulator.lines if "simulated error" in line]
    assert wrong[:2] == ["POST Bundle 429 (simulated error)"] * 2
    assert wrong[2].startswith("POST Bundle no answer (simulated error): Task/")


def test_a_token_is_required(start):
    simulator = start("record", "--token", "s3cret")
    assert refer(simulator).status_code == 401
    assert refer(simulator, Authorization="Bearer s3cret").status_code == 200
    assert "s3cret" not in "".join(simulator.lines)


def test_each_request_is_a_line_without_personal_data(start):
    simulator = start("record")
    base = simulator.base_url
    headers = {"Content-Type": "application/fhir+json"}
    patient = {"resourceType": "Patient", "name": [{"family": CANARY}]}
    made = requests.post(f"{base}/Patient", json=patient, headers=headers, timeout=30).json()
    changed = patient | {"id": made["id"], "birthDate": "1991-06-17"}
    requests.put(f"{base}/Patient/{made['id']}", json=changed, headers=headers, timeout=30)
    for place in (f"Patient?name={CANARY}", f"{CANARY}/1", f"Patient/{CANARY}/x/y", f"Patient/${CANARY}"):
        requests.get(f"{base}/{place}", timeout=30)
    requests.post(f"{base}/Patient/_search", data={"name": CANARY}, timeout=30)
    requests.post(f"{base}/Patient/$Baptiste", json={}, headers=headers, timeout=30)
    simulator.end()
    said = [line.partition("  ")[2] for line in simulator.lines if re.match(r"\d\d:", line)]
    assert said[:3] == [
        f"POST Patient 201: Patient/{made['id']}", f"PUT Patient/{made['id']} 200", "GET Patient 200",
    ]  # fmt: skip
    assert len(said) == 8
    assert "Baptiste" not in "".join(simulator.lines)


def test_a_taken_port_is_one_line(run):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        for kind in ("record", "service"):
            ran = run("simulate", kind, "--port", port)
            assert (ran.code, ran.out) == (2, "")
            assert ran.err == f"Error: Cannot listen at 127.0.0.1, port {port}: Address already in use.\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("service", "--plan", "acept"), "'acept' is not a step"),
        (("service", "--plan", "accept:now"), "accept has no text"),
        (("service", "--plan", ""), "A plan needs a step"),
        (("service", "--after", "soon"), "'soon' is not a duration"),
        (("record", "--delay", "-1s"), "is not a duration"),
        (("record", "--name", "…"), "needs a letter or a digit"),
        (("record", "--token", ""), "A token has visible ASCII characters"),
        (("record", "--token", "two words"), "A token has visible ASCII characters"),
        (("record", "--port", "65536"), "65536"),
    ],
)
def test_what_it_cannot_do_is_said_at_once(run, words, said):
    ran = run("simulate", *words)
    assert ran.code == 2
    assert said in " ".join(ran.err.split())
    assert ran.out == ""


def test_names_become_names_of_partners():
    assert [partner_name(one) for one in ("North End Hub", "Épicerie d'été", "emr", "2nd")] == [
        "north-end-hub", "epicerie-d-ete", "emr", "2nd",
    ]  # fmt: skip
    with pytest.raises(ConfigurationError):
        partner_name("日本")
    assert "env:_2ND_TOKEN" in "".join(introduction("http://127.0.0.1:1/fhir", "2nd", "2nd", "recipient", "x"))


def test_a_bundle_is_named_in_few_words():
    assert named(["Patient/1", "Organization/2", "Task/3", "Organization/4"]) == "Task/3, Patient, 2 Organization"
    assert named(["Procedure/1"]) == "Procedure/1"
