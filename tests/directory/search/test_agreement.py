"""Both databases give the same services in the same order, and a naive search over the documents the same services."""

import math
import uuid
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.directories import NOON, TOWNS, Directory, service, site

from footbridge.directory.model import ServiceDocument
from footbridge.store.engine import Database

TORONTO = ZoneInfo("America/Toronto")
# Words that neither a table of ours nor a stemmer changes, and that do not resemble each other.
WORDS = ["guitar", "banjo", "pottery", "xylograph", "kung", "zumba"]
NEEDS = ["stress", "food-insecurity", "homelessness"]
LANGUAGES = ["en", "fr", "so"]
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]

texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
points = st.tuples(st.floats(43, 44), st.floats(-80, -79))


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Members of a service."""
    members: dict[str, Any] = {"description": draw(texts), "can_refer": draw(st.booleans())}
    kind = draw(st.sampled_from(["point", "town", "virtual", "none"]))
    if kind == "point":
        members["locations"] = [site("", "", *point) for point in draw(st.lists(points, min_size=1, max_size=3))]
    elif kind == "town":
        town = draw(st.sampled_from(sorted(TOWNS)))
        members["locations"] = [site(town, TOWNS[town][2])]
    elif kind == "virtual":
        members["locations"] = [{"location_type": "virtual"}]
    members["languages"] = [{"code": code} for code in draw(st.sets(st.sampled_from(LANGUAGES)))]
    members["needs"] = sorted(draw(st.sets(st.sampled_from(NEEDS))))
    members["fees_description"] = draw(st.sampled_from(["", "Free", "$5"]))
    members["minimum_age"], members["maximum_age"] = draw(
        st.sampled_from([(None, None), (18, None), (None, 17), (18, 64)])
    )
    if draw(st.booleans()):
        members["schedules"] = [
            {"freq": "WEEKLY", "byday": ",".join(sorted(draw(st.sets(st.sampled_from(DAYS), min_size=1)))),
             "opens_at": f"{draw(st.integers(0, 23)):02}:00", "closes_at": f"{draw(st.integers(0, 23)):02}:30"}
        ]  # fmt: skip
    return {"name": draw(texts), **members}


directories = st.lists(documents(), max_size=9).map(  # fewer than those for which few words are left out
    lambda some: [service(one.pop("name"), native_id=str(number), **one) for number, one in enumerate(map(dict, some))]
)
questions = st.fixed_dictionaries(
    {},
    optional={
        "words": texts,
        "needs": st.lists(st.sampled_from(NEEDS), min_size=1, max_size=2).map(tuple),
        "near": points,
        "within_km": st.sampled_from([5.0, 40.0, 500.0]),
        "language": st.sampled_from(LANGUAGES),
        "age": st.integers(0, 90),
        "free": st.sampled_from([True]),
        "can_refer": st.booleans(),
        "open_at": st.integers(0, 7 * 24 * 2).map(lambda halves: NOON + timedelta(minutes=30 * halves)),
    },
)


# The naive search knows nothing of bitmaps, stems or indexes.


def kilometres(one: tuple[float, float], other: tuple[float, float]) -> float:
    (a, b), (c, d) = (tuple(map(math.radians, point)) for point in (one, other))
    cosine = math.sin(a) * math.sin(c) + math.cos(a) * math.cos(c) * math.cos(b - d)
    return 6371.0088 * math.acos(max(-1.0, min(1.0, cosine)))


def is_open(schedules: list[dict[str, Any]], at: datetime) -> bool:
    local = at.astimezone(TORONTO)
    for back in (0, 1):
        day = local.date() - timedelta(days=back)
        for one in schedules:
            if DAYS[day.weekday()] not in one["byday"].split(","):
                continue
            opens, closes = (datetime.combine(day, time.fromisoformat(one[name])) for name in ("opens_at", "closes_at"))
            if closes <= opens:
                closes += timedelta(days=1)
            if opens <= local.replace(tzinfo=None) < closes:
                return True
    return False


def has_words(document: ServiceDocument, words: str, every: list[ServiceDocument]) -> bool:
    """Any of the words; which of them are too few is another rule, with a test of its own."""
    text = f"{document['name']} {document['description']}".split()
    return any(word in text for word in words.split())


def matches(document: ServiceDocument, query: dict[str, Any], every: list[ServiceDocument]) -> bool:
    near, locations = query.get("near"), document.get("locations") or []
    sites = [(one["latitude"], one["longitude"]) for one in locations if "latitude" in one]
    rules = [
        "needs" not in query or any(one["code"] in query["needs"] for one in document["categories"]),
        "language" not in query or {"code": query["language"]} in document["languages"],
        "age" not in query
        or ((document["minimum_age"] or 0) <= query["age"] and query["age"] < (document["maximum_age"] or 200) + 1),
        "free" not in query or document["fees_description"] == "Free",
        "can_refer" not in query or document["can_refer"] == query["can_refer"],
        "open_at" not in query or is_open(document.get("schedules", []), query["open_at"]),
        "words" not in query or has_words(document, query["words"], every),
        near is None
        or "within_km" not in query
        or any(one.get("location_type") == "virtual" for one in locations)
        or any(kilometres(near, point) <= query["within_km"] for point in sites),
    ]
    return all(rules)


class Both:
    """An empty directory on each database, for each block that it opens."""

    def __init__(self, *databases: Database) -> None:
        self._databases = databases

    def __enter__(self) -> list[Directory]:
        return [Directory(database, uuid.uuid4().hex) for database in self._databases]

    def __exit__(self, *_: object) -> None: ...


@pytest.fixture
def both(sqlite_database: Database, postgresql_database: Database) -> Both:
    return Both(sqlite_database, postgresql_database)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=directories, asked=st.lists(questions, min_size=1, max_size=6))
def test_both_databases_and_a_naive_search_agree(both: Both, made: list[ServiceDocument], asked: list[dict[str, Any]]):
    with both as pair:
        for directory in pair:
            directory.load(*made)
        for query in asked:
            answers = [directory.ask(**query, zone=TORONTO, limit=50) for directory in pair]
            ids = [[one["id"] for one in answer.services] for answer in answers]
            assert ids[0] == ids[1]
            assert answers[0].as_json() == answers[1].as_json()
            expected = {one["id"] for one in made if matches(one, query, made)}
            # A service whose town alone is known is as far as the centre of that town's others: not measured here.
            unmeasured = {
                one["id"] for one in made
                if "near" in query and "within_km" in query
                and any("latitude" not in site and "addresses" in site for site in one.get("locations") or [])
            }  # fmt: skip
            assert set(ids[0]) - unmeasured == expected - unmeasured
            assert answers[0].total == len(ids[0])


def test_the_naive_search_can_disagree():
    """What it is compared with must be able to say no."""
    document = service(
        "guitar", description="banjo", languages=[], fees_description="", minimum_age=None, maximum_age=None
    )
    assert matches(document, {"words": "guitar"}, [document])
    assert not matches(document, {"words": "zumba"}, [document])
    assert not matches(document, {"language": "fr"}, [document])


def pages(directory: Directory) -> Iterator[list[str]]:
    for offset in range(0, 3000, 200):
        yield [one["id"] for one in directory.ask(needs=("stress",), near="Toronto", limit=200, offset=offset).services]


def test_many_services_come_in_the_same_order(both: Both):
    made = [
        service(f"guitar {number % 90}", native_id=str(number), needs=["stress"],
                locations=[site("Toronto", "", 43.0 + number % 57 / 50, -79.0 - number % 43 / 40)])
        for number in range(2500)
    ]  # fmt: skip
    with both as pair:
        for directory in pair:
            directory.load(*made)
        first, second = (list(pages(directory)) for directory in pair)
        assert first == second
        assert len({one for page in first for one in page}) == 2500
