"""What ``footbridge demo`` prints, on terminals of two sizes and in a pipe, and what ``--keep`` says and does then."""

import fcntl
import os
import pty
import random
import re
import shlex
import shutil
import signal
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import requests

COMMAND = [sys.executable, "-c", "from footbridge.cli import main; main()", "demo"]
PATIENCE = 300  # seconds for a machine that does much else
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
READY = "To try it, in another terminal"


def environment(room: Path, **more: str) -> dict[str, str]:
    """The test's own, without settings of Footbridge and without a width."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FOOTBRIDGE_")}
    return {name: value for name, value in kept.items() if name not in {"COLUMNS", "LINES", "NO_COLOR"}} | {
        "TMPDIR": str(room), **more,
    }  # fmt: skip


def on_terminal(room: Path, columns: int, rows: int) -> list[str]:
    """The lines that the demo prints on a terminal of this size, colours taken out."""
    own, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    child = subprocess.Popen(COMMAND, stdin=theirs, stdout=theirs, stderr=theirs, env=environment(room, TERM="xterm"))
    os.close(theirs)
    late = threading.Timer(PATIENCE, child.kill)
    late.start()
    said = b""
    try:
        while part := os.read(own, 65536):
            said += part
    except OSError:  # Linux says so when the other end is closed
        pass
    late.cancel()
    os.close(own)
    assert child.wait() == 0, said.decode()
    return COLOURS.sub("", said.decode()).replace("\r\n", "\n").splitlines()


def assert_fits(lines: list[str], columns: int) -> None:
    """No line is longer, no word is cut, and what goes wrong is marked."""
    assert [line for line in lines if len(line) > columns] == []
    words = set(" ".join(lines).split())
    whole = {"13-laissez-passer-musee", "20-refused-without-reason", "in-progress", "ServiceRequest", "requested"}
    assert whole <= {word.strip(";:(),│") for word in words}
    text = " ".join(" ".join(lines).split())
    for said in (
        "will answer 503 twice",
        "gives no answer: 1 message waits",
        "is down for a day",
        "! marks what goes wrong",
    ):
        assert said in text
    marked = [line for line in lines if re.match(r"[!+] \w{3} \d\d \w{3} ", line)]
    ordinary = [line for line in lines if re.match(r"  \w{3} \d\d \w{3} ", line)]
    assert len([line for line in marked if line.startswith("!")]) >= 7
    assert len([line for line in marked if line.startswith("+")]) >= 3
    wrong = re.compile(r"will answer|gives no answer|answers 503|is down|will take one|got through|is back")
    assert [line for line in ordinary if wrong.search(line)] == []
    assert len(ordinary) > 80


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (120, 40)])
def test_it_fits_a_terminal(tmp_path: Path, columns: int, rows: int) -> None:
    lines = on_terminal(tmp_path, columns, rows)
    assert_fits(lines, columns)
    assert "- prescription: 13-laissez-passer-musee (signpost, 67 days)" in lines
    assert lines[-1].startswith("The loop is closed. ")


class Kept:
    """The demo with ``--keep``, in a pipe; its lines as they come."""

    def __init__(self, room: Path, port: int) -> None:
        self.lines: list[str] = []
        self.child = subprocess.Popen(
            [*COMMAND, "--keep", "--port", str(port)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment(room, PYTHONUNBUFFERED="1"),
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.child.stdout is not None
        for line in self.child.stdout:
            self.lines.append(line.rstrip("\n"))

    def wait_for(self, pattern: str) -> None:
        """Wait until a text has come, over the ends of lines too."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.child.poll() is None:
            if re.search(pattern, " ".join(" ".join(self.lines).split())):
                return
            time.sleep(0.1)
        raise AssertionError("\n".join(self.lines))

    def end(self, number: int) -> int:
        self.child.send_signal(number)
        code = self.child.wait(PATIENCE)
        self._reader.join()
        assert self.child.stdout is not None
        self.child.stdout.close()
        return code


def four_free_ports() -> int:
    """The first of four free ports, below those that the system gives to clients."""
    while True:
        first = random.randrange(20_000, 32_000)
        if all(is_free(first + number) for number in range(4)):
            return first


