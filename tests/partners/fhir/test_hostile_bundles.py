"""Whatever a partner writes into a Bundle, of a search or of a transaction: nothing is lost, doubled, or an error of ours.

A seeded sample runs each time; all places and values in ``make soak``.
"""

import copy
import datetime as dt
import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from structlog.testing import capture_logs
from support.soak import some
from support.spine import World, prescribed

from footbridge.model.principals import Principal
from footbridge.partners.fhir.responses import Answer
from footbridge.partners.fhir.transport import Transport
from footbridge.referrals import outbox

OPERATOR = Principal("admin", name="kit", channel="command")
Json = Any
Change = Callable[[Json], Json]

VALUES: list[Json] = [
    None, "x", "", 5, -1, 1e400, True, [], {}, [None], [[]], ["x"], [{}], {"x": ["y"]}, "a\x00b", "x" * 5_000, [5] * 2_000,
    {"reference": 5}, "../../x", "http://127.0.0.1:9/x", "\ud83c\udf40", "0001-01-01T00:00:00+14:00", "9" * 5_000,
]  # fmt: skip
OURS = {"PartnerRefused", "PartnerUnavailable", "StaleVersion", None}
"""What a bad answer is called; any other exception is an error of our own."""


def whole_shapes(bundle: Json) -> list[Json]:
    """Bundles whose form as a whole is odd."""
    entries = bundle.get("entry", [])
    outcome = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "exception"}]}
    link = [{"relation": "next", "url": "Task?page=2"}]
    deep: Json = {"resource": {"resourceType": "Bundle", "type": "searchset", "entry": entries}}
    for _ in range(60):
        deep = {"resource": {"resourceType": "Bundle", "type": "searchset", "entry": [deep]}}
    nested: Json = []
    for _ in range(400):
        nested = [nested]
    return [
        None, [], "x", 5, {}, outcome, {**bundle, "entry": None}, {**bundle, "entry": entries * 50}, {**bundle, "entry": entries[::-1]},
        {**bundle, "entry": [*entries, {"resource": outcome, "search": {"mode": "outcome"}}]}, {**bundle, "entry": [deep]},
        {**bundle, "entry": [None, 5, "x", [], {}, *entries]}, {**bundle, "entry": nested}, {**bundle, "entry": entries[:-1]},
        {**bundle, "type": "history"}, {**bundle, "type": "batch-response"}, {**bundle, "resourceType": "Task"}, {**bundle, "total": -1},
        {**bundle, "link": link * 1_000}, {**bundle, "link": [{"relation": "next", "url": "http://127.0.0.1:9\\@x/"}]},
        {**bundle, "link": [*link, {"relation": "next", "url": 5}, {"relation": ["next"], "url": {}}, None]},
        {**bundle, "entry": [{**one, "fullUrl": "urn:uuid:x"} for one in entries]}, [bundle], {"Bundle": bundle},
    ]  # fmt: skip


