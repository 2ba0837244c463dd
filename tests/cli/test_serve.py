"""``footbridge serve`` and ``footbridge worker`` as processes: from a POST to the partner, and a clean end."""

import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request

import pytest
import requests

START = "import sys; from footbridge.cli import main; main(sys.argv[1:], prog_name='footbridge')"
PATIENCE = 60  # seconds; a loaded machine is slow, a broken command never comes


class Process:
    """A command that goes on; its standard error is kept line by line."""

    def __init__(self, *words):
        command = [sys.executable, "-c", START, *words]
        self.child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.lines = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self):
        for line in self.child.stderr:
            self.lines.append(line.rstrip("\n"))

    def wait_for(self, pattern):
        return wait_for(lambda: next(filter(None, (re.search(pattern, line) for line in self.lines)), None))

    def end(self, number=signal.SIGTERM):
        self.child.send_signal(number)
        code = self.child.wait(PATIENCE)
        self._reader.join()
        self.child.stderr.close()
        return code


def wait_for(look):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError("it never came")


@pytest.fixture
def start(home):
    started = []

    def call(*words):
        started.append(Process(*words))
        return started[-1]

    yield call
    for process in started:
        if process.child.poll() is None:
            process.end(signal.SIGKILL)


def loopback():
    """The address ::1, where this machine has it."""
    with socket.socket(socket.AF_INET6) as tried:
        try:
            tried.bind(("::1", 0))
        except OSError:
            return "127.0.0.1"
    return "::1"


def post(base_url, token, body):
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{base_url}/api/v1/prescriptions", body, headers)
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return answer.status, json.load(answer)


def test_from_the_post_to_the_partner(run, start, hub, tenant, examples):
    token = run("tenant", "token", tenant, "--actor", "emr", "--role", "requester").out.strip()
    run("user", "add", "kit@north.example", "--name", "Kit", "--role", "navigator")
    server = start("serve", "--port", "0", "--threads", "4")
    base_url = server.wait_for(r"listens at (http://127\.0\.0\.1:[0-9]+);")[1]
    status, body = post(base_url, token, (examples / "01-good-food-box.json").read_bytes())
    assert status == 201
    assert body["status"] == "active"
    wait_for(lambda: hub.all("Task", code="fulfill"))
    browser = requests.Session()
    page = browser.get(f"{base_url}/portal/sign-in", timeout=PATIENCE).text
    form = {"form_token": re.search(r'name="form_token" value="(\w+)"', page)[1], "email": "kit@north.example"}
    assert browser.post(f"{base_url}/portal/sign-in", form, timeout=PATIENCE).status_code == 200
    link = server.wait_for(rf"{re.escape(base_url)}/portal/link/[\w-]+")  # not at the port 0
    assert browser.get(link[0], timeout=PATIENCE).status_code == 200
    assert server.end() == 0
    log = "\n".join(server.lines)
    assert '"route": "/api/v1/prescriptions"' in log
    name = json.loads((examples / "01-good-food-box.json").read_bytes())["client"]["name"]
    assert [secret for secret in (token, name["family"], *name["given"]) if secret in log] == []
    assert "Traceback" not in log


def test_without_a_worker_nothing_leaves(run, start, hub, tenant, examples):
    token = run("tenant", "token", tenant, "--actor", "emr", "--role", "requester").out.strip()
    server = start("serve", "--port", "0", "--no-worker", "--host", loopback())
    base_url = server.wait_for(r"listens at (\S+);")[1]
    post(base_url, token, (examples / "01-good-food-box.json").read_bytes())
    assert server.end(signal.SIGINT) == 0
    assert hub.all("Task") == []
    worker = start("worker", "--threads", "2", "--name", "w1")
    worker.wait_for("Worker w1 is running")
    wait_for(lambda: hub.all("Task", code="fulfill"))
    assert worker.end() == 0
    assert "Traceback" not in "\n".join(worker.lines)