def is_free(port: int) -> bool:
    with socket.socket() as tried:
        try:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


LOOK = {
    "Prescriber": {"/portal/prescribe": "Ruth Achterberg", "/portal?list=to-answer": "Samuel Oduya"},
    "Navigator": {"/portal?list=follow-up": "Odile Castonguay", "/portal?list=to-answer": "Samuel Oduya"},
    "Service worker": {"/portal": "Samuel Oduya", "/portal?list=working": "Rima Haddad"},
    "Directory manager": {"/portal/admin/directory": "loon-bay"},
    "Administrator": {"/portal/admin/partners": "Maple Street Kitchen"},
}
"""Where each role finds something to do in the portal of the kept demo, and what."""


def to_do(lines: list[str], port: int) -> dict[str, list[str]]:
    """What each of these people finds there, signed in by the link that was printed."""
    found = {}
    for role, pages in LOOK.items():
        link = lines[lines.index(role) + 1].strip()
        with requests.Session() as browser:
            browser.trust_env = False
            form = dict(re.findall(r'name="(form_token)" value="([^"]+)"', browser.get(link).text))
            browser.post(link, data=form)
            shown = {path: browser.get(f"http://127.0.0.1:{port}{path}").text for path in pages}
        found[role] = [words for path, words in pages.items() if words in shown[path]]
    return found


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_what_is_kept_says_what_will_happen_and_it_happens(tmp_path: Path) -> None:
    room = tmp_path / "temporary"
    room.mkdir()
    port = four_free_ports()
    kept = Kept(room, port)
    try:
        kept.wait_for(r"To try it, in another terminal .* curl -G \"\$EMR/Task\"")
        links = [line for line in kept.lines if re.fullmatch(r" *https?://\S+", line)]  # whole, so that they open
        short = [
            line for line in kept.lines if "sqlite:" not in line and line not in links
        ]  # pytest's folders are deep
        assert_fits(short, 80)
        text = " ".join(" ".join(kept.lines).split())
        for said in (
            "accepts it after 10 s, starts after 20 s, completes it after 30 s",
            "The clock is at Sun 17 Jan 2027, 23:50 UTC, since the play moved it through eleven weeks.",
            "later the API answers 409",
            "Maple Street Kitchen has people who work in the portal",
            f"API http://127.0.0.1:{port} ",
            *(f" http://127.0.0.1:{port + number}/fhir " for number in (1, 2, 3)),
        ):
            assert said in text
        assert to_do(kept.lines, port) == {
            "Prescriber": ["Ruth Achterberg", "Samuel Oduya"],
            "Navigator": ["Odile Castonguay", "Samuel Oduya"],
            "Service worker": ["Samuel Oduya", "Rima Haddad"],
            "Directory manager": ["loon-bay"],
            "Administrator": ["Maple Street Kitchen"],
        }
        commands = kept.lines[kept.lines.index(READY) + 1 :]
        answers = as_a_reader_would("\n".join(commands[: commands.index("")]))
        assert answers[0].count('"id":') >= 3  # the list
        assert '"name":"submitted"' in answers[1]
        assert '"status":"completed"' in answers[2]
        assert '"status":"active"' in answers[3]  # the new prescription
        kept.wait_for(r"MY-1 North End Hub: completes it, with a Procedure → Riverside EMR")
        assert [line for line in kept.lines if len(line) > 80 and "sqlite:" not in line and line not in links] == []
        assert kept.end(signal.SIGHUP) == 0
    finally:
        if kept.child.poll() is None:
            kept.end(signal.SIGKILL)
    assert list(room.iterdir()) == []
    assert all(is_free(port + number) for number in range(4))


def as_a_reader_would(commands: str) -> list[Any]:
    """Copy the commands into a shell; what each curl answered."""
    script = commands.replace("curl ", "curl -sS -w '\\n====\\n' ")
    ran = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (ran.returncode, ran.stderr) == (0, ""), shlex.quote(script) + ran.stdout + ran.stderr
    return ran.stdout.split("\n====\n")
