"""Partners that drip, that lead elsewhere, or that send more than anyone should read."""

import contextlib
import gzip
import json
import time
from typing import Any

import pytest
from support.raw_server import RawServer, raw_server

from footbridge.errors import PartnerError, PartnerRefused, PartnerUnavailable
from footbridge.jobs.deadline import limited
from footbridge.partners.fhir.client import FhirClient
from footbridge.partners.fhir.transport import Limits, Transport

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
LOCATION = b"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:9/\r\n\r\n"


def dripping(first: bytes, piece: bytes) -> Any:
    return lambda server: lambda connection: server.drip(connection, first=first, piece=piece)


DRIPS = {
    "status line": dripping(b"HTTP/1.1 20", b"0"),
    "header": dripping(OK + b"X-Long: ", b"x"),
    "headers": dripping(OK, b"X-One: 1\r\n"),
    "100 Continue": dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "103 Early Hints": dripping(b"", b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n"),
    "interim headers": dripping(b"HTTP/1.1 102 Processing\r\n", b"X-One: 1\r\n"),
    "body": dripping(OK + b"Content-Length: 100000\r\n\r\n", b" "),
    "body without length": dripping(OK + b"\r\n", b" "),
    "chunk size": dripping(CHUNKED, b"0"),
    "chunk extension": dripping(CHUNKED + b"1;", b"x"),
    "chunks": dripping(CHUNKED, b"1\r\n \r\n"),
    "trailer": dripping(CHUNKED + b"2\r\n{}\r\n0\r\n", b"X-One: 1\r\n"),
    "empty gzip": dripping(OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"")[:10], b"\x00\x00\x00\xff\xff"),
    "body of a redirect": dripping(LOCATION, b" "),
    "nothing": dripping(b"", b""),
}


@pytest.mark.parametrize("place", DRIPS)
def test_one_deadline_whatever_drips(place: str) -> None:
    with raw_server() as server:
        server.say = DRIPS[place](server)
        transport = Transport(server.base_url, token=None, limits=Limits(total=0.6))
        started = time.monotonic()
        with pytest.raises(PartnerUnavailable, match=r"too slow|longer than"):
            transport.send("GET", "Task", route="Task")
        assert time.monotonic() - started < 2.5
        transport.close()


