"""Random interactions with the compartments of one tenant, each beside a twin: a tenant in which it is alone.

A twin indexes what it stores at once. So a compartment that answers as its twin does neither shares anything with
another one, nor does it matter to it how far the search index has come.
"""

import re
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from hypothesis import strategies as st

from footbridge.model.clock import ManualClock
from footbridge.store.engine import Database
from footbridge.store.erasure import erase, replace_erasing
from footbridge.store.index_rows import index_pending
from footbridge.store.interaction_errors import InteractionError
from footbridge.store.resource_rows import Scope
from footbridge.store.resources import ResourceStore
from footbridge.store.tables import tenant

BASE = "https://fhir.north.test/r4"
COMPARTMENTS = ["", "bank", "art"]
IDS = ["one", "two", "three"]
VALUES = ["1", "2"]
STATUSES = ["requested", "accepted"]
DAYS = ["2026-03-01", "2026-03-02T08:00:00Z", "2026-04"]
_PLACES = [
    f"{base}{kind}/{identity}" for base in ("", f"{BASE}/") for kind in ("Organization", "Patient") for identity in IDS
]

_places = st.sampled_from([None, *_PLACES])
_references = st.builds(lambda place: place and {"reference": place}, _places)
_identifiers = st.builds(
    lambda value: value and [{"system": "urn:x", "value": value}], st.sampled_from([None, *VALUES])
)
_days = st.sampled_from([None, *DAYS])
_orders = st.builds(lambda place: place and {"reference": f"ServiceRequest/{place}"}, st.sampled_from([None, *IDS]))


def _resources(kind: str, **members: Any) -> st.SearchStrategy[dict[str, Any]]:
    bodies = st.fixed_dictionaries({"identifier": _identifiers, **members})
    return bodies.map(lambda found: {"resourceType": kind, **{name: one for name, one in found.items() if one}})


_status = st.sampled_from([None, *STATUSES])
BODIES = st.one_of(
    _resources("Task", status=_status, owner=_references, requester=_references, focus=_orders, authoredOn=_days),
    _resources("ServiceRequest", status=_status, subject=_references, occurrenceDateTime=_days, requester=_references),
    _resources("Organization"),
    _resources(
        "Questionnaire", publisher=st.sampled_from([None, "Éclair", "Other"]), url=st.sampled_from([None, "u:1"])
    ),
)
WAYS = ["update"] * 4 + [
    "delete",
    "create",
    "create-if-none",
    "conditional",
    "transaction",
    "batch",
    "erase",
    "replace",
    "index",
]
STEPS = st.tuples(st.sampled_from(WAYS), st.sampled_from(COMPARTMENTS), BODIES, BODIES, st.sampled_from(IDS))

QUERIES = [
    f"{kind}?{query}"
    for kind, queries in {
        "Task": "|_id=one,two|status=requested|status=requested,accepted|status:not=requested|status:missing=true"
        "|status=http://hl7.org/fhir/task-status%7Crequested|owner=Organization/one|owner=one|owner:missing=false"
        f"|owner={BASE}/Organization/two|requester=Patient/one&status=accepted|owner:Organization=one,two"
        "|identifier=urn:x%7C1|identifier:not=1|identifier:missing=true|focus=ServiceRequest/one|authored-on=ge2026-03-02"
        "|_sort=authored-on,_lastUpdated|_sort=-authored-on,_lastUpdated|_sort=-_lastUpdated|status=requested&_sort=_lastUpdated&_count=2"
        "|owner=Organization/one&_sort=-_lastUpdated|_include=Task:focus|_include=Task:*|_count=0|_total=accurate&_count=1",
        "ServiceRequest": "|status=requested|status:missing=true|subject=Patient/one|subject=one|patient=Patient/two"
        "|occurrence=2026-03|occurrence=gt2026-03-01|occurrence:missing=true|_sort=occurrence,_lastUpdated|_sort=-occurrence,_lastUpdated&_count=2"
        "|_revinclude=Task:focus|requester=Organization/one|identifier:not=1|_summary=count&status=accepted",
        "Organization": "|identifier=1|_revinclude=Task:owner|_revinclude=ServiceRequest:subject|_revinclude=Task:*"
        "|_revinclude=ServiceRequest:*|_id=one,two,three&_sort=-_id",
        "Questionnaire": "|publisher=eclair|publisher:exact=Éclair|publisher:contains=CLAI|publisher:missing=true|url=u:1",
    }.items()
    for query in queries.split("|")
]


