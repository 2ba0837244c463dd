"""An import is seen as a whole or not at all, knows what did not change, and forgets nothing that it must hide."""

import itertools
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from footbridge.directory.corrections import Suggestion, corrections, suggest
from footbridge.directory.difference import differences
from footbridge.directory.errors import DirectoryError
from footbridge.directory.importing import plan as plan_module
from footbridge.directory.importing import reading
from footbridge.directory.importing import run as run_module
from footbridge.directory.importing.assembly import documents
from footbridge.directory.importing.generation import Terms
from footbridge.directory.importing.plan import Plan
from footbridge.directory.importing.process import is_gone, this_process
from footbridge.directory.importing.removal import remove
from footbridge.directory.importing.run import run_import
from footbridge.directory.lookup import find_service
from footbridge.directory.records import Finding, Record
from footbridge.directory.search import Query, ServiceSearch
from footbridge.directory.sources import current_imports, list_imports, list_sources
from footbridge.model.clock import SystemClock
from footbridge.store.engine import open_database
from footbridge.store.migrate import upgrade
from footbridge.store.tables.directory import directory_correction, directory_import
from footbridge.store.tables.directory_search import directory_entry
from footbridge.store.tenants import add_tenant

TERMS = Terms("test", "feed.json", "CA", "America/Toronto")


def organization(key="1", **more):
    return Record("organization", key, {"name": f"Hub {key}", "description": "Help.", **more}, "feed.json")


def place(key="1", owner="1", **more):
    address = {"address_1": f"{key} Elm Street", "city": "Sudbury", "state_province": "ON", "postal_code": "P3E 5J1"}
    data = {
        "organization_id": owner,
        "location_type": "physical",
        "name": f"Site {key}",
        "addresses": [address],
        **more,
    }
    return Record("location", key, data, "feed.json")


def service(key="1", owner="1", **more):
    data = {
        "organization_id": owner,
        "name": f"Food bank {key}",
        "description": "Groceries.",
        "status": "active",
        **more,
    }
    return Record("service", key, data, "feed.json")


def at(service_key="1", place_key="1"):
    return Record(
        "service_at_location", f"{service_key}-{place_key}", {"service_id": service_key, "location_id": place_key}, "f"
    )


def feed(count=3):
    return [
        organization(),
        *(one for n in range(count) for one in (place(str(n)), service(str(n)), at(str(n), str(n)))),
    ]


@pytest.fixture
def tenant(database, clock):
    with database.write() as connection:
        add_tenant(connection, "north", "ca", clock.now())
    return "north"


@pytest.fixture
def load(database, clock, tenant):
    def load(records, source="feed", **more):
        return run_import(database, clock, Plan(tenant, source, TERMS, **{"processes": 0, **more}), records)

    return load


@pytest.fixture
def shown(database, clock, tenant):
    """Every service that a search gives, by name, as it is looked up then."""

    def shown():
        with database.read() as connection:
            found = ServiceSearch(clock).search(
                connection, tenant, current_imports(connection, tenant), Query(limit=200)
            )
            services = [find_service(connection, tenant, one["id"]) for one in found.services]
        assert None not in services
        return {one["name"]: one for one in services}

    return shown


def everything(database):
    """All that the database holds of the directory; of SQLite, its files."""
    if database.is_sqlite:
        path = Path(database.engine.url.database)
        return "".join(one.read_bytes().decode("latin-1") for one in path.parent.glob(f"{path.name}*"))
    with database.read() as connection:
        names = ("record", "finding", "entry", "snapshot", "text", "vocabulary")
        rows = [row for name in names for row in connection.exec_driver_sql(f"SELECT * FROM directory_{name}")]
    cells = (cell for row in rows for cell in row)
    return "\n".join(
        bytes(cell).decode("latin-1") if isinstance(cell, bytes | memoryview) else str(cell) for cell in cells
    )


def test_a_first_import_is_found_and_counted(load, shown):
    summary = load(feed())
    assert (summary.read, summary.kept, summary.dropped, summary.changed, summary.removed) == (3, 3, 0, 3, 0)
    found = shown()
    assert sorted(found) == ["Food bank 0", "Food bank 1", "Food bank 2"]
    assert found["Food bank 1"]["organization"]["name"] == "Hub 1"
    assert found["Food bank 1"]["locations"][0]["addresses"][0]["address_1"] == "1 Elm Street"


