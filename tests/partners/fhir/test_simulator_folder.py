"""What a simulator of a script leaves in the temporary folder, whichever way the script ends."""

import os
import signal
import socket
import stat
import subprocess
import sys

import pytest

from footbridge.errors import ConfigurationError
from footbridge.partners.fhir.simulator import FhirSimulator

SCRIPT = """
import signal, sys, threading, time
from footbridge.partners.fhir.simulator import FhirSimulator
{before}
def play():
    global servers
    servers = [FhirSimulator(name=name).start() for name in ("hub", "emr")]
    servers[0].put({{"resourceType": "Patient", "name": [{{"family": "Baptiste"}}]}})
{start}
print("ready", flush=True)
{then}
"""
MAIN, THREAD = "play()", "threading.Thread(target=play).start(); time.sleep(3)"
SLEEP = "time.sleep(60)"


@pytest.fixture
def script(tmp_path):
    """Start a script with an empty temporary folder; it is ready when this returns."""
    started = []

    def call(before="", start=MAIN, then=SLEEP):
        child = subprocess.Popen(
            [sys.executable, "-c", SCRIPT.format(before=before, start=start, then=then)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ | {"TMPDIR": str(tmp_path)},
        )  # fmt: skip
        started.append(child)
        assert child.stdout.readline() == "ready\n", child.stderr.read()
        return child

    yield call
    for child in started:
        child.kill()
        child.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_it_as_ever_and_the_folders_are_gone(script, tmp_path, number):
    child = script()
    folders = list(tmp_path.iterdir())
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in folders] == [0o700, 0o700]
    child.send_signal(number)
    assert child.wait(60) == -number
    assert list(tmp_path.iterdir()) == []


def test_a_handler_of_the_script_itself_stays(script, tmp_path):
    own = "signal.signal(signal.SIGTERM, lambda *_: sys.exit(7))"
    child = script(before=own)
    child.terminate()
    assert child.wait(60) == 7
    assert list(tmp_path.iterdir()) == []


def test_a_signal_that_the_script_ignores_stays_ignored(script, tmp_path):
    child = script(before="signal.signal(signal.SIGHUP, signal.SIG_IGN)", then="time.sleep(1)")
    child.send_signal(signal.SIGHUP)
    assert child.wait(60) == 0
    assert list(tmp_path.iterdir()) == []


def test_started_in_a_thread_it_runs_and_its_end_removes_it(script, tmp_path):
    child = script(start=THREAD, then="")
    assert child.wait(60) == 0, child.stderr.read()
    assert list(tmp_path.iterdir()) == []


def test_a_simulator_that_was_stopped_is_none_of_the_handlers_business(script, tmp_path):
    child = script(then=f"[one.stop() for one in servers]; print('stopped', flush=True); {SLEEP}")
    assert child.stdout.readline() == "stopped\n"
    assert list(tmp_path.iterdir()) == []
    child.terminate()
    assert child.wait(60) == -signal.SIGTERM


def test_a_taken_port_is_an_exception_and_leaves_nothing(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConfigurationError, match=rf"Cannot listen at 127\.0\.0\.1, port {port}: .*in use"):
            FhirSimulator(port=port).start()
    assert capfd.readouterr() == ("", "")
    assert list(tmp_path.iterdir()) == []
    with FhirSimulator(port=port) as server:  # free again
        assert server.base_url == f"http://127.0.0.1:{port}/fhir"