def places(value: Json, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    for name, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from places(item, (*path, name))


def changed(bundle: Json, path: tuple[Any, ...], value: Json) -> Json:
    found = copy.deepcopy(bundle)
    inner = found
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return found


def no_entries(bundle: Json) -> list[Json]:
    """Bundles with as many entries as are expected, each of another kind: these are tried in every run."""
    return [
        {**bundle, "entry": [odd for _ in bundle["entry"]]} for odd in (None, "x", [], {"response": "x", "resource": 5})
    ]


def hostile(bundle: Json) -> list[Change]:
    """What is done to a Bundle of this form: the whole of it, or one place."""
    whole = [lambda found, number=number: whole_shapes(found)[number] for number in range(len(whole_shapes(bundle)))]
    return whole + [
        lambda found, path=path, value=value: changed(found, path, value) for path in places(bundle) for value in VALUES
    ]


ALWAYS: list[Change] = [lambda found, number=number: no_entries(found)[number] for number in range(4)]


class Between:
    """Stands between us and the partner ``hub``: changes the Bundles that it answers, or shows them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seen: list[tuple[str, Json]] = []  # the method, and the Bundle
        self.change: Change = lambda bundle: bundle
        self.said = ""
        self.to: tuple[str, str] | None = None  # the method and type of Bundle that is changed
        real = Transport._exchanged

        def exchanged(transport: Transport, request: requests.PreparedRequest, until: float) -> Answer:
            answer = real(transport, request, until)
            if transport._partner != "hub" or b'"Bundle"' not in answer.body:
                return answer
            bundle = json.loads(answer.body)
            self.seen.append((request.method or "", bundle))
            if self.to != (request.method, bundle.get("type")):
                return answer
            self.said = json.dumps(self.change(bundle))
            return Answer(answer.status, answer.headers, self.said.encode())

        monkeypatch.setattr(Transport, "_exchanged", exchanged)

    def last(self, method: str, kind: str) -> Json:
        return [bundle for how, bundle in self.seen if (how, bundle.get("type")) == (method, kind)][-1]


def errors_of_ours(logs: list[Any]) -> list[Any]:
    """What went wrong on our side. A lease that could not be extended is of another thread, or of a busy machine."""
    logs = [one for one in logs if one["event"] != "lease.heartbeat-failed"]
    return [one for one in logs if one.get("exception") not in OURS or one["event"] == "inbound.set-aside"]


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_a_search(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = world.submit(prescribed(1)), world.submit(prescribed(2))
    world.work()
    between = Between(monkeypatch)
    for receipt in (first, second):
        task = world.task_of("hub", receipt.id)
        world.rewrite("hub", task, note=[{"text": "Seen."}], statusReason={"text": "Seen."})
    world.clock.advance(dt.timedelta(minutes=11))
    world.work()
    page = between.last("GET", "searchset")
    assert len(page["entry"]) == 2
    between.to = ("GET", "searchset")
    more = some(hostile(page), quick=40 if world.database.is_sqlite else 15, seed="search")
    for change in itertools.chain(ALWAYS, more):
        between.change = change
        world.clock.advance(dt.timedelta(minutes=61))  # a failed poll waits longer each time, at most an hour
        with capture_logs() as logs:
            world.worker.step()
        assert errors_of_ours(logs) == [], between.said[:400]
    between.to = None
    for receipt in (first, second):
        world.rewrite("hub", world.task_of("hub", receipt.id), status="completed")
    world.calm()
    for receipt in (first, second):
        names = world.names(receipt.id)
        assert world.referrals(receipt.id)[0].status in {
            "completed",
            "rejected",
            "failed",
            "cancelled",
            "entered-in-error",
        }
        assert names.count("complete") <= 1
    assert world.counts()["failed"] == 0


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_the_answer_to_a_transaction(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    between = Between(monkeypatch)
    for number in (1, 2):  # the second one has the form of all that follow: the client is known
        world.submit(prescribed(number))
        world.work()
    answered = between.last("POST", "transaction-response")
    more = some(hostile(answered), quick=10 if world.database.is_sqlite else 3, seed="transaction")
    for change in itertools.chain(ALWAYS, more):
        number += 1
        between.to, between.change, between.said = ("POST", "transaction-response"), change, ""
        receipt = world.submit(prescribed(number))
        with capture_logs() as logs:
            world.worker.step()
        assert errors_of_ours(logs) == [], between.said[:400]
        assert between.said
        between.to = None
        with world.database.write() as connection:
            outbox.retry(connection, world.clock, OPERATOR)
        for _ in range(3):
            world.clock.advance(dt.timedelta(hours=3))
            world.worker.step()
        identities = {row.task for row in world.referrals(receipt.id)}
        there = [one for one in world.tasks("hub") if {i["value"] for i in one["identifier"]} & identities]
        assert len(there) == 1, between.said[:400]
        assert world.counts()["failed"] == world.counts()["ready"] == 0
