"""An import that knows documents again leaves what an import of the whole source into an empty directory would leave.

Whatever is edited between two imports: documents that come, go and come back, change places, share objects, withhold
what others repeat, give terms that others refer to, or are no JSON.
"""

import json
import random
from contextlib import ExitStack

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from support.imported import left, same_figures
from support.soak import count

from footbridge.directory.errors import DirectoryError
from footbridge.directory.importing import changed as changing
from footbridge.directory.importing.generation import Terms
from footbridge.directory.importing.plan import Plan
from footbridge.directory.importing.run import run_import
from footbridge.directory.opening import open_path
from footbridge.directory.readers import ReadOptions
from footbridge.directory.sources import current_imports
from footbridge.store.tables.directory import directory_recognition
from footbridge.store.tenants import add_tenant

STREET = "4 Elm Street"
PLACE = {"location_type": "physical", "addresses": [{"address_1": STREET, "city": "Sudbury", "postal_code": "P3E 5J1"}]}
SHELTER = {"name": "Women's shelter", "description": f"For women who flee violence. Come to {STREET}."}
SECRET = {"number": "705-555-0199", "type": "voice", "withheld": "confidential"}

names = st.sampled_from(["Food bank", "<b>Meals</b>", "Banque alimentaire", "Rent help"])
services = st.fixed_dictionaries(
    {
        "id": st.sampled_from(["1", "2", "3", "4", "5"]),
        "name": names,
        "status": st.sampled_from(["active", "inactive"]),
    },
    optional={
        "description": st.sampled_from([f"We are at {STREET}.", "Call 705 555 0199.", "Groceries &amp; warmth"]),
        "organization": st.fixed_dictionaries(
            {"id": st.sampled_from(["o1", "o2"])},
            optional={"name": st.sampled_from(["Hub", "Hub of the North"]), "description": st.just(f"In {STREET}")},
        ),
        "organization_id": st.sampled_from(["o1", "o2", "nobody"]),
        "phones": st.sampled_from([[SECRET], [{"number": "705-555-0100 x4", "type": "voice"}]]),
        "attributes": st.just([{"taxonomy_term_id": "t1"}]),
        "schedules": st.just([{"description": "Mon-Fri 9 am to 4 pm"}]),
        "service_at_locations": st.sampled_from(["l1", "l2"]).map(
            lambda key: [{"id": f"at-{key}", "location": {"id": key, "name": f"Site {key}", **PLACE}}]
        ),
        "unheard": st.just("of"),
    },
)
shelters = st.sampled_from(["1", "2"]).map(
    lambda key: {"id": key, **SHELTER, "organization_id": "o1", "locations": [{"id": "l1", **PLACE}]}
)
others = st.sampled_from(
    [
        {"id": "o1", "name": "Hub", "phones": [SECRET]},
        {"id": "o2", "name": "Another", "parent_organization_id": "o1", "legal_status": "charity"},
        {"id": "t1", "code": "BD-1800.2000", "name": "Food banks", "taxonomy_id": "x"},
        {"id": "t1", "code": "BH-3800.7250", "name": "Rent", "taxonomy_id": "x"},
        {"id": "l1", "name": "Closed", "location_type": "physical", "confidential": True, **PLACE},
        {"organizations": [{"id": "o1", "name": "Hub"}], "services": [{"id": "5", "name": "Meals"}]},
        {"nothing": "known"},
        "a text",
    ]
)
documents = st.one_of(services, services, services, shelters, others)
versions = st.lists(st.lists(documents, min_size=1, max_size=9), min_size=2, max_size=4)


def edited(pool: list, seed: int) -> list[list]:
    """Versions of a source that have most of their documents in common."""
    chance = random.Random(seed)
    now, found = list(pool), []
    for _ in range(4):
        found.append(list(now))
        match chance.randrange(5):
            case 0:
                chance.shuffle(now)
            case 1:
                now.insert(chance.randrange(len(now) + 1), chance.choice(pool))
            case 2 if len(now) > 1:
                del now[chance.randrange(len(now))]
            case 3:
                at = chance.randrange(len(now))
                now[at] = {**now[at], "description": f"New in {chance.randrange(9)}"} if "id" in now[at] else now[at]
            case _:
                now = [*now[1:], now[0]]
    return found