def test_the_same_again_changes_nothing(load, shown, database, tenant):
    load(feed())
    before = shown()
    again = load(feed())
    assert (again.read, again.kept, again.changed, again.removed, again.unchanged) == (3, 3, 0, 0, 10)
    assert shown() == before
    with database.read() as connection:
        assert [one.state for one in list_imports(connection, tenant, "feed")] == ["current", "superseded"]


def test_what_belongs_to_a_service_changes_it(load, shown):
    load(feed())
    records = feed()
    records[0] = organization(website="https://hub.test")
    summary = load(records)
    assert (summary.changed, summary.unchanged) == (3, 9)
    records[1] = place("0", name="Moved")
    assert load(records).changed == 1
    assert shown()["Food bank 0"]["locations"][0]["name"] == "Moved"


def test_what_a_service_says_for_one_place_does_not_unsay_what_it_says_for_itself(load, database, tenant):
    own = {"freq": "MONTHLY", "byday": "2MO", "opens_at": "18:00", "closes_at": "20:00"}
    there = {"freq": "WEEKLY", "byday": "MO", "opens_at": "09:00", "closes_at": "10:00"}
    link = replace(at(), data={**at().data, "schedules": [there], "phones": [{"number": "705 555 0144"}]})
    offered = service(schedules=[own], phones=[{"number": "705 555 0145"}])
    hall = place(phones=[{"number": "705 555 0146"}])
    load([organization(phones=[{"number": "705 555 0147"}]), hall, offered, link])
    with database.read() as connection:
        one = find_service(connection, tenant, "feed:1")
    assert [row["byday"] for row in one["schedules"]] == ["MO", "2MO"]
    assert [row["number"][-2:] for row in one["phones"]] == ["44", "45"]
    assert [row["byday"] for row in one["locations"][0]["schedules"]] == ["MO"]


def test_what_is_gone_is_gone_and_may_come_back_as_itself(load, shown):
    load(feed())
    first = shown()["Food bank 2"]["id"]
    summary = load(feed(2))
    assert (summary.kept, summary.removed) == (2, 1)
    assert sorted(shown()) == ["Food bank 0", "Food bank 1"]
    assert load(feed()).changed == 1
    assert shown()["Food bank 2"]["id"] == first


def test_changes_alone_leave_the_rest(load, shown):
    load(feed())
    summary = load([service("1", name="Meals"), service("2", restrictions=["deleted"])], complete=False)
    assert (summary.read, summary.kept, summary.removed) == (2, 2, 1)
    assert sorted(shown()) == ["Food bank 0", "Meals"]


def test_an_id_that_comes_twice_counts_once(load, shown):
    summary = load([*feed(1), service("0", name="Another")])
    assert (summary.read, summary.by_rule["import.repeated-id"]) == (1, 1)
    assert list(shown()) == ["Food bank 0"]


def test_the_same_id_of_another_kind_or_source_is_another_record(load, shown):
    load([organization("7"), place("7", "7"), service("7", "7"), at("7", "7")])
    load([organization("7"), service("7", "7", name="Meals")], source="other")
    assert len({one["id"] for one in shown().values()} | {one["organization"]["id"] for one in shown().values()}) == 4


@pytest.mark.parametrize("state", ["inactive", "defunct"])
def test_a_service_that_ended_is_not_shown(load, shown, state):
    summary = load([*feed(1), service("9", status=state)])
    assert (summary.read, summary.kept, summary.dropped) == (2, 1, 1)
    assert list(shown()) == ["Food bank 0"]


@pytest.mark.parametrize("hidden", ["organization", "service", "place"])
@pytest.mark.parametrize("restriction", ["exclude-website", "exclude-directory", "deleted"])
def test_what_is_hidden_hides_what_is_below_it(load, shown, hidden, restriction):
    mark = {"restrictions": [restriction]}
    load(
        [
            organization(**(mark if hidden == "organization" else {})),
            place(**(mark if hidden == "place" else {})),
            service(**(mark if hidden == "service" else {})),
            at(),
        ]
    )
    assert shown() == {}


def test_no_referral_is_information_only(load, shown):
    load(
        [
            organization(),
            place(),
            service(restrictions=["no-referral"]),
            at(),
            service("2"),
            organization("3", restrictions=["no-referral"]),
            service("3", "3"),
        ]
    )
    assert {name: one["can_refer"] for name, one in shown().items()} == {
        "Food bank 1": False,
        "Food bank 2": True,
        "Food bank 3": False,
    }


