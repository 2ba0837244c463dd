"""What is written belongs to its user alone, whatever the umask is; and only who begins something makes a database."""

import os
import stat
import tempfile
from pathlib import Path

import pytest

from footbridge.partners.fhir.simulator import FhirSimulator
from footbridge.store.engine import open_database
from footbridge.store.migrate import upgrade
from footbridge.terminology import user_store

BESIDE = ("", "-wal", "-shm", "-turn")


def mode(path):
    return stat.S_IMODE(Path(path).stat().st_mode)


@pytest.fixture(params=[0o022, 0o000, 0o077], ids="umask {:03o}".format)
def umask(request):
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def fill(url):
    database = open_database(url)
    upgrade(database)
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE x (y)")
    return database


def test_a_new_database_is_private(umask, tmp_path):
    place = tmp_path / "new" / "deep" / "footbridge.sqlite3"
    database = fill(f"sqlite:///{place}")
    assert [mode(f"{place}{end}") for end in BESIDE] == [0o600] * 4
    assert (mode(place.parent), mode(place.parent.parent)) == (0o700, 0o700)
    database.dispose()


def test_so_is_one_with_a_relative_path_and_one_behind_a_link(umask, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    link = tmp_path / "link.sqlite3"
    link.symlink_to(tmp_path / "elsewhere" / "real.sqlite3")
    for url, place in (
        ("sqlite:///near.sqlite3", "near.sqlite3"),
        ("sqlite:///sub/far.sqlite3", "sub/far.sqlite3"),
        (f"sqlite:///{link}", "elsewhere/real.sqlite3"),
    ):
        database = fill(url)
        assert {mode(path) for path in tmp_path.rglob(f"{Path(place).name}*") if path.is_file()} == {0o600}, url
        database.dispose()
    assert mode("sub") == mode("elsewhere") == 0o700


def test_one_in_memory_makes_no_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for url in ("sqlite://", "sqlite:///:memory:"):
        database = open_database(url)
        with database.write() as connection:
            connection.exec_driver_sql("CREATE TABLE x (y)")
        database.dispose()
    assert list(tmp_path.iterdir()) == []


def test_one_that_is_there_keeps_its_mode(umask, tmp_path):
    place = tmp_path / "old.sqlite3"
    place.touch()
    place.chmod(0o640)
    fill(f"sqlite:///{place}").dispose()
    assert mode(place) == 0o640


def test_simulators_and_terminology_are_private(umask, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with FhirSimulator():
        made = [path for path in tmp_path.rglob("*") if "footbridge" in str(path)]
        assert made
        assert all(mode(path) & 0o077 == 0 for path in made)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    user_store.make_folder(tmp_path / "data" / "footbridge" / "terminology")
    assert mode(tmp_path / "data" / "footbridge") == 0o700


def test_commands_write_private_files(shell, home, umask):
    url = {"FOOTBRIDGE_DATABASE_URL": f"sqlite:///{home / 'site' / 'footbridge.sqlite3'}"}
    ran = shell("tenant", "add", "riverside", env=url)
    assert ran.code == 0
    assert f"Created the database {home / 'site' / 'footbridge.sqlite3'}" in ran.err
    assert {mode(path) for path in (home / "site").iterdir()} == {0o600}
    assert mode(home / "site") == 0o700


@pytest.mark.parametrize("wide", ["file", "folder", "wal"])
def test_wider_modes_are_told_when_a_worker_starts(shell, home, tenant, wide):
    place = home / "footbridge.sqlite3"
    home.chmod(0o700)
    holder = open_database(f"sqlite:///{place}")
    with holder.write() as connection:  # so that -wal is there
        connection.exec_driver_sql("CREATE TABLE x (y)")
    path = {"file": place, "folder": home, "wal": Path(f"{place}-wal")}[wide]
    path.chmod(path.stat().st_mode | 0o044)
    ran, told = shell("worker", "--once"), f"{mode(path):04o}"
    path.chmod(path.stat().st_mode & ~0o077)
    holder.dispose()
    (line,) = [line for line in ran.err.splitlines() if "database.mode-too-wide" in line]
    assert str(path) in line
    assert told in line
    assert f"chmod go-rwx '{path}'" in line
    assert "mode-too-wide" not in shell("worker", "--once").err


@pytest.mark.parametrize(
    "words",
    [
        "tenant list", "tenant token x --actor a --role admin", "tenant revoke x --digest 12345678", "partner list",
        "partner add hub https://hub.test/fhir", "route list", "outbox list", "waiting", "worker --once",
    ],
)  # fmt: skip
def test_a_misspelt_path_makes_no_database(run, home, words):
    place = home / "misspelt" / "footbridge.sqlite3"
    ran = run(*words.split(), env={"FOOTBRIDGE_DATABASE_URL": f"sqlite:///{place}"})
    assert ran.code == 2
    assert f"There is no database at {place}" in ran.err
    assert "footbridge tenant add" in ran.err
    assert not place.parent.exists()


def test_prescribing_into_no_database(run, home, examples):
    ran = run("prescribe", examples / "01-good-food-box.json")
    assert (ran.code, "There is no database at" in ran.err) == (2, True)
    assert not (home / "footbridge.sqlite3").exists()