@pytest.mark.parametrize("words", [["--port", "PORT"], ["--host", "nowhere.invalid"], ["--host", "256.1.1.1"]])
def test_where_nobody_may_listen(run, server, words):
    port = server.base_url.split(":")[2].split("/")[0]
    ran = run("serve", *(word.replace("PORT", port) for word in words))
    assert ran.code == 2
    assert ran.err.startswith("Error: Cannot listen at ")


def test_a_database_that_is_none(home, start):
    (home / "footbridge.sqlite3").write_bytes(b"no database " * 1000)
    server = start("serve", "--port", "0")
    assert server.child.wait(PATIENCE) == 2
    server.end(0)
    assert "file is not a database" in server.lines[-1]


@pytest.mark.parametrize(("host", "is_told"), [("0.0.0.0", True), ("127.0.0.1", False)])
def test_plain_http_on_every_interface_is_warned_of(start, home, host, is_told):
    server = start("serve", "--host", host, "--port", "0", "--workers", "1", "--no-worker")
    server.wait_for(r"Footbridge listens at http://")
    assert server.end() == 0
    text = "\n".join(server.lines)
    assert ("speaks plain http" in text) == is_told
    assert "database.created" in text  # and it says where
    assert str(home / "footbridge.sqlite3") in text


@pytest.mark.parametrize(
    ("host", "is_local"),
    [("localhost", True), ("a.localhost", True), ("127.8.9.1", True), ("::1", True), ("localhost.example", False),
     ("gateway", False), ("10.0.0.5", False), ("::", False), ("fe80::1%eth0", False), ("", False)],
)  # fmt: skip
def test_what_only_this_machine_reaches(host, is_local):
    from footbridge.cli.serve import _is_loopback

    assert _is_loopback(host) is is_local


@pytest.mark.parametrize("words", [("serve", "--port", "0", "--workers", "1"), ("worker",)])
def test_a_credential_that_is_missing_is_told_at_the_start(start, run, tenant, words):
    run("partner", "add", "hub", "https://hub.test/fhir", "--credential", "env:NOT_SET_ANYWHERE")
    running = start(*words)
    found = running.wait_for(r"Warning: partner hub of tenant \S+ cannot be reached\. .*env:NOT_SET_ANYWHERE")
    assert found
    running.wait_for("listens at|is running")
    assert running.end() == 0


def test_a_worker_shows_its_numbers(run, start, hub, tenant, examples):
    assert run("prescribe", examples / "01-good-food-box.json").code == 0
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        port = tried.getsockname()[1]
    worker = start("worker", "--metrics-port", str(port))
    worker.wait_for("is running")

    def delivered():
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=PATIENCE) as answer:
            text = answer.read().decode()
        return re.search(
            r'^footbridge_job_attempts_total\{.*outcome="done",partner="north-end-hub".*\} 1.0$', text, re.MULTILINE
        )

    wait_for(delivered)
    assert worker.end() == 0


def free_port():
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return tried.getsockname()[1]


def test_a_link_by_mail_leads_to_where_the_server_listens(run, start, tenant, tmp_path, monkeypatch):
    monkeypatch.setenv("FOOTBRIDGE_MAIL_FOLDER", str(tmp_path / "mail"))
    assert run("user", "add", "kit@x.example", "--name", "Kit", "--role", "navigator").code == 0
    port = free_port()
    server = start("serve", "--port", str(port), "--threads", "2")
    base_url = server.wait_for(r"listens at (\S+);")[1]
    with requests.Session() as browser:
        browser.trust_env = False
        form = dict(re.findall(r'name="(form_token)" value="([^"]+)"', browser.get(f"{base_url}/portal/sign-in").text))
        asked = browser.post(f"{base_url}/portal/sign-in", data=form | {"email": "kit@x.example"}, timeout=PATIENCE)
        assert asked.status_code == 200
    (mail,) = wait_for(lambda: list((tmp_path / "mail").glob("*.eml")))
    assert f"http://127.0.0.1:{port}/portal/link/" in mail.read_text()
