"""A facet counts what its filter then gives, pages have no doubles; for any directory and any question."""

import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.directories import NOON, Directory, service, site
from support.soak import count

from footbridge.directory.model import ServiceDocument
from footbridge.store.engine import Database

WORDS = ["guitar", "banjo", "pottery", "zumba"]
NEEDS = ["stress", "food-insecurity"]
DAY = [{"freq": "WEEKLY", "byday": "MO", "opens_at": "09:00", "closes_at": "17:00"}]
NIGHT = [{"freq": "WEEKLY", "byday": "MO", "opens_at": "18:00", "closes_at": "23:00"}]
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)


@st.composite
def services(draw: st.DrawFn) -> list[ServiceDocument]:
    """Up to sixty services: of a few, those with few of the words are kept; of many they are left out."""
    return [
        service(
            draw(texts),
            native_id=str(number),
            description=draw(texts),
            needs=sorted(draw(st.sets(st.sampled_from(NEEDS)))),
            languages=[{"code": code} for code in draw(st.sets(st.sampled_from(["en", "fr"])))],
            interpretation_services=draw(st.sampled_from(["", "French", "Somali"])),
            fees_description=draw(st.sampled_from(["", "Free", "$5"])),
            can_refer=draw(st.booleans()),
            capacities=[{"available": draw(st.integers(0, 1))}],
            schedules=draw(st.sampled_from([[], DAY, NIGHT])),
            locations=[site("", "", 43.5, -79.5 + draw(st.integers(0, 3)) / 2)],
        )
        for number in range(draw(st.integers(1, 60)))
    ]


FILTERS: dict[str, Any] = {
    "category": lambda value: {"needs": (value,)},
    "language": lambda value: {"language": value},
    "cost": lambda value: {"free": True} if value == "free" else None,
    "canRefer": lambda value: {"can_refer": value == "true"},
    "capacity": lambda value: {"capacity": (value,)},
    "open": lambda value: {"open_at": NOON} if value == "open" else None,
}
questions = st.fixed_dictionaries(
    {},
    optional={
        "words": texts,
        "needs": st.just(("stress",)),
        "near": st.just((43.5, -79.5)),
        "within_km": st.just(50.0),
        "language": st.just("fr"),
        "free": st.sampled_from([True]),
        "can_refer": st.booleans(),
        "open_at": st.just(NOON),
        "age": st.just(30),
    },
)


@pytest.mark.soak
@settings(max_examples=count(quick=10, soak=300), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=services(), asked=st.lists(questions, min_size=2, max_size=4))
def test_a_facet_counts_what_its_filter_gives(
    sqlite_database: Database, made: list[ServiceDocument], asked: list[dict[str, Any]]
):
    directory = Directory(sqlite_database, uuid.uuid4().hex)
    directory.load(*made)
    for query in asked:
        found = directory.ask(**query, limit=200)
        ids = [one["id"] for one in found.services]
        assert len(set(ids)) == found.total == len(ids)
        pages = [directory.ask(**query, limit=7, offset=start).services for start in range(0, found.total, 7)]
        assert [one["id"] for page in pages for one in page] == ids
        for facet, narrower in FILTERS.items():
            for value, counted in found.facets[facet].items():
                more = narrower(value)
                if more and not more.keys() & query.keys():
                    assert directory.ask(**query, **more, limit=0).total == counted, (facet, value)
