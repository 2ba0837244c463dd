"""The migrations make the tables, once, whoever asks first."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, TextClause, inspect, text
from support.old_databases import bring_to

from footbridge.errors import ConfigurationError
from footbridge.model.clock import ManualClock
from footbridge.store import idempotency
from footbridge.store.engine import Database, open_database
from footbridge.store.index_rows import index_pending
from footbridge.store.migrate import HEAD, alembic_config, current, upgrade
from footbridge.store.referrals import add_referral, referrals_of
from footbridge.store.resources import ResourceStore
from footbridge.store.tables import metadata
from footbridge.store.tables.directory_search import BY_DATABASE


@pytest.fixture
def empty(empty_database_url: str):
    database = open_database(empty_database_url)
    yield database
    database.dispose()


def test_head_is_the_newest_script():
    assert ScriptDirectory.from_config(alembic_config()).get_current_head() == HEAD


def test_migrations_make_exactly_the_tables(database: Database):
    def is_declared(_item: object, name: str | None, *_: object) -> bool:
        return not str(name).startswith(BY_DATABASE)

    with database.read() as connection:
        options = {"compare_server_default": True, "include_object": is_declared}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata) == []
        found = set(inspect(connection).get_table_names())
        assert {name for name in found if not name.startswith(BY_DATABASE)} == {*metadata.tables, "alembic_version"}
        assert {*BY_DATABASE} <= found


def test_an_empty_database_becomes_current_and_stays(empty: Database):
    assert current(empty) is None
    upgrade(empty)
    upgrade(empty)
    assert current(empty) == HEAD


def test_many_may_start_at_once(empty_database_url: str):
    def start(_: int) -> str | None:
        database = open_database(empty_database_url)
        upgrade(database)
        found = current(database)
        database.dispose()
        return found

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(start, range(6))) == [HEAD] * 6


def test_a_newer_database_is_left_alone(database: Database):
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigurationError, match=r"9999.*install a newer one"):
        upgrade(database)
    assert current(database) == "9999"


def test_a_start_on_a_current_database_does_not_import_alembic(sqlite_database: Database):
    script = (
        "import sys; from footbridge.store.engine import open_database; from footbridge.store.migrate import upgrade;"
        "upgrade(open_database(sys.argv[1])); sys.exit('alembic' in sys.modules)"
    )
    url = sqlite_database.engine.url.render_as_string()
    assert subprocess.run([sys.executable, "-c", script, url], check=False).returncode == 0


WRITTEN = "2026-03-02T15:00:00.000000Z"
ROWS = f"""
INSERT INTO tenant (name, jurisdiction, created) VALUES ('north', 'us', '{WRITTEN}');
INSERT INTO resource (tenant, type, id, version, current, deleted, last_updated, body) VALUES
    ('north', 'Task', 'a', 1, FALSE, FALSE, '2026-03-02T14:00:00.000000Z', '{{}}'),
    ('north', 'Task', 'a', 2, TRUE, FALSE, '{WRITTEN}', '{{"resourceType": "Task", "id": "a", "status": "ready"}}');