def test_a_source_that_breaks_off_leaves_all_as_it_was(load, shown, database, tenant):
    load(feed())
    before = shown()

    def broken():
        yield from feed(2)
        raise DirectoryError("line 7: cut")

    with pytest.raises(DirectoryError, match="line 7"):
        load(broken())
    assert shown() == before
    assert load(feed()).changed == 0


def test_a_failure_at_the_last_moment_leaves_all_as_it_was(database, clock, tenant, load, shown):
    load(feed())
    before = shown()

    def fail(_database, _generation):
        raise OSError("full")

    changed = [*feed(2), service("9", name="New")]
    with pytest.raises(OSError, match="full"):
        run_import(database, clock, Plan(tenant, "feed", TERMS, processes=0), changed, at_end=fail)
    assert shown() == before
    with database.read() as connection:
        rows = connection.exec_driver_sql("SELECT DISTINCT since, until FROM directory_record").all()
        assert [tuple(row) for row in rows] == [(1, None)]
    assert load(changed).removed == 1


def test_a_dry_run_tells_and_leaves(load, shown):
    load(feed())
    before = shown()
    summary = load(feed(1), dry_run=True)
    assert (summary.kept, summary.removed) == (1, 2)
    assert shown() == before
    assert load(feed()).changed == 0


@pytest.mark.parametrize("key", ["same", "own"])
def test_a_flood_of_empty_records_ends_soon_and_leaves_all_as_it_was(load, shown, monkeypatch, key):
    load(feed())
    before, read = shown(), []

    def flood():
        yield from feed()
        for number in itertools.count():
            read.append(number)
            yield Record("organization", str(number) if key == "own" else "x", {}, "feed.json")
            yield Finding("airs.no-name", "feed.json", number, "organization", str(number))

    monkeypatch.setattr(reading, "MOST_TOLD", 500)
    with pytest.raises(DirectoryError, match="records that say anything"):
        load(flood())
    assert len(read) < 600
    assert shown() == before


def test_many_findings_of_records_that_say_something_are_taken(load, shown, monkeypatch):
    monkeypatch.setattr(reading, "MOST_TOLD", 20)
    many = [Finding("airs.no-name", "feed.json", number) for number in range(60)]
    assert load([*feed(), *many]).kept == 3


def test_an_empty_source_is_refused(load, shown):
    with pytest.raises(DirectoryError, match=r"no service in feed\.json"):
        load([])
    load(feed())
    with pytest.raises(DirectoryError, match="left as it was"):
        load([organization()])
    assert len(shown()) == 3
    assert load([organization()], allow_removal=True).removed == 3


def test_a_source_that_lost_most_is_refused_unless_allowed(load, shown):
    load(feed(60))
    with pytest.raises(DirectoryError, match=r"remove 50 of 60 services.*--allow-removal"):
        load(feed(10))
    assert len(shown()) == 60
    assert load(feed(10), allow_removal=True).removed == 50


def test_two_imports_of_a_source_do_not_run_at_once(load, database, tenant):
    def another():
        with pytest.raises(DirectoryError, match="has been running since 12:00 UTC"):
            load(feed(1))
        load(feed(1), source="other")
        yield from feed()

    load(another())
    with database.read() as connection:
        assert current_imports(connection, tenant) == {"feed": 1, "other": 1}


def test_an_import_that_was_silent_is_taken_back_and_writes_no_more(load, shown, clock, database, tenant):
    load(feed())

    def slow(_database, _generation):
        clock.advance(timedelta(minutes=3))
        load([*feed(2), service("5", name="Other")])

    with pytest.raises(DirectoryError, match=r"ended first|taken back"):
        run_import(database, clock, Plan(tenant, "feed", TERMS, processes=0), feed(1), at_end=slow)
    assert sorted(shown()) == ["Food bank 0", "Food bank 1", "Other"]
    assert load(feed()).kept == 3


def _die(url, step):
    """Import, and be killed at a step."""
    database = open_database(url)
    steps = itertools.count()

    def records():
        for one in [*feed(1500), service("x", name="New")]:
            if step == "read" and next(steps) == 4000:
                os.kill(os.getpid(), signal.SIGKILL)
            yield one

    def progress(_what, done):
        if step == "indexed" and _what == step and done > 700:
            os.kill(os.getpid(), signal.SIGKILL)

    def at_end(_database, _generation):
        os.kill(os.getpid(), signal.SIGKILL)

    run_import(database, SystemClock(), Plan("north", "feed", TERMS, processes=0), records(), progress, at_end)


