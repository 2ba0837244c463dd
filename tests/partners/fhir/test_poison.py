"""Whatever a partner writes into one Task, its other Tasks are heard, and nothing is stored that cannot be."""

import copy
import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from structlog.testing import capture_logs
from support.soak import some
from support.spine import World, prescribed

from footbridge.errors import PartnerRefused
from footbridge.partners.fhir.client import FhirClient
from footbridge.partners.fhir.exchange import FhirExchange
from footbridge.partners.ports import Message, OutgoingMessage, Sent

WRONG: list[Any] = [
    "x",
    5,
    True,
    [],
    {},
    [None],
    [[]],
    ["x"],
    [{"x": ["y"]}],
    {"coding": "x"},
    "a\x00b",
    {"reference": 5},
]
EXTREMES = [
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59.999999-14:00",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
]
EXTREMES += ["2026-13-01T00:00:00Z", "2026-03-02", "x" * 5000, "2026-03-02T12:00:00+99:99", ""]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    if isinstance(value, dict):
        for name, item in value.items():
            yield from places(item, (*path, name))
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from places(item, (*path, number))


def changed(task: Any, path: tuple[Any, ...], wrong: Any) -> Any:
    found = copy.deepcopy(task)
    inner = found
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = wrong
    return found


def rich(task: Any) -> Any:
    concept = {"coding": [{"system": "urn:x", "code": "c", "display": "Seen"}], "text": "Seen"}
    outputs = [
        {"type": concept, "valueCodeableConcept": concept},
        {"type": concept, "valueReference": {"reference": "Procedure/none", "display": "Done"}},
    ]
    return {**task, "status": "accepted", "statusReason": concept, "businessStatus": concept, "output": outputs}