INSERT INTO search_index (tenant, type, id, param, value, detail) VALUES ('north', 'Task', 'a', 'status', 'ready', '')
"""


def test_what_was_indexed_before_is_found_after(empty: Database, clock: ManualClock):
    with empty.write() as connection:
        bring_to(connection, "0002")
        for statement in ROWS.split(";"):
            connection.execute(text(statement.replace(":", r"\:")))
    upgrade(empty)
    store = ResourceStore(empty, "north", clock)
    assert [one.id for one in store.search("Task", [("status", "ready")]).matches] == ["a"]
    store.update("Task", "a", {"resourceType": "Task", "id": "a", "status": "completed"})
    assert store.search("Task", [("status", "ready")]).matches == []


TASK = """{"resourceType": "Task", "id": "%s", "status": "%s", "owner": {"reference": "Organization/bank/_history/2"},
    "requester": {"reference": "#me"}, "identifier": [{"system": "urn:x", "value": "1"}]}"""
PATIENT = """{"resourceType": "Patient", "id": "%s", "identifier": [{"system": "urn:x", "value": "1"}]}"""
BEFORE = [  # type, id, version, current, deleted, minute, body
    ("Task", "old", 1, False, False, 1, TASK % ("old", "draft")),
    ("Task", "old", 2, True, False, 2, TASK % ("old", "requested")),
    ("Task", "gone", 1, True, True, 3, ""),
    ("Patient", "old", 1, True, False, 4, PATIENT % "old"),
    ("Task", "late", 1, True, False, 6, TASK % ("late", "requested")),  # the index had come to minute 5
    ("Patient", "late", 1, True, False, 7, PATIENT % "late"),
]
INDEXED = [  # minute, param, value, detail, type
    (2, "status", "requested", "http://hl7.org/fhir/task-status", "Task"),
    (2, "owner", "Organization/bank", "", "Task"),
    (2, "identifier", "1", "urn:x", "Task"),
    (4, "identifier", "1", "urn:x", "Patient"),
]


def _minute(number: int) -> str:
    return f"2026-03-02T14:{number:02}:00.000000Z"


def test_what_was_stored_before_is_in_our_compartment(empty: Database, clock: ManualClock):
    with empty.write() as connection:
        bring_to(connection, "0004")
        for name, last_indexed in (("north", _minute(5)), ("south", None)):
            _fill(connection, name, last_indexed)
    upgrade(empty)
    for name in ("north", "south"):
        for place in ("before", "after"):
            store = ResourceStore(empty, name, clock)
            tasks = [("owner", "Organization/bank"), ("status", "requested"), ("identifier", "urn:x|1")]
            for query in (tasks, tasks[:1], tasks[1:2], tasks[2:], [("requester:missing", "true")]):
                assert [one.id for one in store.search("Task", query).matches] == ["old", "late"], (name, place, query)
            patients = store.search("Patient", [("identifier", "urn:x|1")]).matches
            assert [one.id for one in patients] == ["old", "late"]
            assert store.vread("Task", "old", "1").resource["status"] == "draft"
            assert ResourceStore(empty, name, clock, compartment="bank").search("Task").total == 0
            index_pending(empty, clock)
    store.update("Task", "late", {"resourceType": "Task", "id": "late", "status": "completed"})
    assert store.search("Task", [("status", "requested")]).total == 1


def _fill(connection: Connection, name: str, last_indexed: str | None) -> None:
    made = {"name": name, "jurisdiction": "us", "created": _minute(0), "last_write": _minute(7)}
    connection.execute(_insert("tenant", *made, "last_indexed"), {**made, "last_indexed": last_indexed})
    columns = ("type", "id", "version", "current", "deleted", "last_updated", "body")
    for *values, minute, body in BEFORE:
        row = dict(zip(columns, [*values, _minute(minute), body], strict=True))
        connection.execute(_insert("resource", "tenant", *columns), {"tenant": name, **row})
    for minute, *values in INDEXED if last_indexed else []:
        row = dict(zip(("param", "value", "detail", "type"), values, strict=True))
        row |= {"tenant": name, "moment": _minute(minute)}
        connection.execute(_insert("search_index", *row), row)


def _insert(table: str, *columns: str) -> TextClause:
    return text(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(f':{one}' for one in columns)})")


def test_referrals_from_before_stand_in_the_order_of_their_first_events(empty: Database):
    with empty.write() as connection:
        bring_to(connection, "0001")
        at = "2026-03-02T12:00:00.000000Z"
        connection.execute(text("INSERT INTO tenant (name, jurisdiction, created) VALUES ('n', 'ca', :at)"), {"at": at})
        for number, identity in enumerate(["z", "m", "a"], start=1):
            row = {"id": identity, "at": at, "number": number}
            connection.execute(
                text(
                    "INSERT INTO referral (tenant, id, prescription, machine, attempt, state, status, task, updated) "
                    "VALUES ('n', :id, 'p', 'referral', 1, '{}', 'requested', :id, :at)"
                ),
                row,
            )
            connection.execute(
                text(
                    "INSERT INTO event (tenant, number, prescription, referral, name, inferred, actor, role, source, "
                    "at, recorded) VALUES ('n', :number, 'p', :id, 'part', false, 'a', 'r', 's', :at, :at)"
                ),
                row,
            )
    upgrade(empty)
    with empty.write() as connection:
        assert [one.id for one in referrals_of(connection, "n", "p")] == ["z", "m", "a"]
        known = referrals_of(connection, "n", "p")[0]
        add_referral(connection, "n", replace(known, id="b", task="b"))
        assert [one.id for one in referrals_of(connection, "n", "p")] == ["z", "m", "a", "b"]


ANSWERS = f"""
INSERT INTO tenant (name, jurisdiction, created) VALUES ('north', 'us', '{WRITTEN}');
INSERT INTO idempotency (tenant, key, fingerprint, status, location, body, created, expires) VALUES
    ('north', 'k-1', 'f1', 201, '/api/v1/prescriptions/1', '{{}}', '{WRITTEN}', '2026-04-01T15:00:00.000000Z'),
    ('north', 'k-2', 'f2', NULL, NULL, NULL, '{WRITTEN}', '2026-04-01T15:00:00.000000Z')
"""


def test_answers_from_before_are_replayed_and_claims_from_before_are_free(empty: Database, clock: ManualClock):
    with empty.write() as connection:
        bring_to(connection, "0007")
        for statement in ANSWERS.split(";"):
            connection.execute(text(statement.replace(":", r"\:")))
    upgrade(empty)
    with empty.write() as connection:
        kept = idempotency.Replay(201, "/api/v1/prescriptions/1", "{}")
        own, emr = idempotency.Key("north", "", "k-1"), idempotency.Key("north", "emr", "k-1")
        assert idempotency.reserve(connection, own, "f1", clock.now()) == kept
        assert isinstance(idempotency.reserve(connection, emr, "f3", clock.now()), idempotency.Lease)
        claim = idempotency.Key("north", "", "k-2")
        assert isinstance(idempotency.reserve(connection, claim, "f4", clock.now()), idempotency.Lease)
