"""Search finds what it should, and says what it ignored."""

from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest

from footbridge.model.clock import ManualClock
from footbridge.store.interaction_errors import InvalidRequest, NotSupported
from footbridge.store.resources import ResourceStore

BASE = "https://fhir.north.test/r4"
LONG = "x" * 400


@pytest.fixture
def tasks(store: ResourceStore, clock: ManualClock) -> ResourceStore:
    """Three Tasks, an hour apart, with a ServiceRequest and an Organization."""
    store.update("Organization", "o", {"resourceType": "Organization", "id": "o"})
    store.update("Organization", "p", {"resourceType": "Organization", "id": "p"})
    request = {"resourceType": "ServiceRequest", "id": "s", "subject": {"reference": f"{BASE}/Patient/1"}}
    store.update("ServiceRequest", "s", request)
    bodies = {
        "a": {
            "status": "requested",
            "identifier": [{"system": "urn:x", "value": "1"}],
            "code": {"coding": [{"system": "http://hl7.org/fhir/CodeSystem/task-code", "code": "fulfill"}]},
            "focus": {"reference": "ServiceRequest/s"},
            "for": {"reference": "Patient/1"},
            "owner": {"reference": "Organization/o"},
            "authoredOn": "2026-03-01",
        },
        "b": {
            "status": "accepted",
            "identifier": [{"system": "urn:y", "value": "1"}, {"value": "a|b,c"}],
            "focus": {"reference": "ServiceRequest/s/_history/1"},
            "for": {"reference": "https://other.test/fhir/Patient/1"},
            "owner": {"reference": "Organization/p"},
            "authoredOn": "2026-03-02T08:00:00Z",
            "partOf": [{"reference": "Task/a"}],
        },
        "c": {"status": "completed", "identifier": [{"system": "urn:x", "value": LONG + "1"}], "for": {"display": "x"}},
    }
    for identity, body in bodies.items():
        clock.advance(timedelta(hours=1))
        store.update("Task", identity, {"resourceType": "Task", "id": identity, **body})
    return store


def found(store: ResourceStore, *query: tuple[str, str]) -> str:
    return "".join(sorted(one.id for one in store.search("Task", query).matches))


PARAMETERS = [  # name, value, ids of the Tasks that match
    ("_id", "a,c", "ac"),
    ("status", "requested", "a"),
    ("status", "requested,completed", "ac"),
    ("status", "http://hl7.org/fhir/task-status|accepted", "b"),
    ("status", "urn:other|accepted", ""),
    ("status:not", "requested", "bc"),
    ("identifier", "1", "ab"),
    ("identifier", "urn:x|1", "a"),
    ("identifier", "|1", ""),
    ("identifier", "\0", ""),
    ("_id", "a\0", ""),
    ("owner", "\0", ""),
    ("identifier", "urn:y|", "b"),
    ("identifier", r"|a\|b\,c", "b"),
    ("identifier", f"urn:x|{LONG}1", "c"),
    ("identifier", f"urn:x|{LONG}2", ""),
    ("identifier:missing", "true", ""),
    ("owner:missing", "true", "c"),
    ("owner:missing", "false", "ab"),
    ("code", "fulfill", "a"),
    ("focus", "ServiceRequest/s", "ab"),
    ("focus", f"{BASE}/ServiceRequest/s", "ab"),
    ("focus", "s", "ab"),
    ("focus:ServiceRequest", "s", "ab"),
    ("focus:Patient", "s", ""),
    ("patient", "1", "a"),
    ("patient", "Patient/1", "a"),
    ("patient", "https://other.test/fhir/Patient/1", "b"),
    ("subject", "Patient/1", "a"),
    ("part-of", "Task/a", "b"),
    ("owner", "Organization/o,Organization/p", "ab"),
    ("authored-on", "2026-03-01", "a"),
    ("authored-on", "2026-03", "ab"),
    ("authored-on", "gt2026-03-01", "b"),
    ("authored-on", "ge2026-03-01", "ab"),
    ("authored-on", "lt2026-03-02", "a"),
    ("authored-on", "le2026-03-02", "ab"),
    ("authored-on", "ne2026-03-01", "b"),
    ("authored-on", "sa2026-03-01", "b"),
    ("authored-on", "eb2026-03-02", "a"),
    ("authored-on", "ap2026-03-02", "b"),
    ("_lastUpdated", "gt2026-03-02T13:00:00.000000Z", "bc"),
    ("_lastUpdated", "ge2026-03-02T13:00:00.000000Z", "abc"),
    ("_lastUpdated", "2026-03-02T14:00:00Z", "b"),
    ("_lastUpdated", "lt2026-03-02T14:00:00.000Z", "a"),
    ("_lastUpdated", "le2026-03-02T14:00:00.000Z", "ab"),
    ("_lastUpdated", "gt2026-03-02", ""),
    ("_lastUpdated", "2026-03-02", "abc"),
]


