"""Whatever a request holds, ``handle`` answers with FHIR that conforms, or with nothing; and never raises."""

import itertools
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.fhir_client import JSON, TASK, XML, check_conformant
from werkzeug.datastructures import Headers

from footbridge.fhirserver import FhirServer, Offer, Request
from footbridge.fhirserver.bodies import write_resource
from footbridge.fhirserver.offer import everything
from footbridge.fhirserver.validate import validate_operation
from footbridge.store.interaction_errors import UnprocessableEntity
from footbridge.validation import Validator

TYPES = ("Patient", "Task", "Organization", "Bundle", "Parameters")
PATIENT = {"resourceType": "Patient", "identifier": [{"system": "urn:x", "value": "1"}], "birthDate": "1970-01-31"}


class Conformant:
    """Lets nothing in that does not conform, so that nothing that comes out is to blame on what came in."""

    def judge(self, connection, write):
        found = Validator().check(write.resource) if write.interaction != "delete" else None
        if found is not None and not found.valid:
            raise UnprocessableEntity("It does not conform.", issues=[one for one in found.issues if one.is_error])
        return write.resource


NAMES = [
    *("_id", "_lastUpdated", "_sort", "_count", "_include", "_revinclude", "_total", "_summary", "_format", "_cursor"),
    *(
        "_since",
        "mode",
        "profile",
        "status",
        "subject",
        "identifier",
        "name",
        "birthdate",
        "status:not",
        "owner:missing",
    ),
]
VALUES = [
    *("", "1", "t", "0", "-1", "-_lastUpdated", "Task:owner", "json", "xml", "urn:x|1", "|", "a,b", "true", "accurate"),
    *(
        "2026-03",
        "ge2026-03-02T12:00:00Z",
        "Patient/t",
        "Patient?identifier=urn:x|1",
        "count",
        "W10",
        "ne9999-12-31",
        "\0",
    ),
]
names, values = st.sampled_from(NAMES), st.sampled_from(VALUES)
queries = st.lists(st.tuples(st.one_of(names, st.text(max_size=5)), st.one_of(values, st.text(max_size=8))), max_size=4)
segments = st.sampled_from(
    ["Task", "Patient", "Observation", "metadata", "_history", "_search", "$validate", "$x", "t", "1", "2", "a b", ""]
)
paths = st.one_of(
    st.sampled_from(
        ["", "Task", "Task/t", "Patient", "Patient/t", "Task/t/_history", "Task/t/_history/1", "Task/_search"]
    ),
    st.lists(st.one_of(segments, st.text(max_size=6)), max_size=5).map("/".join),
)
headers = st.lists(
    st.one_of(
        st.tuples(
            st.just("Content-Type"), st.sampled_from([JSON, XML, "application/x-www-form-urlencoded", "text/plain"])
        ),
        st.tuples(
            st.just("Accept"), st.sampled_from([JSON, XML, "text/html", "*/*;q=0.1", ";;q=,", "application/*;q=x"])
        ),
        st.tuples(
            st.just("Prefer"), st.sampled_from(["return=minimal", "return=OperationOutcome", "handling=strict", '="'])
        ),
        st.tuples(st.just("If-Match"), st.sampled_from(['W/"1"', 'W/"2"', "1", "*", ""])),
        st.tuples(st.just("If-None-Match"), st.sampled_from(['W/"1"', "*", '"', ""])),
        st.tuples(st.just("If-None-Exist"), st.sampled_from(["identifier=urn:x|1", "?_id=t", "x=1", "", "_id=\0"])),
        st.tuples(
            st.sampled_from(["Accept", "Content-Type", "Prefer", "If-Match", "If-None-Match", "If-Modified-Since"]),
            st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=20),
        ),
    ),
    max_size=4,
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4) | values,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4) | names, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def resources(draw):
    """A resource, at times with a member that it should not have."""
    resource = dict(draw(st.sampled_from([TASK, PATIENT, {"resourceType": "Organization", "name": "x"}])))
    if draw(st.booleans()):
        resource["id"] = draw(st.sampled_from(["t", "u", "", "a b"]))
    if draw(st.booleans()):
        resource[draw(st.sampled_from(["status", "meta", "identifier", "text", "owner", "extension", "x"]))] = draw(
            anything
        )
    if draw(st.booleans()):
        resource["owner"] = {
            "reference": draw(st.sampled_from(["urn:uuid:1", "Patient?identifier=urn:x|1", "Patient/t"]))
        }
    return resource


