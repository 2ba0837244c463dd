"""What may go wrong around a command: database, files, output, locale. A line and an exit code, never a traceback."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from footbridge.cli import failures
from footbridge.errors import MappingFault
from footbridge.model.issues import Issue
from footbridge.store import engine

COMMANDS = [
    ("tenant", "list"),
    ("tenant", "add", "x"),
    ("partner", "list"),
    ("route", "list"),
    ("outbox", "list"),
    ("worker", "--once"),
]
START = "import sys; from footbridge.cli import main; main(sys.argv[1:], prog_name='footbridge')"


def told(ran):
    """The one line of a command that could not run."""
    assert (ran.code, ran.out) == (2, "")
    (line,) = ran.err.splitlines()
    assert line.startswith("Error: ")
    return line


@pytest.fixture
def place(home):
    return home / "footbridge.sqlite3"


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
class TestDatabase:
    def test_is_no_database(self, run, place, words):
        place.write_bytes(b"This is a letter, not a database. " * 100)
        line = told(run(*words))
        assert "file is not a database" in line
        assert "FOOTBRIDGE_DATABASE_URL" in line

    def test_is_a_folder(self, run, place, words):
        place.mkdir()
        assert "unable to open database file" in told(run(*words))

    def test_is_in_a_file_instead_of_a_folder(self, run, home, words):
        (home / "flat").write_text("")
        told(run(*words, env={"FOOTBRIDGE_DATABASE_URL": f"sqlite:///{home / 'flat' / 'footbridge.sqlite3'}"}))

    def test_is_newer_than_the_code(self, run, place, words):
        run("tenant", "add", "y")
        with sqlite3.connect(place) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.close()
        assert "version 9999" in told(run(*words))

    def test_is_damaged(self, run, place, words):
        run("tenant", "add", "y")
        for leftover in place.parent.glob("*-wal"):
            leftover.unlink()
        content = place.read_bytes()
        place.write_bytes(content[:4096] + b"\xaa" * (len(content) - 4096))
        assert "database" in told(run(*words))

    def test_is_nowhere(self, run, words):
        url = "postgresql+psycopg://adapter:s3cret@127.0.0.1:1/footbridge?connect_timeout=2"
        line = told(run(*words, env={"FOOTBRIDGE_DATABASE_URL": url}))
        assert "127.0.0.1" in line
        assert "s3cret" not in line


def test_a_database_that_another_keeps_locked(run, place, monkeypatch):
    monkeypatch.setattr(engine, "SQLITE_BUSY_MILLISECONDS", 50)
    run("tenant", "add", "y")
    holder = sqlite3.connect(place, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        assert "database is locked" in told(run("tenant", "add", "x"))
        assert run("tenant", "list").code == 0  # readers need not wait
    finally:
        holder.close()


def test_a_database_that_can_only_be_read(run, place):
    run("tenant", "add", "y")
    with place.open("r+b") as file:
        file.seek(18)  # the version to write it by: one that no SQLite knows (https://sqlite.org/fileformat2.html)
        file.write(b"\x03")
    assert "attempt to write a readonly database" in told(run("tenant", "add", "x"))
    assert run("tenant", "list").code == 0


def test_a_file_uri_is_refused_and_makes_no_folder(run, place, monkeypatch):
    monkeypatch.chdir(place.parent)
    ran = run("tenant", "list", env={"FOOTBRIDGE_DATABASE_URL": f"sqlite:///file:{place}?mode=ro&uri=true"})
    assert "write sqlite:///PATH" in told(ran)
    assert list(place.parent.glob("file:*")) == []


def test_what_a_database_says_of_a_row_is_not_repeated(run, place):
    run("tenant", "add", "y")
    with sqlite3.connect(place) as connection:
        connection.execute("CREATE TRIGGER no BEFORE INSERT ON token BEGIN SELECT RAISE(ABORT, 'Grace Okafor'); END")
    connection.close()
    assert "IntegrityError" in (line := told(run("tenant", "add", "x")))
    assert "Grace" not in line


@pytest.mark.parametrize("command", ["map", "read", "prescribe"])
def test_files_that_cannot_be_read(run, tenant, tmp_path, command):
    for path in (tmp_path / "nowhere.json", tmp_path, tmp_path / ("x" * 300), "\0"):
        ran = run(command, path)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith("Error: ")


def test_the_faults_of_our_own_mapping_are_not_the_callers():
    issue = Issue("required", "error", "required", "Task.code is missing.", expression="Task")
    failure = failures.explain(MappingFault([issue]))
    assert failure.exit_code == 2
    assert failure.lines[0] == "error: Task: Task.code is missing."


def test_a_bug_is_told_by_its_place_alone(run, monkeypatch):
    def broken():
        raise KeyError("Grace Okafor")

    monkeypatch.setattr("footbridge.cli.tenant.database", broken)
    monkeypatch.setattr("footbridge.cli.context.database", broken)
    line = told(run("tenant", "list"))
    assert "Internal error: KeyError in cli/tenant.py, line " in line
    assert "Grace" not in line


def test_the_traceback_is_shown_when_it_is_asked_for(home):
    words = [sys.executable, "-c", START, "--traceback", "config", "show"]
    wrong = os.environ | {"FOOTBRIDGE_PORT": "x"}
    ran = subprocess.run(words, capture_output=True, text=True, check=False, env=wrong)
    assert ran.returncode == 1
    assert "Traceback" in ran.stderr


def test_nobody_reads_on(home, examples):
    """As ``footbridge map *.json | head -n 1`` does."""
    files = [str(path) for path in sorted(examples.glob("[0-9]*.json"))] * 3
    ran = subprocess.Popen([sys.executable, "-c", START, "map", *files], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    ran.stdout.readline()
    ran.stdout.close()
    text = ran.stderr.read().decode()
    ran.stderr.close()
    assert ran.wait(60) == failures.NO_READER
    assert "Traceback" not in text
    assert "Broken" not in text
    assert "Error" not in text


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk(home, examples):
    with Path("/dev/full").open("wb") as full:
        words = [sys.executable, "-c", START, "map", str(examples / "04-art-class.json")]
        ran = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ran.returncode == 2
    assert ran.stderr == "Error: No space left on device.\n"


@pytest.mark.parametrize(("closing", "code"), [(">&- 2>&-", 0), ("- <&- >/dev/null", 1)])
def test_closed_streams(home, examples, closing, code):
    words = f'{sys.executable} -c "$START" map {examples / "04-art-class.json"} {closing}'
    ran = subprocess.run(words, shell=True, env=os.environ | {"START": START}, check=False)
    assert ran.returncode == code


def test_ctrl_c(home, examples):
    words = [sys.executable, "-c", START, "map", str(examples / "04-art-class.json"), "-"]
    waiting = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        assert waiting.stdout.readline()
        waiting.send_signal(signal.SIGINT)
        _, err = waiting.communicate(timeout=60)
    finally:
        waiting.kill()
    assert (waiting.returncode, err) == (failures.INTERRUPTED, b"Interrupted.\n")


def test_an_encoding_that_lacks_a_letter(shell, run, tenant):
    assert run("partner", "add", "hub", "https://hub.test/fhir", "--title", "Łódź").code == 0
    assert "Łódź" in run("partner", "list").out
    ran = shell("partner", "list", env={"PYTHONIOENCODING": "latin-1"})
    assert ran.code == 0
    assert "\\u0141" in ran.out


def test_a_poor_terminal(shell):
    ran = shell("config", "show", env={"TERM": "dumb", "NO_COLOR": "1", "LC_ALL": "C", "LANG": "", "COLUMNS": "40"})
    assert (ran.code, ran.err) == (0, "")
    assert "\x1b" not in ran.out


def test_a_file_name_that_is_no_text(shell, examples, tmp_path):
    path = tmp_path / os.fsdecode(b"\xe9.json")
    path.write_bytes(b"{}")
    ran = shell("map", path, "--json")
    assert ran.code == 1
    assert "\\udce9.json" in ran.err
    assert ran.findings[0]["status"] == "refused"
    assert shell("map", path).code == 1
