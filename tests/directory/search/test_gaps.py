"""Unmet need is counted without anybody in it, and small counts are not listed by themselves."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from support.directories import NOON, Directory, service

from footbridge.directory.search.gaps import Gap, forget_gaps, gaps, record, record_search
from footbridge.store.tables.directory_search import directory_gap


def add(directory: Directory, times: int, area: tuple[str, str, str], at: datetime = NOON, **members: object) -> None:
    given = {"categories": ("stress",), "language": None, "how": "search", "reason": "nothing-near", **members}
    with directory.database.write() as connection:
        for _ in range(times):
            record(connection, directory.tenant, at, area=area, **given)  # type: ignore[arg-type]


def listed(directory: Directory, **members: object) -> list[tuple[str, int | None]]:
    with directory.database.read() as connection:
        return [(one.area, one.count) for one in gaps(connection, directory.tenant, **members)]  # type: ignore[arg-type]


def test_a_search_that_finds_nothing_is_counted(directory: Directory):
    from footbridge.directory.search import Query

    directory.load(service("Guitar", town="Toronto"))
    query = Query(words="M5V 2T6 Jane Doe", needs=("stress",), near="M5V 2T6", within_km=5, language="French")
    with directory.database.write() as connection:
        for _ in range(6):
            result = directory.ask(query.words, needs=query.needs, near=query.near, within_km=5, language="French")
            record_search(connection, directory.tenant, query, result, NOON)
        found = directory.ask(near="M5V 2T6", within_km=5)
        record_search(connection, directory.tenant, Query(near="M5V 2T6", within_km=5), found, NOON)
    with directory.database.read() as connection:
        assert gaps(connection, directory.tenant) == [
            Gap("2026-03", "stress", "M5V, ON", "fr", "search", "nothing-found", 6)
        ]
        row = " ".join(map(str, connection.execute(select(directory_gap)).one()))
    for secret in ("2T6", "Jane", "43.", "-79"):
        assert secret not in row


def test_words_count_in_the_category_that_they_stand_for(directory: Directory):
    from footbridge.directory.search import Query

    directory.load(service("Guitar", town="Toronto"))
    with directory.database.write() as connection:
        for words in ("nowhere to sleep", "BH-1800", "a guitar and a saxophone", "saxophone"):
            result = directory.ask(words, near="Toronto")
            record_search(connection, directory.tenant, Query(words=words, near="Toronto"), result, NOON)
    with directory.database.read() as connection:
        found = connection.execute(select(directory_gap.c.category, directory_gap.c["count"])).all()
    assert sorted(map(tuple, found)) == [("", 1), ("homelessness", 2)]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({("CA", "ON", "M5V"): 5}, [("M5V, ON", 5)]),
        ({("CA", "ON", "M5V"): 4}, [("everywhere", None)]),
        ({("CA", "ON", "M5V"): 4, ("CA", "ON", "K1A"): 3}, [("ON", 7)]),
        ({("CA", "ON", "M5V"): 4, ("CA", "ON", "K1A"): 6}, [("K1A, ON", 6), ("everywhere", None)]),
        ({("CA", "ON", "M5V"): 3, ("CA", "QC", "Québec"): 2}, [("CA", 5)]),
        ({("CA", "ON", "M5V"): 2, ("US", "", "331"): 2, ("", "", ""): 1}, [("everywhere", 5)]),
        ({("CA", "", ""): 9}, [("CA", 9)]),
        ({("", "", ""): 9}, [("everywhere", 9)]),
    ],
)
def test_small_counts_go_into_larger_areas(
    directory: Directory, counts: dict[tuple[str, str, str], int], expected: list[tuple[str, int | None]]
):
    for area, times in counts.items():
        add(directory, times, area)
    assert listed(directory) == expected


@pytest.mark.parametrize("area", ["M5V 2T6", "SW1A 1AA", "12 King Street", "43.65, -79.38", "\0"])
def test_no_more_than_a_town_is_written(directory: Directory, area: str):
    add(directory, 5, ("CA", "ON", area))
    with directory.database.read() as connection:
        assert connection.scalar(select(directory_gap.c.area)) in ("M5V", "SW1A", "")


def test_each_category_month_language_and_way_is_a_line(directory: Directory):
    add(directory, 5, ("CA", "ON", "M5V"), categories=("stress", "homelessness"))
    add(directory, 6, ("CA", "ON", "M5V"), how="prescription")
    add(directory, 7, ("CA", "ON", "M5V"), datetime(2026, 2, 1, tzinfo=UTC))
    add(directory, 8, ("CA", "ON", "M5V"), categories=(), language="so")
    assert [count for _, count in listed(directory)] == [8, 7, 6, 5, 5]
    assert len(listed(directory, since="2026-03")) == 4
    with directory.database.write() as connection:
        assert forget_gaps(connection, directory.tenant, before="2026-03") == 1
    assert len(listed(directory)) == 4


def test_a_tenant_sees_its_own(directory: Directory):
    other = Directory(directory.database, "other")
    add(other, 9, ("CA", "ON", "M5V"))
    assert listed(directory) == []