@pytest.mark.parametrize("step", ["read", "indexed", "end"])
def test_a_killed_import_leaves_all_as_it_was(load, shown, database, clock, step):
    load(feed())
    before = shown()
    url = database.engine.url.render_as_string(hide_password=False)
    child = multiprocessing.get_context("spawn").Process(target=_die, args=(url, step))
    child.start()
    child.join(120)
    assert child.exitcode == -signal.SIGKILL
    assert shown() == before
    # Its process is gone: the next one need not wait.
    summary = load([*feed(2), service("y", name="Newer")])
    assert (summary.kept, summary.removed) == (3, 1)
    assert sorted(shown()) == ["Food bank 0", "Food bank 1", "Newer"]


def test_that_the_rules_have_changed_is_told_once(load, monkeypatch):
    assert not load(feed()).rules_changed
    assert not load(feed()).rules_changed
    version = plan_module.rules_version
    monkeypatch.setattr(plan_module, "rules_version", lambda *of: f"{version(*of)} newer")
    again = load(feed())
    assert (again.rules_changed, again.unchanged, again.changed) == (True, 0, 0)  # cleaned again, and the same came out
    assert not load(feed()).rules_changed


def _name_of_a_process(names, ends):
    names.put(this_process())
    ends.wait(60)


def test_of_a_killed_import_on_another_machine_nobody_knows_until_it_was_silent_for_long(load, database, clock):
    load(feed())
    for process in ("another-boot pid:[4026531836] 1 12", None, this_process()):
        with database.write() as connection:
            values = {"state": "running", "alive": clock.now(), "process": process}
            connection.execute(update(directory_import).values(values))
        with pytest.raises(DirectoryError, match="has been running since"):
            load(feed())
        clock.advance(timedelta(minutes=3))
        load(feed())


def test_a_process_is_gone_when_it_has_ended_and_not_before():
    context = multiprocessing.get_context("spawn")
    names, ends = context.Queue(), context.Event()
    child = context.Process(target=_name_of_a_process, args=(names, ends))
    child.start()
    name = names.get(timeout=60)
    assert not is_gone(name)
    ends.set()
    child.join(60)
    assert is_gone(name)
    boot, space, number, started = str(this_process()).split(" ")
    assert is_gone(f"{boot} {space} {number} {int(started) - 1}")  # its number was given to another
    assert not is_gone(f"{boot} pid:[1] {number} 1")  # of another container: nobody knows from here


def test_others_write_while_an_import_runs(load, database):
    """No write lock is held long: another writer waits 250 ms at most."""
    stop, waits = threading.Event(), []

    def write():
        while not stop.is_set():
            start = time.perf_counter()
            with database.write() as connection:
                connection.exec_driver_sql("UPDATE tenant SET retention_days = NULL")
            waits.append(time.perf_counter() - start)
            time.sleep(0.005)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        load(feed(1500))
    finally:
        stop.set()
        thread.join()
    waits.sort()
    assert waits[int(len(waits) * 0.95)] < 0.25  # of the rest, some wait for a processor when others use both


def test_many_records_go_through_processes_of_their_own(load, shown):
    one, other = load(feed(400), source="a", processes=2), load(feed(400), source="b", processes=0)
    assert replace(one, rules="") == replace(other, rules="")  # the rules are those of a source
    assert len(shown()) == 200  # a page; the two sources have the same services


MEGABYTES = ("sqlalchemy", "psycopg", "requests", "rich")


def _loaded(statement):
    """Which of the libraries that take megabytes a fresh process has after a statement."""
    code = f"import sys\n{statement}\nprint(*[one for one in {MEGABYTES} if one in sys.modules])"
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()


def test_the_processes_that_clean_hold_no_library_of_databases():
    assert _loaded("import footbridge.directory.importing.preloaded") == []


def test_an_import_of_a_file_holds_no_library_that_it_does_not_need(tmp_path, monkeypatch):
    feed = tmp_path / "feed.ndjson"
    feed.write_text('{"id": "1", "name": "Food bank", "organization": {"id": "2", "name": "Hub"}}\n')
    url = f"sqlite:///{tmp_path / 'own.sqlite3'}"
    database = open_database(url)
    upgrade(database)
    with database.write() as connection:
        add_tenant(connection, "clinic", "ca", SystemClock().now())
    database.dispose()
    command = ["directory", "import", str(feed), "--source", "feed", "--format", "hsds-json", "--json"]
    code = f"from footbridge.cli import main\ntry:\n    main({command})\nexcept SystemExit as end:\n    assert not end.code"
    monkeypatch.setenv("FOOTBRIDGE_DATABASE_URL", url)
    assert _loaded(code)[-2:] == ["}", "sqlalchemy"]


