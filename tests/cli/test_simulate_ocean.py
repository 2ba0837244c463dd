"""``footbridge simulate ocean`` as its user calls it: what it prints is enough to call it, and it ends cleanly."""

import os
import re
import signal
import subprocess
import sys
import threading
import time

import pytest
import requests
from flask import Flask, request
from werkzeug.serving import make_server

START = "import sys; from footbridge.cli import main; main(sys.argv[1:], prog_name='footbridge')"
PATIENCE = 60


class Command:
    """The command as a process."""

    def __init__(self, *words, **environment):
        self.child = subprocess.Popen(
            [sys.executable, "-c", START, "simulate", "ocean", "--port", "0", *words],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ | environment,
        )  # fmt: skip
        self.lines = []
        self.reader = threading.Thread(target=lambda: self.lines.extend(self.child.stdout))
        self.reader.start()

    def find(self, pattern):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if found := re.search(pattern, "".join(self.lines), re.MULTILINE):
                return found[1]
            time.sleep(0.02)
        raise AssertionError(f"{pattern} never came: {self.lines}")

    def end(self):
        self.child.send_signal(signal.SIGTERM)
        code = self.child.wait(PATIENCE)
        self.reader.join()
        self.child.stdout.close()
        return code


@pytest.fixture
def start():
    running = []

    def call(*words, **environment):
        running.append(Command(*words, **environment))
        return running[-1]

    yield call
    for one in running:
        if one.child.poll() is None:
            one.end()


@pytest.fixture
def receiver():
    """A receiver with a token endpoint; its ``got`` are the bodies."""
    app = Flask("receiver")
    app.got = []

    @app.post("/token")
    def token():
        good = (request.form["client_id"], request.form["client_secret"]) == ("ocean", "s3cret")
        return ({"access_token": "t"}, 200) if good else ({"error": "invalid_client"}, 401)

    @app.post("/messages")
    def messages():
        app.got.append(request.get_json(force=True))
        return "", 202 if request.headers.get("Authorization") == "Bearer t" else 401

    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    app.url = f"http://127.0.0.1:{server.port}"
    yield app
    server.shutdown()
    thread.join()
    server.server_close()


def test_what_it_prints_is_enough_to_call_it(start):
    ocean = start("--refer", "2", "--site", "77", "--external-service", "walks")
    base, token_url = ocean.find(r"FHIR base +(\S+)"), ocean.find(r"token endpoint +(\S+)")
    form = {"grant_type": "client_credentials", "client_id": ocean.find(r"client id +(\S+)")}
    form["client_secret"] = ocean.find(r"client secret +(\S+)")
    token = requests.post(token_url, data=form, timeout=30).json()["access_token"]
    asked = requests.get(
        f"{base}/NamingSystem/id-site-number", headers={"Authorization": f"Bearer {token}"}, timeout=30
    )
    assert asked.status_code == 200
    page = requests.get(ocean.find(r"Open (\S+) in a browser"), timeout=30).text
    assert ocean.find(r"listing +(\S+)") in page
    assert "Received by site 77" in page
    assert ocean.end() == 0
    assert ocean.lines[-1] == "Stopped; its referrals are removed.\n"
    assert "Traceback" not in "".join(ocean.lines)


def test_it_delivers_with_a_token_and_prints_a_line_for_each_message(start, receiver):
    ocean = start(
        "--refer", "3", "--receiver", f"{receiver.url}/messages", "--token-url", f"{receiver.url}/token",
        "--seed", "5", OCEAN_CLIENT_SECRET="s3cret",
    )  # fmt: skip
    ocean.find(r"(?s)(-> 1234 add-service-request \S+ 202.*){3}")
    assert len(receiver.got) == 3
    ocean.end()
    people = [one["resource"]["name"][0]["family"] for bundle in receiver.got for one in bundle["entry"]
              if one["resource"]["resourceType"] == "Patient"]  # fmt: skip
    assert not any(name in "".join(ocean.lines) for name in people)


def test_a_new_start_makes_other_referrals_unless_the_seed_is_the_same(start):
    def refs(*words):
        ocean = start("--refer", "2", *words)
        found = requests.get(f"{ocean.find(r'listens at ([^;]+);')}/control/referrals", timeout=30).json()
        ocean.end()
        return [one["ref"] for one in found]

    assert refs("--seed", "3") == refs("--seed", "3")
    assert refs() != refs()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--receiver", "hub.test/messages"], "starts with http"),
        (["--receiver", "http://127.0.0.1:9/m", "--token-url", "http://127.0.0.1:9/t"], "OCEAN_CLIENT_SECRET"),
        (["--duplicate", "2"], "0<=x<=1"),
        (["--shape", "round"], "composed"),
    ],
)
def test_a_wrong_option_is_said_in_a_sentence(run, words, said):
    ran = run("simulate", "ocean", "--port", "0", *words)
    assert ran.code == 2
    assert said in ran.err
    assert "Traceback" not in ran.err
