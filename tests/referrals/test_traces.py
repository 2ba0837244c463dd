"""Traces of jobs: each attempt, what it led to, and the request that queued it; partners are sent nothing of it."""

import socket
from datetime import timedelta

import pytest
from opentelemetry.trace import SpanKind, StatusCode
from support.raw_server import raw_server
from support.spine import WARM, World, prescribed
from support.traced import tracing

from footbridge import traces
from footbridge.jobs.job import TRACE

CALLER = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
PHRASES = (
    "Okafor",
    "Grace",
    "9876543217",
    "416 555 0142",
    "Skips meals",
    "I want to sing",
    "Sample Street",
    "1951-04-12",
)


@pytest.fixture
def spans():
    with tracing() as found:
        yield found


def queued(world, number=1, **changes):
    """A prescription that is submitted within the caller's trace."""
    with traces.request(CALLER):
        traces.answered("POST", "/x", 201)
        return world.submit(prescribed(number, **changes))


def facts(span):
    return {name.removeprefix("footbridge."): value for name, value in span.attributes.items()}


def test_an_attempt_is_a_trace_that_links_to_what_queued_it(world: World, spans):
    queued(world)
    (asked,) = spans.named("POST /x")
    world.worker.step()
    attempts = spans.named("job deliver")
    assert {facts(one)["partner"] for one in attempts} == {"hub", "emr"}
    for one in attempts:
        assert one.kind is SpanKind.CONSUMER
        assert one.parent is None
        assert one.context.trace_id != asked.context.trace_id
        assert [link.context.trace_id for link in one.links] == [asked.context.trace_id]
        said = facts(one)
        assert (said["job.kind"], said["job.attempt"], said["outcome"], said["network"]) == (
            "deliver",
            1,
            "done",
            "fhir",
        )
        assert spans.within(one)[0] == "partner.exchange"


def test_every_attempt_links_there_however_late(world: World, spans):
    world.servers["hub"].faults.next(status=503, times=2)
    queued(world)
    world.worker.step()
    world.clock.advance(timedelta(days=2))
    world.servers["hub"].faults.clear()
    world.worker.step()
    hub = [one for one in spans.named("job deliver") if facts(one)["partner"] == "hub"]
    assert [(facts(one)["job.attempt"], facts(one)["outcome"]) for one in hub] == [(1, "unavailable"), (2, "done")]
    assert facts(hub[0])["error.type"] == "PartnerUnavailable"
    (exchange,) = [one for one in spans.named("partner.exchange") if one.parent.span_id == hub[0].context.span_id]
    assert exchange.status.status_code is StatusCode.ERROR
    assert {link.context.trace_id for one in hub for link in one.links} == {int(CALLER[3:35], 16)}


def test_a_poll_and_what_it_brought(world: World, spans):
    queued(world)
    world.pass_time()
    world.act("hub", status="accepted")
    spans.clear()
    world.clock.advance(timedelta(minutes=15))
    world.worker.step()
    hub = next(one for one in spans.named("job poll") if facts(one)["partner"] == "hub")
    assert (facts(hub)["outcome"], facts(hub)["network"], hub.links) == ("done", "fhir", ())
    assert [name for name in spans.within(hub) if name in {"partner.exchange", "inbound"}] == [
        "partner.exchange",
        "inbound",
    ]
    (inbound,) = spans.named("inbound")
    assert facts(inbound)["outcome"] == "applied"
    updates = [one for one in spans.named("job update") if facts(one)["partner"] == "emr"]
    assert [link.context.trace_id for one in updates for link in one.links] == [hub.context.trace_id]


def test_a_write_in_a_compartment(world: World, spans):
    desk = world.hosted("pantry")
    queued(world, service={**WARM["service"], "partner": "pantry"})
    world.worker.step()
    (deliver,) = [one for one in spans.named("job deliver") if facts(one)["partner"] == "pantry"]
    assert (facts(deliver)["network"], facts(deliver)["outcome"]) == ("hosted", "done")
    (task,) = desk.all("Task")
    spans.clear()
    assert desk.put({**task, "status": "accepted"})[0] == 200
    assert desk.put({"resourceType": "Task", "id": "Okafor", "status": "accepted", "intent": "order"})[0] >= 400
    first, *_ = spans.named("hosted.write")
    said = facts(first)
    assert (said["partner"], said["fhir.interaction"], said["fhir.type"]) == ("pantry", "update", "Task")
    assert "Okafor" not in spans.said()


def test_partners_are_sent_nothing_of_it_and_nothing_of_their_words_is_kept(world: World, spans):
    body = b'{"resourceType":"OperationOutcome","issue":[{"diagnostics":"Grace Okafor 9876543217"}]}'

    def refuse(connection: socket.socket) -> None:
        head = (
            b"HTTP/1.1 422 Grace-Okafor\r\nContent-Type: application/fhir+json\r\nConnection: close\r\nContent-Length: "
        )
        connection.sendall(head + str(len(body)).encode() + b"\r\n\r\n" + body)

    with raw_server(refuse) as server:
        world.take_on("odd", "recipient", network="fhir", base_url=server.base_url)
        queued(world, service={**WARM["service"], "partner": "odd"})
        world.pass_time(2)
        assert server.seen
        assert [head for head in server.seen if b"traceparent" in head.lower() or CALLER[3:35].encode() in head] == []
    (one,) = [one for one in spans.named("job deliver") if facts(one)["partner"] == "odd"]
    assert facts(one)["outcome"] == "refused"
    with world.database.read() as connection:
        ids = connection.exec_driver_sql("SELECT id FROM prescription UNION SELECT id FROM referral").scalars().all()
    assert [word for word in (*PHRASES, *ids, server.base_url) if word in spans.said()] == []


def test_a_fault_of_ours_is_named_by_its_class(world: World, spans, monkeypatch):
    queued(world)

    def broken(*_arguments):
        raise ValueError("Grace Okafor")

    monkeypatch.setattr("footbridge.referrals.delivery.outgoing_for", broken)
    world.worker.step()
    assert {(facts(one)["outcome"], facts(one)["error.type"]) for one in spans.named("job deliver")} == {
        ("error", "ValueError")
    }
    assert "Grace" not in spans.said()


@pytest.mark.parametrize("kept", ["", "00-zz", CALLER.upper(), "01" * 200, "00-" + "0" * 32 + "-" + "0" * 16 + "-01"])
def test_a_trace_that_cannot_be_read_is_no_link(world: World, spans, kept):
    with traces.attempt("deliver", kept):
        pass
    (one,) = spans.named("job deliver")
    assert one.links == ()


def test_without_traces_a_message_keeps_none(world: World):
    world.submit(prescribed())
    with world.database.read() as connection:
        payloads = connection.exec_driver_sql("SELECT payload FROM job").scalars().all()
    assert payloads
    assert not any(f'"{TRACE}"' in one for one in payloads)