SHELTER = {
    "name": "Women's shelter",
    "description": "Shelter for women who flee violence. Come to 4 Elm Street, P3E 5J1.",
}


@pytest.mark.parametrize("order", ["place first", "service first"])
def test_the_place_of_a_shelter_is_nowhere(load, shown, database, order):
    records = [
        organization("4", description="We run 4 Elm Street."),
        place("4", "4", latitude=46.49, longitude=-81.01),
        service("4", "4", **SHELTER),
        at("4", "4"),
    ]
    load(records if order == "place first" else records[::-1])
    document = shown()["Women's shelter"]
    assert document["locations"][0]["address_withheld"] is True
    kept = everything(database)
    for secret in ("4 Elm", "Elm Street", "46.49", "81.01"):
        assert secret not in kept, secret


def test_a_service_at_a_withheld_place_is_not_given_remotely(load, shown, database):
    load([organization("4"), place("4", "4", withheld="confidential"), service("4", "4", name="House"), at("4", "4")])
    assert [one["address_withheld"] for one in shown()["House"]["locations"]] == [True]
    with database.read() as connection:
        rows = connection.scalars(select(directory_entry.c.data)).all()
    assert [(data.get("m"), data.get("w")) for data in map(json.loads, rows)] == [(None, 1)]  # remote, withheld


def test_a_service_that_becomes_a_shelter_takes_its_place_with_it(load, shown, database):
    plain = [organization("4"), place("4", "4"), service("4", "4", name="House"), at("4", "4")]
    load(plain)
    assert "4 Elm Street" in json.dumps(shown()["House"])
    load([plain[0], plain[1], service("4", "4", **SHELTER), plain[3]])
    assert "Elm Street" not in json.dumps(shown())
    load(plain)
    assert "4 Elm Street" in json.dumps(shown()["House"])


def test_a_withheld_phone_is_taken_out_of_other_records(load, shown, database):
    secret = {"number": "705-555-0199", "type": "voice", "withheld": "confidential"}
    records = [organization(phones=[secret]), place(), service(description="Call (705) 555 0199 after six."), at()]
    load([organization(), *records[1:]])
    assert "0199" in shown()["Food bank 1"]["description"]
    load(records)
    assert "0199" not in json.dumps(shown())
    load([records[0], place(description="Ring 705.555.0199"), *records[2:]])
    assert "0199" not in json.dumps(shown())


def stored_corrections(database):
    with database.read() as connection:
        return {row.field: row for row in connection.execute(select(directory_correction))}


def test_one_that_is_killed_as_it_becomes_current_tells_nothing_of_before(load, database, tenant, monkeypatch):
    phone = {"number": "705-555-0199", "type": "voice"}
    rest = [organization(), place(), at()]
    load([*rest, service(phones=[phone])])

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(run_module, "_conceal", killed)
        with pytest.raises(KeyboardInterrupt):
            load([*rest, service(phones=[{**phone, "withheld": "confidential"}], description="Meals.")])
    with database.read() as connection:
        said = str(list(differences(connection, tenant, "feed", 2)))
    assert "Meals." in said
    assert "0199" not in said
    assert load([*rest, service()]).kept == 1


def test_a_correction_does_not_repeat_what_its_source_withholds_now(load, shown, database, tenant, clock):
    phone = {"number": "705-555-0199", "type": "voice"}
    load([organization(), place(), service(phones=[phone]), at()])
    (document,) = shown().values()
    with database.write() as connection:
        for field, new, note in (
            ("phones", "705-555-0100", None),
            ("name", "Food bank", None),
            ("description", "Calls go to 705 555-0199", None),
            ("alert", "Closed on Fridays", "not (705) 555-0199 then"),
        ):
            suggest(connection, tenant, document, Suggestion(field, new, "ann", clock.now(), note))
        assert "0199" in {one.field: one.old for one in corrections(connection, tenant)}["phones"]
    load([organization(), place(), service(phones=[{**phone, "withheld": "confidential"}]), at()])
    with database.read() as connection:
        old = {one.field: one.old for one in corrections(connection, tenant)}
    assert old == {"phones": "", "name": document["name"]}
    assert "0199" not in str(stored_corrections(database)), "nor does the table"