class Twins:
    """One tenant with its compartments, and the tenants of their twins."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.database = database
        self.clock = clock
        self.names = {one: uuid.uuid4().hex for one in ["tenant", *COMPARTMENTS]}
        with database.write() as connection:
            for name in self.names.values():
                connection.execute(tenant.insert().values(name=name, jurisdiction="us", created=clock.now()))

    def stores(self, compartment: str) -> tuple[ResourceStore, ResourceStore]:
        """The compartment, and its twin."""
        return (
            ResourceStore(self.database, self.names["tenant"], self.clock, BASE, compartment=compartment),
            ResourceStore(self.database, self.names[compartment], self.clock, BASE, compartment="alone"),
        )

    def take(self, way: str, compartment: str, body: dict[str, Any], other: dict[str, Any], identity: str) -> None:
        """One step at both; they answer alike."""
        if way == "index":
            index_pending(self.database, self.clock)
        elif way in {"erase", "replace"}:
            one, two = self._erase(way, compartment, body, identity)
            assert one == two
        else:
            one, two = (_outcome(store, way, body, other, identity) for store in self.stores(compartment))
            assert one == two, (way, compartment)

    def agree(self) -> None:
        """Every search, every read and every history is that of the twin."""
        for compartment in COMPARTMENTS:
            ours, theirs = self.stores(compartment)
            for query in QUERIES:
                assert searched(ours, query) == searched(theirs, query), (compartment, query)
            for kind in ("Task", "ServiceRequest", "Organization", "Questionnaire"):
                for identity in IDS:
                    assert _versions(ours, kind, identity) == _versions(theirs, kind, identity), (compartment, kind)

    def _erase(self, way: str, compartment: str, body: Mapping[str, Any], identity: str) -> list[int]:
        found = []
        for name, within in ((self.names["tenant"], compartment), (self.names[compartment], "alone")):
            with self.database.write() as connection:
                scope = Scope(connection, name, self.clock.now(), BASE, compartment=within)
                if way == "erase":
                    found.append(erase(scope, [(body["resourceType"], identity)]))
                else:
                    found.append(replace_erasing(scope, {**body, "id": identity}).version)
        return found


def _outcome(store: ResourceStore, way: str, body: dict[str, Any], other: dict[str, Any], identity: str) -> Any:
    kind, criteria = body["resourceType"], f"identifier=urn:x|{VALUES[0]}"
    try:
        match way:
            case "update":
                return store.update(kind, identity, {**body, "id": identity}).stored.version
            case "delete":
                return store.delete(kind, identity).status
            case "create":
                return store.create(kind, body).status
            case "create-if-none":
                return store.create(kind, body, if_none_exist=criteria).status
            case "conditional":
                return store.conditional_update(kind, criteria, body).status
            case _:
                return _plain(getattr(store, way)(_bundle(way, body, other, identity)))
    except InteractionError as error:
        return type(error)


def _bundle(way: str, body: dict[str, Any], other: dict[str, Any], identity: str) -> dict[str, Any]:
    kind, second = body["resourceType"], other["resourceType"]
    post = {"method": "POST", "url": kind, "ifNoneExist": f"identifier=urn:x|{VALUES[1]}"}
    link = {**other, "focus": {"reference": "urn:uuid:new"}} if way == "transaction" else other
    put = {"method": "PUT", "url": f"{second}/{identity}"}
    get = {"method": "GET", "url": f"{second}?identifier:missing=true&_sort=_lastUpdated"}
    entries = [
        {"fullUrl": "urn:uuid:new", "resource": body, "request": post},
        {"resource": {**link, "id": identity}, "request": put},
        {"request": get},
        {"request": {"method": "GET", "url": f"{kind}/{identity}"}},
    ]
    return {"resourceType": "Bundle", "type": way, "entry": entries}


def searched(store: ResourceStore, query: str) -> Any:
    """All pages of a search, without what is by chance."""
    kind, _, rest = query.partition("?")
    asked = parse_qsl(rest)
    pages = []
    while True:
        result = store.search(kind, asked)
        pages.append(([_plain(one.resource) for one in result.matches], _kinds(result.included), result.total))
        following = [link["url"] for link in result.bundle()["link"] if link["relation"] == "next"]
        if not following:
            return pages
        asked = parse_qsl(urlsplit(following[0]).query)


def _versions(store: ResourceStore, kind: str, identity: str) -> Any:
    try:
        return [(one.version, one.deleted, one.body and _plain(one.resource)) for one in store.history(kind, identity)]
    except InteractionError as error:
        return type(error)


def _kinds(included: Any) -> list[Any]:
    return sorted((one.type, str(_plain(one.resource))) for one in included)


def _plain(node: Any) -> Any:
    """Without moments of writing, and with one mark for every id that was drawn."""
    if isinstance(node, list):
        return [_plain(one) for one in node]
    if isinstance(node, Mapping):
        return {name: _plain(one) for name, one in node.items() if name not in {"lastUpdated", "lastModified"}}
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "drawn", node) if isinstance(node, str) else node