class Poisoned:
    """Shows one more copy of a Task at each poll, as no proper server would."""

    def __init__(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.task: Any = None
        real = FhirClient.pages

        def pages(client: FhirClient, type_: str, query: Any) -> Iterator[Any]:
            for page in real(client, type_, query):
                more = [] if self.task is None or client.partner != "hub" else [{"resource": self.task}]
                yield {**page, "entry": [*page.get("entry", []), *more]}

        monkeypatch.setattr(FhirClient, "pages", pages)
        self._world = world

    def poll(self, task: Any) -> list[Any]:
        from footbridge.partners.fhir.reading import read_text
        from footbridge.store import exact_json

        self.task = None if task is None else read_text(exact_json.dumps(task).encode())
        self._world.clock.advance(dt.timedelta(minutes=11))
        with capture_logs() as logs:
            self._world.worker.step()
        return [
            log for log in logs if log["event"] in {"job.retried", "job.failed", "inbound.failed", "inbound.set-aside"}
        ]


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_one_bad_task_never_stops_a_poll(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = world.submit(prescribed(1)), world.submit(prescribed(2))
    world.work()
    shown = Poisoned(world, monkeypatch)
    task = rich(world.task_of("hub", first.id))
    bad = [(path, wrong) for path in places(task) for wrong in WRONG]
    bad += [(("meta", "lastUpdated"), time) for time in EXTREMES]
    quick = len(bad) // (5 if world.database.is_sqlite else 25)
    for number, (path, wrong) in enumerate(some(bad, quick=quick, seed="task")):
        version = {"versionId": f"v{number}", "lastUpdated": world.clock.now().isoformat()}
        trouble = shown.poll(changed({**task, "meta": task["meta"] | version}, path, wrong))
        assert trouble == [], (path, wrong, trouble)
    world.rewrite("hub", world.task_of("hub", second.id), status="accepted")
    shown.poll(changed(task, ("meta",), []))
    assert world.referrals(second.id)[0].status == "accepted"
    assert world.counts()["failed"] == 0


@pytest.mark.parametrize("text", ["No \x00room\x07 left", "a" * 70_000, "\x1b[31mred\x1b[0m", "\ud83c\udf40"])
def test_a_decline_is_heard_whatever_its_reason(world: World, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    receipt = world.submit(prescribed())
    world.work()
    task = world.task("hub")
    meta = {"versionId": "77", "lastUpdated": (world.clock.now() + dt.timedelta(minutes=1)).isoformat()}
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16")
    trouble = Poisoned(world, monkeypatch).poll(
        {**task, "meta": meta, "status": "rejected", "statusReason": {"text": text}}
    )
    assert trouble == []
    assert world.referrals(receipt.id)[0].status == "rejected"
    reasons = [event.reason for event in world.timeline(receipt.id) if event.name == "reject"]
    assert reasons
    assert not any(ord(letter) < 32 for letter in reasons[0] or "")


@pytest.mark.parametrize("time", EXTREMES[:4])
def test_a_time_that_is_none_does_not_hide_what_comes_later(
    world: World, monkeypatch: pytest.MonkeyPatch, time: str
) -> None:
    receipt = world.submit(prescribed())
    world.work()
    shown, task = Poisoned(world, monkeypatch), world.task("hub")
    assert shown.poll({**task, "meta": {"versionId": "70", "lastUpdated": time}, "status": "accepted"}) == []
    assert world.referrals(receipt.id)[0].status == "accepted"
    world.clock.advance(dt.timedelta(hours=1))
    world.act("hub", status="in-progress")
    assert shown.poll(None) == []
    assert world.referrals(receipt.id)[0].status == "in-progress"


def test_what_cannot_be_processed_is_set_aside_and_shown_to_a_person(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from footbridge.partners.fhir.inbound import Reader

    first, second = world.submit(prescribed(1)), world.submit(prescribed(2))
    world.work()
    bad = world.task_of("hub", first.id)["id"]
    real = Reader.report

    def report(reader: Reader, scope: Any, found: Any, *, confirmed: bool) -> Any:
        if found[0].remote_id == bad:
            raise ZeroDivisionError
        return real(reader, scope, found, confirmed=confirmed)

    monkeypatch.setattr(Reader, "report", report)
    world.rewrite("hub", world.task_of("hub", first.id), status="accepted")
    world.rewrite("hub", world.task_of("hub", second.id), status="accepted")
    events = []
    with capture_logs() as logs:
        for _ in range(8):
            world.clock.advance(dt.timedelta(minutes=11))
            world.worker.step()
            events.append(world.referrals(second.id)[0].status)
    assert events[0] == "accepted"
    asides = [log for log in logs if log["event"] == "inbound.set-aside"]
    assert [log["partner"] for log in asides] == ["hub"]
    (told,) = [event for event in world.timeline(first.id) if event.name == "needs-person"]
    assert told.detail == {"why": "not-processed"}
    monkeypatch.setattr(Reader, "report", real)
    world.rewrite("hub", world.task_of("hub", first.id), status="in-progress")
    world.clock.advance(dt.timedelta(minutes=11))
    world.worker.step()
    assert world.referrals(first.id)[0].status == "in-progress"  # a newer version is heard


@pytest.mark.parametrize(("status", "goes_on"), [(400, True), (403, True), (404, True), (422, True), (401, False)])
def test_a_refused_message_holds_no_update(
    world: World, monkeypatch: pytest.MonkeyPatch, status: int, goes_on: bool
) -> None:
    receipt = world.submit(prescribed())
    world.work()

    def send(_exchange: FhirExchange, _message: OutgoingMessage) -> Sent:
        raise PartnerRefused(f"The partner answered the create of a Communication with status {status}.", status=status)

    monkeypatch.setattr(FhirExchange, "send", send)
    from footbridge.referrals.inbound import receive
    from footbridge.store.partners import get_partner
    from footbridge.store.resource_rows import Scope

    key = world.referrals(receipt.id)[0].task
    with world.database.write() as connection:
        scope = Scope(connection, "clinic", world.clock.now())
        receive(scope, get_partner(connection, "clinic", "emr"), Message(message_id="m1", key=key, text="May I call?"))
    world.worker.step()
    world.command(receipt.id, "cancel", reason="Moved away.")
    world.worker.step()
    (message,) = [entry for entry in world.entries() if entry.kind == "message"]
    assert (message.state, message.last_status) == ("abandoned" if goes_on else "failed", status)
    assert (world.task("hub")["status"] == "cancelled") is goes_on
    told = [event.detail for event in world.timeline(receipt.id) if event.name == "delivery-failed"]
    assert [one["partner"] for one in told] == ["hub"]  # failed or abandoned: people learn of it