sources = st.one_of(
    versions, st.builds(edited, st.lists(documents, min_size=4, max_size=12), st.integers(0, 9999)).map(list)
)


def write(path, version, form):
    """One version of a source."""
    if form == "lines":
        path.write_text("".join(json.dumps(one) + "\n" for one in version), "utf-8")
    elif form == "broken lines":
        path.write_text("".join(json.dumps(one) + "\n{oh\n" for one in version) + "{}\n", "utf-8")
    elif form == "page":
        path.write_text(json.dumps({"total_items": len(version), "contents": version}), "utf-8")
    else:
        path.write_text(json.dumps(version), "utf-8")


def load(database, clock, path, options=None, processes=0, *, dry_run=False):
    """Import a source; what is wrong with it is not what is tested here."""
    opened = open_path(path, "hsds-json", options or ReadOptions())
    plan = Plan(
        "north",
        "feed",
        Terms("hsds-json", "f", "CA", "America/Toronto"),
        complete=options.complete if options else True,
        dry_run=dry_run,
        allow_removal=True,
        processes=processes,
    )
    try:
        return run_import(database, clock, plan, opened.records).as_json()
    except DirectoryError as error:
        return str(error)


def check(new_database, clock, tmp_path, source, form):
    """Import the versions one after the other, and the last one by itself."""
    with ExitStack() as stack:
        grown, fresh = stack.enter_context(new_database()), stack.enter_context(new_database())
        for database in (grown, fresh):
            with database.write() as connection:
                add_tenant(connection, "north", "ca", clock.now())
        for at, version in enumerate(source):
            write(tmp_path / f"feed{at}.json", version, form)
            figures = load(grown, clock, tmp_path / f"feed{at}.json")
        last = tmp_path / f"feed{len(source) - 1}.json"
        if isinstance(figures, str):  # the last one was refused
            return
        expected = load(fresh, clock, last)
        if isinstance(expected, str):  # all services may go, but not all of a first import be missing
            assert expected.startswith("There is no service")
            return
        assert same_figures(figures, expected), (figures, expected)
        assert left(grown, clock) == left(fresh, clock)