@pytest.mark.parametrize("how", ["hidden", "gone", "source removed"])
def test_of_what_is_not_shown_any_more_no_correction_tells(load, shown, database, tenant, clock, how):
    load([organization(), place(), service(description="A secret door"), at(), service("2", name="Dance")])
    document = next(one for one in shown().values() if one["name"] == "Food bank 1")
    with database.write() as connection:
        suggest(connection, tenant, document, Suggestion("description", "The green door", "ann", clock.now()))
    match how:
        case "source removed":
            remove(database, tenant, "feed")
        case "hidden":
            again = service(restrictions=["exclude-website"])
            load([organization(), place(), again, at(), service("2", name="Dance")])
        case _:
            load([organization(), place(), service("2", name="Dance")])
    row = stored_corrections(database)["description"]
    assert (row.old, row.name, row.new) == ("", "", "The green door")


@pytest.mark.parametrize(
    ("field", "new", "later"),
    [
        ("description", "Groceries  on Mondays", {"description": "groceries on Mondays"}),
        ("phones", "(705) 555-0100", {"phones": [{"number": "705-555-0100", "type": "voice"}]}),
        ("phones[0].number", "705-555-0100", {"phones": [{"number": "705-555-0100", "type": "voice"}]}),
        ("assured_date", "2026-02-01", {"assured_date": "2026-02-03"}),
        ("status", "inactive", {"status": "inactive"}),
    ],
)
def test_a_correction_is_closed_when_its_source_says_so(load, shown, database, tenant, clock, field, new, later):
    rest = [organization(), place(), at(), service("2", name="Dance")]
    load([*rest, service(assured_date="2025-01-01")])
    document = next(one for one in shown().values() if one["name"] == "Food bank 1")
    with database.write() as connection:
        suggest(connection, tenant, document, Suggestion(field, new, "ann", clock.now()))
    load([*rest, service(description="Something else", assured_date="2025-01-02")])
    with database.read() as connection:
        assert [one.field for one in corrections(connection, tenant)] == [field], "it says something else"
    load([*rest, service(**later)])
    with database.read() as connection:
        assert corrections(connection, tenant) == []
        assert [one.closed for one in corrections(connection, tenant, closed=True)] == [clock.now()]


def test_a_source_can_be_removed(load, shown, database, tenant):
    load(feed())
    load(feed(1), source="other")
    assert remove(database, tenant, "feed") == 3
    assert list(shown()) == ["Food bank 0"]
    with database.read() as connection:
        assert [one.name for one in list_sources(connection, tenant)] == ["other"]
        assert documents(connection, tenant, "feed", 1, [shown()["Food bank 0"]["id"]]) == {}
    load(feed(2))


def test_the_file_of_the_staging_is_gone(load, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    seen = []

    def watched():
        for one in feed(1):
            seen.extend(path.stat().st_mode & 0o777 for path in Path(tmp_path).glob("footbridge-import-*"))
            yield one

    load(watched())
    assert set(seen) == {0o700}
    assert list(Path(tmp_path).glob("footbridge-import-*")) == []


def test_each_finding_of_a_reader_has_the_name_of_its_record_whatever_their_number(load, database, tenant):
    from footbridge.directory.findings import findings

    odd = [Finding("hsds.no-name", "f", n, "service", "1" if n % 2 else "none") for n in range(1_200)]
    load([*feed(1), service("1", name="Groceries"), *odd])
    with database.read() as connection:
        number = current_imports(connection, tenant)["feed"]
        found = [one for one in findings(connection, tenant, "feed", number) if one.rule == "hsds.no-name"]
    assert [(one.native_id, one.name) for one in found] == [("none", None), ("1", "Groceries")] * 600


def test_findings_of_records_that_did_not_change_still_stand(load, database, tenant):
    from footbridge.directory.findings import findings

    marked = service("1", description="<p>Groceries</p>")
    first = load([*feed(1), marked])
    again = load([*feed(1), marked, service("2", description="<b>Meals</b>")])
    assert first.by_rule["text.markup"] == 1
    assert again.by_rule["text.markup"] == 2
    with database.read() as connection:
        number = current_imports(connection, tenant)["feed"]
        assert len(list(findings(connection, tenant, "feed", number))) == again.findings
    gone = load([*feed(1), service("1", description="Groceries"), service("2", description="<b>Meals</b>")])
    assert gone.by_rule["text.markup"] == 1