@st.composite
def bundles(draw):
    """A Bundle, or something near it."""
    rows = []
    for _ in range(draw(st.integers(0, 4))):
        query = "&".join(f"{name}={value}" for name, value in draw(queries))
        asked = {
            "method": draw(st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH"])),
            "url": draw(paths) + (f"?{query}" if draw(st.booleans()) else ""),
        }
        asked |= draw(
            st.sampled_from([{}, {"ifMatch": 'W/"1"'}, {"ifNoneExist": "identifier=urn:x|1"}, {"ifMatch": 7}])
        )
        rows.append({"fullUrl": f"urn:uuid:{draw(st.integers(0, 2))}", "resource": draw(resources()), "request": asked})
    odd = draw(st.sampled_from([{}, {}, {}, {"entry": 7}, {"entry": [7]}, {"entry": [{"request": []}]}]))
    return {"resourceType": "Bundle", "type": draw(st.sampled_from(["transaction", "batch", "x"])), "entry": rows} | odd


def xml(resource):
    try:
        return write_resource(resource, "xml")
    except Exception:  # noqa: BLE001 - not every resource of the strategies has an XML form
        return b"<Task/>"


bodies = st.one_of(
    st.just(b""),
    resources().map(lambda body: json.dumps(body).encode()),
    bundles().map(lambda body: json.dumps(body).encode()),
    resources().map(xml),
    queries.map(lambda query: "&".join(f"{name}={value}" for name, value in query).encode(errors="replace")),
    anything.map(lambda body: json.dumps(body).encode()),
    st.binary(max_size=30),
)
wild = st.builds(
    lambda method, path, query, given, body: Request(method, path, tuple(query), Headers(given), body),
    st.sampled_from(["GET", "HEAD", "POST", "POST", "POST", "PUT", "PUT", "DELETE", "PATCH", "OPTIONS", "FETCH"]),
    paths,
    queries,
    headers,
    bodies,
)


@st.composite
def sensible(draw):
    """A request that does something more often than not."""
    resource = dict(draw(st.one_of(st.just(TASK), st.just(PATIENT), resources())))
    kind = resource["resourceType"]
    method, path, body = draw(
        st.sampled_from(
            [
                ("POST", kind, resource),
                ("PUT", f"{kind}/t", resource | {"id": "t"}),
                ("GET", f"{kind}/t", None),
                ("GET", f"{kind}/t/_history", None),
                ("GET", f"{kind}/t/_history/1", None),
                ("GET", kind, None),
                ("DELETE", f"{kind}/t", None),
                ("POST", "$validate", resource),
                ("GET", "metadata", None),
                ("POST", "", draw(bundles())),
            ]
        )
    )
    return Request(method, path, (), Headers(draw(headers)[:1]), json.dumps(body).encode() if body else b"")


requests = st.one_of(sensible(), wild)


@pytest.fixture
def server(store):
    offer = everything(TYPES)
    return FhirServer(
        Offer(offer.types, offer.system, (validate_operation(),)), "https://fhir.north.test/r4", store, Conformant()
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=200)
@given(st.lists(requests, min_size=1, max_size=3))
def test_any_request_gets_fhir_or_nothing(server, asked):
    for request in asked:
        response = server.handle(request)
        check_conformant(response)
        assert 200 <= response.status < 600
        assert response.status != 500
        if response.status >= 400 and request.method != "HEAD":
            assert b"OperationOutcome" in response.body
        for name, value in response.headers.items():
            assert "\n" not in name + value


def test_the_strategies_reach_what_works(server):
    """Else the property would hold of refusals only."""
    reached = set()

    @settings(max_examples=150, database=None, derandomize=True)
    @given(requests)
    def look(request):
        reached.add((request.method, server.handle(request).status))

    look()
    assert {("GET", 200), ("POST", 201), ("PUT", 201), ("GET", 404)} <= reached
    assert len(list(itertools.filterfalse(lambda one: one[1] < 400, reached))) > 5
