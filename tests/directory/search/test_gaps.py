"""Unmet need is counted without anybody in it, and small counts are not listed by themselves."""

import csv
import io
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from support.directories import NOON, Directory, service

from footbridge.directory.search import Query
from footbridge.directory.search.gaps import Gap, as_csv, forget_gaps, gaps, record, record_search
from footbridge.store.tables.directory_search import directory_gap, directory_gap_lately


def add(directory: Directory, times: int, area: tuple[str, str, str], at: datetime = NOON, **members: object) -> None:
    given = {"categories": ("stress",), "language": None, "how": "search", "reason": "nothing-near", **members}
    with directory.database.write() as connection:
        for _ in range(times):
            record(connection, directory.tenant, at, area=area, **given)  # type: ignore[arg-type]


def listed(directory: Directory, **members: object) -> list[tuple[str, int | None]]:
    with directory.database.read() as connection:
        return [(one.area, one.count) for one in gaps(connection, directory.tenant, **members)]  # type: ignore[arg-type]


def test_a_search_that_finds_nothing_is_counted(directory: Directory):
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


def test_every_reason_can_be_written(directory: Directory):
    for reason in ("nothing-found", "nothing-open", "nothing-near", "nothing-in-language"):
        add(directory, 5, ("CA", "ON", "M5V"), reason=reason)
    assert [count for _, count in listed(directory)] == [5, 5, 5, 5]


def test_an_area_is_one_however_people_write_it(directory: Directory):
    """A prescription has the client's address as it was typed."""
    for area in (("CA", "ON", "Sudbury"), ("Canada", "Ontario", "SUDBURY"), ("ca", "on", "Greater Sudbury")):
        add(directory, 2, area)
    [(name, count)] = listed(directory)
    assert name in ("Sudbury, ON", "SUDBURY, ON", "Greater Sudbury, ON")
    assert count == 6


ASKED = [  # who, after how many minutes, the question; the counts by category after it
    ("roy", 0, {"words": "zzyzx"}, {"": 1}),
    ("roy", 1, {"words": "zzyzxq", "needs": ("stress",)}, {"stress": 1}),  # the same person, with the need
    ("roy", 2, {"words": "zzyzx"}, {"stress": 1}),
    ("roy", 3, {"words": "qqqq", "needs": ("stress",), "language": "so"}, {"stress": 1}),
    ("roy", 4, {"words": "zzyzx", "needs": ("stress", "homelessness")}, {"stress": 1, "homelessness": 1}),
    ("lee", 5, {"words": "zzyzx", "needs": ("stress",)}, {"stress": 2, "homelessness": 1}),  # somebody else
    ("roy", 6, {"words": "zzyzx", "needs": ("stress",), "near": "Ottawa"}, {"stress": 3, "homelessness": 1}),
    ("roy", 30, {"words": "zzyzx", "needs": ("stress",)}, {"stress": 4, "homelessness": 1}),  # another client
]


def test_what_one_person_asks_again_counts_once(directory: Directory):
    directory.load(service("Guitar", town="Toronto"), service("Drums", town="Ottawa"))
    for by, minutes, members, expected in ASKED:
        query = Query(**{"near": "Toronto", **members})
        with directory.database.read() as connection:
            result = directory.searching.search(connection, directory.tenant, directory.current, query)
        with directory.database.write() as connection:
            record_search(connection, directory.tenant, query, result, NOON + timedelta(minutes=minutes), by)
            line = directory_gap.c
            rows = connection.execute(select(line.category, line["count"]).where(line["count"] > 0))
            counts: Counter[str] = Counter()
            for category, count in rows:
                counts[category] += count
            lately = connection.execute(select(directory_gap_lately)).all()
        assert counts == expected
        written = " ".join(map(str, lately))
        assert "roy" not in written
        assert "zzyzx" not in written
    assert len(lately) == 1  # what is older than some minutes is gone


def test_csv_has_a_line_for_each(directory: Directory):
    add(directory, 6, ("CA", "ON", "M5V"), reason="nothing-in-language", language="so")
    add(directory, 2, ("CA", "ON", "=cmd"), how="prescription")
    with directory.database.read() as connection:
        some = gaps(connection, directory.tenant)
    written = io.StringIO()
    as_csv(some, written)
    assert list(csv.DictReader(io.StringIO(written.getvalue()))) == [
        {"month": "2026-03", "category": "stress", "area": "M5V, ON", "language": "so", "how": "search",
         "reason": "nothing-in-language", "count": "6"},
        {"month": "2026-03", "category": "stress", "area": "everywhere", "language": "", "how": "prescription",
         "reason": "nothing-near", "count": ""},
    ]  # fmt: skip


def test_a_tenant_sees_its_own(directory: Directory):
    other = Directory(directory.database, "other")
    add(other, 9, ("CA", "ON", "M5V"))
    assert listed(directory) == []
