"""The way by hand of the README, word for word: from an empty folder to a completed referral, with real processes."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time

import pytest
from support.pages import blocks_of, section_of

PAGE, SECTION = "README.md", "## For EMR vendors: prescribe through the API"
PORTS = (9101, 9102, 8080)
SECONDS = 300  # from the first command to the outcome at the EMR
UNTIL_COMPLETED = """
until curl -s "http://127.0.0.1:9101/fhir/Task?status=completed" | grep -q '"total":1'; do sleep 1; done
echo "---- watch"
"""
MARK = "---- watch\n"


def section():
    return section_of(PAGE, SECTION)


def blocks():
    inside = section()
    return [block.text for block in blocks_of(PAGE, "sh") if block.text in inside]


def is_free(port):
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port():
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return tried.getsockname()[1]


def on_free_ports(script):
    """The script as it is; on a machine where something listens at one of its ports, with other ports."""
    if all(map(is_free, PORTS)):
        return script, PORTS
    new = [free_port() for _ in PORTS]
    for command, port in zip(("footbridge simulate record", "footbridge simulate service", "footbridge serve"), new,
                             strict=True):  # fmt: skip
        script = script.replace(f"{command} ", f"{command} --port {port} ")
    for old, port in zip(PORTS, new, strict=True):
        script = script.replace(f"127.0.0.1:{old}", f"127.0.0.1:{port}")
    return script, tuple(new)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_way_by_hand_ends_in_a_completed_referral(sandbox, tmp_path):
    first, post, watch = blocks()
    (end,) = re.findall(r"`(kill [^`]+)`", section())
    script, ports = on_free_ports(f"{first}\n{post}\n{UNTIL_COMPLETED}\n{watch}\nfootbridge outbox list\n{end}")
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    home = sandbox.home
    before = {one.name for one in home.iterdir()}
    begun = time.monotonic()
    ran = run(script, home, environment_of(sandbox, temporary))
    assert time.monotonic() - begun < SECONDS
    said, watched = ran.stdout.split(MARK)
    assert re.search(r'\{"id":"[0-9a-f-]{36}","status":"active","warnings":\[', said), ran.stdout + ran.stderr
    names = re.findall(r'^"name":"([a-z-]+)"$', watched, re.MULTILINE)
    assert [one for one in names if one in {"submitted", "accept", "start", "complete", "output"}] == [
        "submitted", "accept", "start", "complete", "output",
    ]  # fmt: skip
    bundle = json.loads(watched[watched.index("{\n") : watched.index("\n}\n") + 2])
    (task,) = [entry["resource"] for entry in bundle["entry"]]
    assert (task["status"], len(task["output"])) == ("completed", 1)
    assert "No referrals wait for a person." in ran.stderr
    assert "failed" not in watched
    assert "rror" not in ran.stderr
    assert all(map(is_free, ports))  # the last command ends all that the first ones started
    assert list(temporary.iterdir()) == []
    left = {one.name for one in home.iterdir()} - before
    assert left == {"record.log", "service.log", "serve.log"}
    assert re.search(r"Task/\S+: complete$", (home / "service.log").read_text(), re.MULTILINE)
    assert "Baptiste" not in (home / "record.log").read_text() + (home / "service.log").read_text()


def environment_of(sandbox, temporary):
    """The sandbox's, less what the README sets, or what it does not speak of."""
    kept = {name: value for name, value in sandbox.environment.items() if not name.startswith("FOOTBRIDGE_")}
    shims = str(sandbox.home / ".venv" / "bin")
    path = os.pathsep.join(one for one in kept["PATH"].split(os.pathsep) if one != shims)
    return {name: value for name, value in kept.items() if name != "EMR_TOKEN"} | {
        "PATH": path, "TMPDIR": str(temporary),
    }  # fmt: skip


def run(script, home, environment):
    """Let a shell run it; whatever it leaves behind is ended."""
    child = subprocess.Popen(
        ["bash", "-c", script],
        cwd=home, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        out, err = child.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        out, err = child.communicate()
        logs = "".join((home / f"{name}.log").read_text() for name in ("record", "service", "serve"))
        raise AssertionError(out + err + logs) from None
    return subprocess.CompletedProcess(child.args, child.returncode, out, err)
