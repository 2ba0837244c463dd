"""``footbridge validate --watch`` in a process of its own: each change is told, and Ctrl-C ends with the last state."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time

import pytest

GOOD = {"resourceType": "Task", "status": "requested", "intent": "order"}
BAD = GOOD | {"status": "nonsense"}
PATIENCE = 60  # seconds; a machine may be busy


class Watching:
    """The command, and the lines that it has printed so far."""

    def __init__(self, *words, cwd):
        command = [sys.executable, "-c", "from footbridge.cli import main; main(prog_name='footbridge')", "validate"]
        self.process = subprocess.Popen(
            [*command, *map(str, words), "--watch", "--best-practice", "ignore"], cwd=cwd, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=dict(os.environ) | {"PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        self.lines = queue.Queue()
        self.reader = threading.Thread(target=lambda: [self.lines.put(line) for line in self.process.stdout])
        self.reader.start()

    def round(self):
        """The lines up to the note that ends a round."""
        found, ends = [], time.monotonic() + PATIENCE
        while not found or not found[-1].startswith("Watching "):
            found.append(self.lines.get(timeout=max(0.1, ends - time.monotonic())).rstrip("\n"))
        return found

    def until(self, wanted):
        """Rounds until one ends so: a change may come in two events."""
        while (found := self.round())[-1] != wanted:
            pass
        return found

    def end(self):
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(PATIENCE)
        self.reader.join(PATIENCE)
        return code


@pytest.fixture
def watching(tmp_path):
    started = []

    def start(*words):
        started.append(Watching(*words, cwd=tmp_path))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.wait(PATIENCE)
        one.reader.join(PATIENCE)
        one.process.stdout.close()


def put(place, resource):
    """As an editor saves: a new file in the place of the old one."""
    new = place.with_name("." + place.name + "~")
    new.write_text(json.dumps(resource))
    new.replace(place)


def test_a_file_is_looked_at_again_and_the_last_state_is_the_exit_code(tmp_path, watching):
    place = tmp_path / "a.json"
    put(place, GOOD)
    seen = watching("a.json")
    assert seen.round() == ["a.json: Task conforms", "Watching 1 file; failing: 0. Ctrl-C ends."]
    put(place, BAD)
    assert seen.until("Watching 1 file; failing: 1. Ctrl-C ends.")[0] == "a.json: Task does not conform: 1 error"
    assert seen.end() == 1


def test_a_folder_with_files_that_come_change_and_go(tmp_path, watching):
    folder = tmp_path / "resources"
    (folder / "inner").mkdir(parents=True)
    put(folder / "a.json", BAD)
    put(folder / "b.json", GOOD)
    seen = watching("resources")
    assert seen.round()[-1] == "Watching 2 files; failing: 1. Ctrl-C ends."
    put(folder / "inner" / "c.json", GOOD)
    found = seen.until("Watching 3 files; failing: 1. Ctrl-C ends.")
    assert "resources/inner/c.json: Task conforms" in found
    assert not [line for line in found if "a.json" in line]
    (folder / "a.json").unlink()
    seen.until("Watching 2 files; failing: 0. Ctrl-C ends.")
    (folder / "b.json").write_bytes(b"PK\x03\x04")
    assert any("archive" in line for line in seen.until("Watching 2 files; failing: 1. Ctrl-C ends."))
    assert seen.end() == 2


def test_definitions_are_loaded_again(tmp_path, watching):
    put(tmp_path / "a.json", GOOD)
    (tmp_path / "t.json").write_text("{")
    seen = watching("a.json", "--definitions", "t.json")
    assert seen.round()[0].startswith("Error: t.json: ")
    put(tmp_path / "t.json", {"resourceType": "ValueSet", "url": "urn:v", "status": "draft"})
    assert seen.until("Watching 1 file; failing: 0. Ctrl-C ends.")[0] == "a.json: Task conforms"
    assert seen.end() == 0


@pytest.mark.parametrize("words", [["none.json", "--watch"], ["-", "--watch"]])
def test_what_cannot_be_watched_is_two(run, words):
    ran = run("validate", *words)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err
