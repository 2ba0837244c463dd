"""Answers are remembered on disk, a server that is away is left alone, and no text of a person is sent."""

import os
import pickle
import stat

import pytest
from support.raw_server import raw_server
from support.terminology_server import terminology_server

from footbridge.partners.terminology import CachedTerminology

ASKED = ("http://clinic.test/ValueSet/a", "http://snomed.info/sct", "123", None)


class Clock:
    def __init__(self):
        self.time = 1e9

    def __call__(self):
        return self.time


@pytest.fixture
def server():
    with terminology_server() as running:
        running.answers = {"123": True, "456": False}
        yield running


@pytest.mark.parametrize(("code", "told"), [("123", True), ("456", False)])
def test_an_answer_is_asked_for_once(server, tmp_path, code, told):
    for _ in range(2):
        client = CachedTerminology(server.base_url, tmp_path / "cache")
        assert client.validate_code(*ASKED[:2], code, None) is told
    assert len(server.asked) == 1
    assert client.validate_code(*ASKED[:2], code, "2024") is told
    assert len(server.asked) == 2


def test_an_answer_holds_for_thirty_days(server, tmp_path):
    clock = Clock()
    client = CachedTerminology(server.base_url, tmp_path, now=clock)
    assert client.validate_code(*ASKED)
    clock.time += 31 * 86400
    server.answers["123"] = False
    assert client.validate_code(*ASKED) is False


def test_what_the_server_cannot_say_is_asked_again(server, tmp_path):
    client = CachedTerminology(server.base_url, tmp_path)
    assert client.validate_code(*ASKED[:2], "999", None) is None
    server.answers["999"] = True
    assert client.validate_code(*ASKED[:2], "999", None) is True
    assert client.unanswered == 0


@pytest.mark.parametrize(
    "asked",
    [
        (ASKED[0], None, "Roe", None),
        (ASKED[0], "", "Roe", None),
        (ASKED[0], "no uri", "1", None),
        (ASKED[0], ASKED[1], "Ann Roe, 1 Main St", None),
        (ASKED[0], ASKED[1], "1" * 201, None),
        ("#contained", ASKED[1], "1", None),
        (ASKED[0], ASKED[1], "1", "a version"),
    ],
)
def test_what_may_be_a_persons_is_not_sent(server, tmp_path, asked):
    assert CachedTerminology(server.base_url, tmp_path).validate_code(*asked) is None
    assert server.asked == []


@pytest.mark.parametrize(
    ("status", "body"), [(500, None), (503, None), (429, None), (200, b"<html>"), (200, b"\xff"), (200, b"")]
)
def test_a_server_that_does_not_answer_is_left_alone_for_a_while(server, tmp_path, status, body):
    server.status, server.body = status, body
    clock = Clock()
    client = CachedTerminology(server.base_url, tmp_path, now=clock)
    assert [client.validate_code(*ASKED[:2], str(code), None) for code in range(10)] == [None] * 10
    assert (len(server.asked), client.unanswered) == (3, 10)
    server.status = server.body = None
    clock.time += 61
    assert client.validate_code(*ASKED) is True


def test_one_that_is_slow_is_left_alone_too(tmp_path):
    with raw_server() as server:
        server.say = lambda connection: server.drip(connection, first=b"", pause=0.05)
        client = CachedTerminology(server.base_url, tmp_path, timeout_seconds=0.2)
        assert [client.validate_code(*ASKED[:2], str(code), None) for code in range(50)] == [None] * 50
    assert client.unanswered == 50


def test_one_that_is_down_decides_nothing(tmp_path):
    assert CachedTerminology("http://127.0.0.1:9", tmp_path).validate_code(*ASKED) is None


@pytest.mark.skipif(os.name != "posix", reason="Windows has no modes")
def test_the_cache_is_the_users_alone(server, tmp_path):
    folder = tmp_path / "cache"
    assert CachedTerminology(server.base_url, folder).validate_code(*ASKED)
    file = folder / "terminology.sqlite3"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    server.answers["123"] = False
    file.chmod(0o666)
    assert CachedTerminology(server.base_url, folder).validate_code(*ASKED) is False


@pytest.mark.parametrize("content", [b"no database", b""])
def test_a_cache_that_cannot_be_read_is_no_harm(server, tmp_path, content):
    file = tmp_path / "terminology.sqlite3"
    file.write_bytes(content)
    file.chmod(0o600)
    assert CachedTerminology(server.base_url, tmp_path).validate_code(*ASKED) is True
    assert CachedTerminology(server.base_url, tmp_path / "terminology.sqlite3").validate_code(*ASKED) is True


def test_it_goes_to_other_processes(server, tmp_path):
    client = pickle.loads(pickle.dumps(CachedTerminology(server.base_url, tmp_path)))
    assert client.validate_code(*ASKED) is True