def test_parameters(tasks: ResourceStore):
    assert [(name, value, found(tasks, (name, value))) for name, value, _ in PARAMETERS] == PARAMETERS


def test_repeated_parameters_narrow(tasks: ResourceStore):
    assert found(tasks, ("identifier", "1"), ("status", "accepted")) == "b"
    assert found(tasks, ("_lastUpdated", "ge2026-03-02T14:00Z"), ("_lastUpdated", "lt2026-03-02T15:00Z")) == "b"


def test_an_update_moves_the_index(tasks: ResourceStore):
    tasks.update("Task", "a", {"resourceType": "Task", "id": "a", "status": "failed"})
    assert found(tasks, ("status", "failed")) == "a"
    assert found(tasks, ("status", "requested")) == ""
    assert found(tasks, ("focus", "ServiceRequest/s")) == "b"


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("_lastUpdated", "abc"),
        ("-_lastUpdated", "cba"),
        ("-_id", "cba"),
        ("authored-on", "abc"),
        ("-authored-on", "bac"),
        ("authored-on,-_id", "abc"),
    ],
)
def test_order_and_pages(tasks: ResourceStore, sort: str, expected: str):
    query = [("_sort", sort)]
    assert "".join(one.id for one in tasks.search("Task", query).matches) == expected
    walked, query = "", [*query, ("_count", "1")]
    while query:
        bundle = tasks.search("Task", query).bundle()
        walked += "".join(entry["resource"]["id"] for entry in bundle["entry"])
        following = [link["url"] for link in bundle["link"] if link["relation"] == "next"]
        query = parse_qsl(urlsplit(following[0]).query) if following else []
    assert walked == expected


def test_a_page_stays_put_while_others_write(tasks: ResourceStore):
    first = tasks.search("Task", [("_count", "2")])
    assert [one.id for one in first.matches] == ["a", "b"]
    tasks.delete("Task", "a")
    tasks.update("Task", "b", {"resourceType": "Task", "id": "b", "status": "failed"})
    second = tasks.search("Task", [("_count", "2"), ("_cursor", first.cursor)])
    assert [one.id for one in second.matches] == ["c", "b"]


def test_includes(tasks: ResourceStore):
    result = tasks.search("Task", [("_include", "Task:focus"), ("_include", "Task:owner:Organization"), ("_id", "a,b")])
    assert [one.reference for one in result.included] == ["Organization/o", "Organization/p", "ServiceRequest/s"]
    modes = [entry["search"]["mode"] for entry in result.bundle()["entry"]]
    assert modes == ["match"] * 2 + ["include"] * 3
    assert tasks.search("Task", [("_include", "Task:owner:Patient")]).included == []
    everything = tasks.search("Task", [("_id", "b"), ("_include", "Task:*")])
    assert [one.reference for one in everything.included] == ["Organization/p", "ServiceRequest/s", "Task/a"]
    reverse = tasks.search("ServiceRequest", [("_revinclude", "Task:focus")])
    assert [one.reference for one in reverse.included] == ["Task/a", "Task/b"]


def test_totals(tasks: ResourceStore):
    assert tasks.search("Task").total == 3
    assert tasks.search("Task", [("_count", "1")]).total is None
    assert tasks.search("Task", [("_count", "1"), ("_total", "accurate")]).total == 3
    for counting in [("_count", "0"), ("_summary", "count")]:
        result = tasks.search("Task", [counting])
        assert (result.total, result.matches, result.cursor) == (3, [], None)