def test_a_connection_that_was_used_before_has_the_deadline_too() -> None:
    """The second answer on a kept connection drips."""
    body = b'{"resourceType":"Task","id":"t1"}'

    def say(connection: Any) -> None:
        connection.sendall(OK + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        assert connection.recv(65_536)
        server.drip(connection, first=OK, piece=b"X-One: 1\r\n")

    with raw_server() as server:
        server.say = say
        client = FhirClient(server.base_url, timeout=0.6)
        assert client.read("Task", "t1")["id"] == "t1"
        started = time.monotonic()
        with pytest.raises(PartnerUnavailable, match="too slow"):
            client.read("Task", "t1")
        assert time.monotonic() - started < 2.5
        assert len(server.seen) == 1
        client.close()


def test_many_answers_just_in_time_end_with_the_job() -> None:
    pages = iter(range(1000))

    def say(connection: Any) -> None:
        time.sleep(0.2)
        link = [{"relation": "next", "url": f"Task?page={next(pages)}"}]
        body = json.dumps({"resourceType": "Bundle", "link": link}).encode()
        connection.sendall(OK + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    from datetime import timedelta

    with raw_server(say) as server, limited(timedelta(seconds=1)):
        started = time.monotonic()
        with pytest.raises(PartnerUnavailable):
            list(FhirClient(server.base_url, timeout=5).search("Task", []))
        assert time.monotonic() - started < 2.5
        assert len(server.seen) > 1


def test_interim_responses_are_passed_over() -> None:
    body = b'{"resourceType":"Task","id":"t1"}'
    early = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    answer = early + OK + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    with raw_server(lambda connection: connection.sendall(answer)) as server:
        assert FhirClient(server.base_url).read("Task", "t1")["id"] == "t1"


def test_a_redirect_is_not_read_to_its_end() -> None:
    with raw_server() as server:
        server.say = lambda connection: server.drip(connection, first=LOCATION, piece=b" " * 65_536, pause=0)
        transport = Transport(server.base_url, token=None, limits=Limits(total=5, max_bytes=300_000))
        with pytest.raises(PartnerRefused, match="larger than"):
            transport.send("GET", "Task", route="Task")
        transport.close()


def paging(evil: RawServer, partner: RawServer) -> list[str]:
    sink, own = f"127.0.0.1:{evil.port}", f"127.0.0.1:{partner.port}"
    return [
        f"http://{sink}/Task?page=2",
        f"http://{sink}\\@{own}/Task?page=2",
        f"http://{own}\\@{sink}/Task?page=2",
        f"http://{own}@{sink}/Task",
        f"http://{sink}@{own}/Task",
        f"//{sink}/Task",
        f"///{sink}/Task",
        f"/\\{sink}/Task",
        f"\\\\{sink}\\Task",
        f"http:/{sink}/Task",
        f"http:{sink}/Task",
        f"\thttp://{sink}/Task",
        f"http://{sink}#@{own}/Task",
        f"http://{sink}?@{own}/Task",
        f"http://127.0.0.1:{evil.port}\x00:{partner.port}/",
    ]


@pytest.mark.parametrize("number", range(15))
def test_the_token_goes_to_no_other_server(number: int) -> None:
    with raw_server() as evil, raw_server() as partner:
        link = paging(evil, partner)[number]
        body = json.dumps({"resourceType": "Bundle", "link": [{"relation": "next", "url": link}]}).encode()
        answer = OK + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        partner.say = lambda connection: connection.sendall(answer)
        client = FhirClient(partner.base_url, token=lambda: "SECRETCANARY")
        with pytest.raises(PartnerRefused, match="another server"):
            list(client.search("Task", []))
        assert (evil.seen, len(partner.seen)) == ([], 1)


@pytest.mark.parametrize(
    "header",
    [
        "Location: http://EVIL/fhir/Task/1",
        "Location: http://EVIL\\@OWN/",
        "Refresh: 0; url=http://EVIL/",
        "Location: //EVIL/",
        "Content-Location: http://EVIL/fhir/Task/1",
        "Link: <http://EVIL/>; rel=next",
    ],
)
@pytest.mark.parametrize(
    "status", ["201 Created", "301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Perm"]
)
def test_no_header_leads_elsewhere(header: str, status: str) -> None:
    with raw_server() as evil, raw_server() as partner:
        said = header.replace("EVIL", f"127.0.0.1:{evil.port}").replace("OWN", f"127.0.0.1:{partner.port}")
        answer = f"HTTP/1.1 {status}\r\n{said}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".encode()
        partner.say = lambda connection: connection.sendall(answer)
        client = FhirClient(partner.base_url, token=lambda: "SECRETCANARY")
        with contextlib.suppress(PartnerError):
            client.create({"resourceType": "Task"}, "identifier=urn:x|1")
        assert evil.seen == []


@pytest.mark.parametrize(
    "reference",
    [
        "http://EVIL/fhir/r4/Procedure/1",
        "//EVIL/Procedure/1",
        "http://EVIL\\@OWN/fhir/r4/Procedure/1",
        "Procedure/..",
        "Procedure/.",
        "Procedure/1\\..",
        "../Procedure/1",
        "Procedure/1?x",
        "Procedure/1 ",
    ],
)
def test_no_reference_leads_elsewhere(reference: str) -> None:
    from footbridge.partners.fhir.polling import referenced

    with raw_server() as evil, raw_server() as partner:
        said = reference.replace("EVIL", f"127.0.0.1:{evil.port}").replace("OWN", f"127.0.0.1:{partner.port}")
        client = FhirClient(partner.base_url, token=lambda: "SECRETCANARY")
        assert referenced(client, [{"valueReference": {"reference": said}}]) == ()
        assert (evil.seen, partner.seen) == ([], [])


def test_an_endless_search_ends(monkeypatch: Any) -> None:
    monkeypatch.setattr("footbridge.partners.fhir.client.MAX_SEARCH_BYTES", 100_000)
    pages = iter(range(10_000))

    def say(connection: Any) -> None:
        link = [{"relation": "next", "url": f"Task?page={next(pages)}"}]
        body = json.dumps({"resourceType": "Bundle", "link": link, "x": "y" * 30_000}).encode()
        connection.sendall(OK + b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    with raw_server(say) as server:
        with pytest.raises(PartnerRefused, match="larger than"):
            list(FhirClient(server.base_url).search("Task", []))
        assert len(server.seen) == 4


def test_too_many_times_to_go_on_from_end() -> None:
    """A server without links whose every page is full, in order, and later than the one before."""
    from datetime import UTC, datetime, timedelta

    from footbridge.partners.fhir.polling import poll_tasks

    class Endless:
        asked = 0

        def pages(self, _type: str, _query: Any) -> Any:
            self.asked += 2
            start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.asked)
            times = [(start + timedelta(seconds=more)).isoformat() for more in (0, 1)]
            tasks = [
                {"resourceType": "Task", "id": f"t{at[-14:-6].replace(':', '')}", "meta": {"lastUpdated": at}}
                for at in times
            ]
            yield {"resourceType": "Bundle", "entry": [{"resource": task} for task in tasks]}

    with pytest.raises(PartnerRefused, match="do not end"):
        poll_tasks(Endless(), None, page=2)  # type: ignore[arg-type]