@given(source=sources, form=st.sampled_from(["lines", "lines", "list", "page", "broken lines"]))
@settings(
    max_examples=count(quick=25, soak=3000),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@pytest.mark.soak
def test_any_edits_leave_what_a_fresh_import_leaves(new_sqlite, clock, tmp_path, monkeypatch, source, form):
    monkeypatch.setattr(changing, "_MOST", 1)  # in so small a source most documents are new
    check(new_sqlite, clock, tmp_path, source, form)


def one(key, **more):
    """A service with an organization and a place of its own: a component."""
    return {
        "id": key,
        "name": f"Food bank {key}",
        "description": f"Groceries at {STREET}. Call 705 555 0199.",
        "status": "active",
        "organization": {"id": f"o{key}", "name": f"Hub {key}"},
        "service_at_locations": [{"id": f"at{key}", "location": {"id": f"l{key}", "name": f"Site {key}", **PLACE}}],
        **more,
    }


FEED = [one(str(number)) for number in range(12)]
TERM = {"id": "t1", "code": "BD-1800.2000", "name": "Food banks", "taxonomy_id": "x"}
BY_TERM = [one(str(number), attributes=[{"taxonomy_term_id": "t1"}]) for number in range(12)]
NO_OWNER = [{"id": str(number), "name": f"Meals {number}", "organization_id": "o9"} for number in range(12)]
OTHER_NAME = one("3", name="Rent help", organization={"id": "o3", "name": "Other"})

EDITS = {
    "nothing": [FEED, FEED],
    "another order": [FEED, FEED[::-1]],
    "a line more at the beginning": [[*FEED, OTHER_NAME], [one("x"), *FEED, OTHER_NAME]],
    "one changes": [FEED, [*FEED[:5], one("5", name="<b>Meals</b>"), *FEED[6:]]],
    "one goes": [FEED, FEED[1:]],
    "one goes and comes back": [FEED, FEED[:-1], FEED],
    "one is there twice": [FEED, [*FEED, FEED[3]], FEED],
    "two say the same and another not": [[FEED[3], FEED[3], one("3", description="Other"), *FEED[4:]]] * 2,
    "one of two that differ changes": [
        [*FEED, one("2", description="Other"), one("7", description="Other")],
        [*FEED, one("2", description="Another"), one("7", description="Other")],
    ],
    "an organization withholds a phone": [FEED, [{"id": "o3", "name": "Hub 3", "phones": [SECRET]}, *FEED]],
    "a new service has an owner that is there": [FEED, [*FEED, {"id": "y", "name": "Meals", "organization_id": "o3"}]],
    "a new service withholds what its owner's others say": [
        FEED,
        [*FEED, {"id": "y", "name": "Meals", "organization_id": "o3", "phones": [SECRET]}],
    ],
    "it no longer does": [[{"id": "o3", "name": "Hub 3", "phones": [SECRET]}, *FEED], FEED],
    "a shelter moves in": [FEED, [*FEED, {"id": "s", **SHELTER, "locations": [{"id": "l3", **PLACE}]}]],
    "a shelter moves out": [[*FEED, {"id": "s", **SHELTER, "locations": [{"id": "l3", **PLACE}]}], FEED],
    "beside a shelter one changes": [
        [one("0", **SHELTER), *FEED[1:]],
        [one("0", **SHELTER), *FEED[1:-1], one("11", name="Meals")],
    ],
    "a fuller copy comes": [FEED, [*FEED, {"id": "o3", "name": "Hub 3", "description": "Help for all, and more"}]],
    "a fuller copy goes": [[*FEED, {"id": "o3", "name": "Hub 3", "description": "Help for all, and more"}], FEED],
    "an id comes to mean two": [FEED, [*FEED, OTHER_NAME]],
    "an id means one again": [[*FEED, OTHER_NAME], FEED],
    "a term changes": [[TERM, *BY_TERM], [{**TERM, "code": "BH-3800.7250"}, *BY_TERM]],
    "a term comes": [BY_TERM, [*BY_TERM, TERM]],
    "a term goes": [[TERM, *BY_TERM], BY_TERM],
    "the first organization comes": [NO_OWNER, [*NO_OWNER, {"id": "o1", "name": "Hub", "legal_status": "charity"}]],
    "the only organization goes": [[*NO_OWNER, {"id": "o1", "name": "Hub", "legal_status": "charity"}], NO_OWNER],
    "what is referred to comes": [[*FEED, *NO_OWNER[:1]], [*FEED, *NO_OWNER[:1], {"id": "o9", "name": "Hub 9"}]],
    "what is counted changes": [
        [*FEED[:3], *(one(str(number), unheard="of") for number in range(3, 12))],
        [*FEED[:4], *(one(str(number), unheard="of") for number in range(4, 12))],
    ],
    "an id is what a suffix makes of another": [
        [*FEED, OTHER_NAME],
        [*FEED, OTHER_NAME, {"id": "z", "name": "Last", "organization_id": "o1"}],
    ],
}


@pytest.mark.parametrize("form", ["lines", "list"])
@pytest.mark.parametrize("name", EDITS)
def test_an_edit_leaves_what_a_fresh_import_leaves(new_sqlite, clock, tmp_path, name, form):
    check(new_sqlite, clock, tmp_path, EDITS[name], form)


def test_edits_leave_the_same_on_each_database(new_database, clock, tmp_path):
    source = [FEED, EDITS["a shelter moves in"][1], EDITS["one changes"][1], FEED[::-1][:9], BY_TERM]
    check(new_database, clock, tmp_path, source, "lines")


@pytest.fixture
def sizes(new_sqlite, clock, tmp_path, monkeypatch):
    """How many documents an import took apart, one number for each version that is imported."""
    from footbridge.directory.readers import hsds_take

    taken = []
    plain = hsds_take.take

    def sizes(versions, **options):
        monkeypatch.setattr("footbridge.directory.readers.hsds_source.take", counting)
        found = []
        with new_sqlite() as database:
            with database.write() as connection:
                add_tenant(connection, "north", "ca", clock.now())
            for version in versions:
                taken.clear()
                write(tmp_path / "sizes.json", version, "lines")
                load(database, clock, tmp_path / "sizes.json", **options)
                found.append(len(set(taken)))
        return found

    def counting(check, some):
        taken.extend(document.number for document in some)
        return plain(check, some)

    return sizes


def test_only_what_changed_and_what_it_reaches_is_taken_apart(sizes):
    assert sizes([FEED, FEED]) == [12, 0]
    assert sizes([FEED, FEED[::-1]]) == [12, 0]
    assert sizes([FEED, [one("0", name="Meals"), *FEED[1:]]]) == [12, 1]
    assert sizes([FEED, [*FEED, {"id": "y", "name": "Meals", "organization_id": "o3"}]]) == [12, 2]
    assert sizes([FEED, FEED[1:], FEED]) == [12, 0, 1]


def test_what_was_withheld_is_read_each_time(sizes):
    assert sizes([[one("0", **SHELTER), *FEED[1:]]] * 2) == [12, 1]


def test_a_source_that_is_only_part_of_it_is_no_help_and_gets_none(sizes):
    assert sizes([FEED, FEED], options=ReadOptions(complete=False)) == [12, 12]


def test_what_an_import_knows_is_that_of_the_one_that_counts(new_database, clock, tmp_path):
    with new_database() as database:
        with database.write() as connection:
            add_tenant(connection, "north", "ca", clock.now())
        for at, version in enumerate([FEED, FEED[1:], FEED]):
            write(tmp_path / f"{at}.json", version, "lines")
            load(database, clock, tmp_path / f"{at}.json")
            with database.read() as connection:
                numbers = set(connection.scalars(select(directory_recognition.c.number)))
                assert numbers == {current_imports(connection, "north")["feed"]}
        with database.read() as connection:
            kept = b"".join(connection.scalars(select(directory_recognition.c.data)))
        assert b"Elm" not in kept
        assert b"0199" not in kept


def test_a_dry_run_leaves_what_is_known_as_it_was(new_database, clock, tmp_path):
    with new_database() as database:
        with database.write() as connection:
            add_tenant(connection, "north", "ca", clock.now())
        known = []
        for at, (version, dry_run) in enumerate([(FEED, False), (FEED[1:], True), (FEED, False)]):
            write(tmp_path / f"{at}.json", version, "lines")
            load(database, clock, tmp_path / f"{at}.json", dry_run=dry_run)
            with database.read() as connection:
                known.append(b"".join(connection.scalars(select(directory_recognition.c.data))))
        assert known[0] == known[1] == known[2] != b""


def test_processes_of_their_own_leave_the_same(new_sqlite, clock, tmp_path):
    many = [one(str(number)) for number in range(1300)]
    versions = [many, [*many[:700], one("n"), *many[701:]]]
    with new_sqlite() as alone, new_sqlite() as together:
        for database, processes in ((alone, 0), (together, 2)):
            with database.write() as connection:
                add_tenant(connection, "north", "ca", clock.now())
            for at, version in enumerate(versions):
                write(tmp_path / f"{at}.ndjson", version, "lines")
                load(database, clock, tmp_path / f"{at}.ndjson", processes=processes)
        assert left(alone, clock) == left(together, clock)