def test_what_is_unknown_is_ignored_and_named(tasks: ResourceStore):
    result = tasks.search("Task", [("colour", "red"), ("status", "requested"), ("_format", "json")])
    bundle = result.bundle()
    assert (
        bundle["link"][0]["url"] == f"{BASE}/Task?status=requested&_format=json"
    )  # pages come in the form that was asked for
    outcome = bundle["entry"][-1]
    assert outcome["search"]["mode"] == "outcome"
    assert outcome["resource"]["issue"][0]["severity"] == "warning"
    assert "colour" in outcome["resource"]["issue"][0]["details"]["text"]
    with pytest.raises(NotSupported):
        tasks.search("Task", [("colour", "red")], strict=True)


REFUSED = [
    ("status:text", "x"),
    ("_lastUpdated", "yesterday"),
    ("authored-on", "zz2026"),
    ("_count", "many"),
    ("_count", "-1"),
    ("_sort", "status"),
    ("_cursor", "@@@"),
    ("_cursor", "bnVsbA"),
    ("_cursor", "W10"),
    ("_total", "some"),
    ("identifier", "a|b|c"),
    ("owner:missing", "maybe"),
    ("_cursor", "WyJcdTAwMDAiLCJ4Il0"),
]


def test_what_cannot_be_meant_is_refused(tasks: ResourceStore):
    for query in REFUSED:
        with pytest.raises((InvalidRequest, NotSupported)) as caught:
            tasks.search("Task", [query])
        assert caught.value.status == 400, query


@pytest.mark.parametrize(
    "query", [("_include", "Task:status"), ("_include", "Task"), ("_revinclude", "Nonsense:focus")]
)
def test_an_inclusion_that_is_not_understood_is_named_or_with_strict_refused(tasks: ResourceStore, query):
    page = tasks.search("Task", [query]).bundle()
    assert query[0] in page["entry"][-1]["resource"]["issue"][0]["details"]["text"]
    with pytest.raises(NotSupported):
        tasks.search("Task", [query], strict=True)


def test_a_poller_that_starts_at_what_it_saw_last_misses_nothing(store: ResourceStore):
    seen: list[str] = []
    since = "2026-01-01"
    for number in range(6):
        store.update("Task", str(number), {"resourceType": "Task", "id": str(number)})
        store.update("Task", "x", {"resourceType": "Task", "id": "x"})
        page = store.search("Task", [("_lastUpdated", f"gt{since}"), ("_sort", "_lastUpdated")]).matches
        seen += [one.id for one in page]
        since = page[-1].resource["meta"]["lastUpdated"]
    assert seen == [identity for number in range(6) for identity in (str(number), "x")]


def test_periods_and_timings(store: ResourceStore):
    occurrences = {
        "period": {"occurrencePeriod": {"start": "2026-03-01", "end": "2026-03-31"}},
        "open": {"occurrencePeriod": {"start": "2026-05-01"}},
        "timing": {"occurrenceTiming": {"event": ["2026-04-01"]}},
        "bounds": {"occurrenceTiming": {"repeat": {"boundsPeriod": {"end": "2026-01-31"}}}},
        "broken": {"occurrenceDateTime": "soon"},
    }
    for identity, body in occurrences.items():
        store.update("ServiceRequest", identity, {"resourceType": "ServiceRequest", "id": identity, **body})

    def at(value: str) -> list[str]:
        return [one.id for one in store.search("ServiceRequest", [("occurrence", value), ("_sort", "_id")]).matches]

    assert at("2026-03") == ["period"]
    assert at("ap2026-03-15") == ["period"]
    assert at("gt2026-04-15") == ["open"]
    assert at("lt2026-03-01") == ["bounds"]
    assert at("2026-04-01") == ["timing"]


def test_strings_and_uris(store: ResourceStore):
    store.update(
        "Questionnaire", "q", {"resourceType": "Questionnaire", "id": "q", "url": "urn:q", "publisher": "Éclair & Co"}
    )

    def publisher(name: str, value: str) -> int:
        return store.search("Questionnaire", [(name, value)]).total

    assert publisher("publisher", "eclair") == 1
    assert publisher("publisher", "co") == 0
    assert publisher("publisher:contains", "& CO") == 1
    assert publisher("publisher:exact", "Éclair & Co") == 1
    assert publisher("publisher:exact", "éclair & co") == 0
    assert publisher("publisher", "%") == 0
    assert publisher("url", "urn:q") == 1
