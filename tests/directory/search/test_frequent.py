"""Words that very many services have stand in the snapshot; what is found with them is what the database would say.

Of a thousand services and more: fewer are asked of the database alone.
"""

import pytest
from sqlalchemy import delete, select
from support.directories import NOON, TOWNS, Directory, service, site

from footbridge.directory.model import ServiceDocument
from footbridge.directory.search import Result, ServiceSearch
from footbridge.directory.search.packing import unpack
from footbridge.model.clock import ManualClock
from footbridge.store.tables.directory_search import directory_snapshot

COUNT = 1200
RARE = 7  # every so many has the rare word


def a_service(number: int, word: str = "guitar", source: str = "A") -> ServiceDocument:
    """One in the order of numbers, by its name; near one of the towns, so that many are as far."""
    town = sorted(TOWNS)[number % len(TOWNS)]
    rare = " zumba" if number % RARE == 0 else ""
    return service(
        f"{chr(65 + number % 20)} {number:04} {word}", native_id=str(number), source=source,
        description=f"lessons{rare}", locations=[site(town, TOWNS[town][2], *TOWNS[town][:2])],
    )  # fmt: skip


@pytest.fixture
def large(directory: Directory) -> Directory:
    """A directory in which one word is frequent in names and one in texts."""
    directory.load(*(a_service(number) for number in range(COUNT)))
    return directory


def shown(result: Result) -> tuple[int, list[tuple[str, float | None]]]:
    return result.total, [(one["name"], one["distanceKm"]) for one in result.services]


def answers(directory: Directory) -> list[tuple[int, list[tuple[str, float | None]]]]:
    """Answers to questions with frequent words, rare ones, both, and none; in the order of names, and of distance."""
    directory.searching = ServiceSearch(ManualClock(NOON))  # one that has kept nothing
    return [
        shown(directory.ask(words, near=near, offset=offset))
        for words in ("guitar", "lessons", "zumba", "lessons zumba", "guitar lessons", "piano", "")
        for near, offset in ((None, 0), (None, 150), ((43.7, -79.4), 0))
    ]


def parts(directory: Directory) -> dict[str, bytes]:
    with directory.database.read() as connection:
        snapshot = directory_snapshot.c
        rows = connection.execute(select(snapshot.name, snapshot.data).where(snapshot.number == 1)).all()
        return dict(map(tuple, rows))


def forget(directory: Directory) -> None:
    """Make the snapshots what an earlier version of this software published."""
    with directory.database.write() as connection:
        connection.execute(delete(directory_snapshot).where(directory_snapshot.c.name.in_(("frequent", "names"))))


def test_only_words_of_very_many_stand_in_the_snapshot(large: Directory):
    assert {token[1:] for token in unpack(parts(large)["frequent"])} == {"guitar", "lesson"}


def test_found_is_what_has_the_word_in_the_order_of_names(large: Directory):
    rare = sorted(a_service(number)["name"] for number in range(0, COUNT, RARE))
    assert large.ask("zumba").total == len(rare)
    assert large.ask("lessons").total == large.ask("guitar").total == COUNT
    every = sorted(a_service(number)["name"] for number in range(COUNT))
    assert large.names("guitar", limit=50) == every[:50]
    assert large.names("guitar", limit=50, offset=1000) == every[1000:1050]
    assert large.names("zumba", limit=50, offset=100) == rare[100:150]


def test_of_those_that_are_as_far_the_first_by_name(large: Directory):
    latitude, longitude, _ = TOWNS["Ottawa"]
    there = sorted(
        a_service(number)["name"] for number in range(COUNT) if sorted(TOWNS)[number % len(TOWNS)] == "Ottawa"
    )
    assert large.names("guitar", near=(latitude, longitude), within_km=5.0, limit=40) == there[:40]


def test_a_snapshot_of_an_earlier_version_says_the_same(large: Directory):
    told = answers(large)
    forget(large)
    assert answers(large) == told


def test_several_sources_are_one_order(large: Directory):
    large.load(*(a_service(number, word="guitar tambourine", source="B") for number in range(40)), source="B")
    every = sorted(
        [a_service(number)["name"] for number in range(COUNT)]
        + [a_service(number, "guitar tambourine")["name"] for number in range(40)]
    )
    assert large.names("guitar", limit=50, offset=30) == every[30:80]
    told = answers(large)
    forget(large)
    assert answers(large) == told


def test_a_slot_that_another_service_got_has_its_words_alone(large: Directory):
    went = [a_service(number)["id"] for number in range(100)]
    large.load(number=2, ended=went)
    assert large.purge() == 100
    large.load(*(a_service(number, word="banjo") for number in range(5000, 5060)), number=3)
    assert [large.ask(word).total for word in ("guitar", "banjo", "lessons")] == [COUNT - 100, 60, COUNT - 40]
    told = answers(large)
    forget(large)
    assert answers(large) == told


def test_after_few_changes_the_same_is_found_as_the_database_would_say(large: Directory, monkeypatch):
    """Services that change, that go, and that come into the slot of one that went."""
    if not large.database.is_sqlite:  # there the texts of all services would take long
        monkeypatch.delattr("footbridge.directory.search.publish.frequent")
    went = [a_service(number)["id"] for number in (5, 6, 8)]
    large.load(*(a_service(number, word="piano") for number in (3, 4, 7)), number=2, ended=went)
    assert large.purge()
    large.load(*(a_service(number, word="guitar drum") for number in range(5000, 5005)), number=3)
    asked = ("guitar", "piano", "drum", "lessons")
    assert [large.ask(word).total for word in asked] == [COUNT - 1, 3, 5, COUNT + 2]
    told = answers(large)
    forget(large)
    assert answers(large) == told
