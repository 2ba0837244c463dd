"""Key sets at a URL: a real server on loopback, what its headers say, and keys that change."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey
from support.key_server import KeyServer, jwks

from footbridge.errors import ConfigurationError, PartnerRefused, PartnerUnavailable
from footbridge.partners.key_sets import MOST, KeySets, lifetime
from footbridge.security.key_sets import read_keys

EC = [ECKey.generate_key("P-384", {"kid": f"ec-{number}"}) for number in range(3)]
RSA = RSAKey.generate_key(2048, {"kid": "rsa"})


@pytest.fixture
def server() -> Iterator[KeyServer]:
    server = KeyServer(jwks(EC[0]))
    yield server
    server.stop()


def kids(sets: KeySets, server: KeyServer, kid: str = "ec-0") -> list[str]:
    return [key.kid for key in sets.keys(server.url, kid)]


@pytest.mark.parametrize(
    ("headers", "holds"),
    [
        ({}, 300),
        ({"Cache-Control": "max-age=60"}, 60),
        ({"Cache-Control": 'public, Max-Age="60"'}, 60),
        ({"Cache-Control": "max-age=60", "Age": "20"}, 40),
        ({"Cache-Control": "max-age=99999999"}, 86_400),
        ({"Cache-Control": "no-store"}, 0),
        ({"Cache-Control": "max-age=60, no-cache"}, 0),
        ({"Expires": "0"}, 0),
    ],
)
def test_a_set_is_used_for_as_long_as_its_headers_say(server: KeyServer, clock: Any, headers: Any, holds: int) -> None:
    server.headers = headers
    sets = KeySets(clock)
    assert kids(sets, server) == ["ec-0"]
    if holds:
        clock.advance(timedelta(seconds=holds - 1))
        kids(sets, server)
        assert len(server.asked) == 1
        clock.advance(timedelta(seconds=1))
    kids(sets, server)
    assert len(server.asked) == 2


def test_an_end_by_date_counts_from_the_date_of_the_answer(clock: Any) -> None:
    now = clock.now()
    headers = {"Date": format_datetime(now - timedelta(hours=5)), "Expires": format_datetime(now - timedelta(hours=4))}
    assert lifetime(headers, now) == 3600


def test_an_unknown_key_makes_the_set_be_fetched_once_more(server: KeyServer, clock: Any) -> None:
    server.headers = {"Cache-Control": "max-age=3600"}
    sets = KeySets(clock)
    kids(sets, server)
    server.body = jwks(EC[0], EC[1])
    assert kids(sets, server) == ["ec-0"]  # from the cache
    assert kids(sets, server, "ec-1") == ["ec-0", "ec-1"]
    assert len(server.asked) == 2
    assert "nowhere" not in kids(sets, server, "nowhere")
    assert len(server.asked) == 3  # once for each time that it is asked for, not twice


def test_a_set_that_did_not_change_is_not_sent_again(server: KeyServer, clock: Any) -> None:
    server.headers = {"ETag": '"1"', "Cache-Control": "max-age=60"}
    sets = KeySets(clock)
    kids(sets, server)
    clock.advance(timedelta(seconds=61))
    assert kids(sets, server) == ["ec-0"]
    assert server.asked == [None, '"1"']
    clock.advance(timedelta(seconds=30))
    kids(sets, server)
    assert len(server.asked) == 2


def test_whoever_makes_keys_up_does_not_make_us_a_flood(server: KeyServer, clock: Any) -> None:
    server.headers = {"Cache-Control": "max-age=3600"}
    sets = KeySets(clock)
    for number in range(MOST):
        kids(sets, server, f"made-up-{number}")
    with pytest.raises(PartnerUnavailable):
        kids(sets, server, "one more")
    assert kids(sets, server) == ["ec-0"]  # who has a key that is known is served
    assert len(server.asked) == MOST
    clock.advance(timedelta(minutes=1))
    kids(sets, server, "made-up")
    assert len(server.asked) == MOST + 1


def test_threads_that_come_at_once_share_one_fetch(server: KeyServer, clock: Any) -> None:
    sets = KeySets(clock)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda _: kids(sets, server), range(8))) == [["ec-0"]] * 8
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [302, 404, 500])
def test_another_answer_than_success_is_an_error_and_not_followed(server: KeyServer, clock: Any, status: int) -> None:
    server.status, server.headers = status, {"Location": server.url}
    with pytest.raises(PartnerRefused, match=str(status)):
        kids(KeySets(clock), server)
    assert len(server.asked) == 1


def test_a_set_that_is_too_large_or_away_is_an_error(server: KeyServer, clock: Any) -> None:
    server.body = b" " * 200_000
    with pytest.raises(PartnerRefused):
        kids(KeySets(clock), server)
    with pytest.raises(PartnerUnavailable):
        KeySets(clock).keys("http://127.0.0.1:1/jwks.json", "x")


@pytest.mark.parametrize(
    "url", ["http://keys.test/jwks", "https://169.254.169.254/jwks", "https://a@b/", "file:///etc/passwd"]
)
def test_an_address_from_which_nothing_may_be_fetched_is_refused(clock: Any, url: str) -> None:
    with pytest.raises(ConfigurationError):
        KeySets(clock).keys(url, "x")


WEAK = {"kty": "RSA", "kid": "weak", "n": "sXchDaQebHnPiGvyDOAT4saGEUetSyo9MKLOoWFsueri", "e": "AQAB"}


@pytest.mark.parametrize(
    "body",
    [
        "", "[]", "{}", '{"keys":{}}', '{"keys":[]}', '{"keys":[5,null,"x"]}', '{"keys":[{"kty":"EC"}]}', "\x00",
        json.dumps({"keys": [WEAK]}),
        json.dumps({"keys": [EC[0].as_dict(private=True)]}),
        json.dumps({"keys": [EC[0].as_dict(private=False), RSA.as_dict(private=True)]}),
        json.dumps({"keys": [{"kty": "oct", "kid": "o", "k": "A" * 43}]}),
        json.dumps(jwks(ECKey.generate_key("P-256", {"kid": "p"}))),
        json.dumps({"keys": [{**EC[0].as_dict(private=False), "use": "enc"}]}),
        json.dumps({"keys": [{**EC[0].as_dict(private=False), "kid": None}]}),
        json.dumps({"keys": [{**EC[0].as_dict(private=False), "alg": "ES256"}]}),
        json.dumps({"keys": [{**EC[0].as_dict(private=False), "x": "AAAA"}]}),
        json.dumps({"keys": [{**EC[0].as_dict(private=False), "key_ops": ["encrypt"]}]}),
        json.dumps({"keys": [{**RSA.as_dict(private=False), "n": "ß"}]}),
        "[" * 90_000,
    ],
)  # fmt: skip
def test_a_set_without_a_usable_key_is_refused(body: str) -> None:
    with pytest.raises(ConfigurationError):
        read_keys(body)


def test_keys_that_cannot_verify_are_passed_over() -> None:
    other = ECKey.generate_key("P-256", {"kid": "p"}).as_dict(private=False)
    found = read_keys(json.dumps({"keys": [other, WEAK, *jwks(EC[0], RSA)["keys"]]}))
    assert [(key.kid, key.algorithm) for key in found] == [("ec-0", "ES384"), ("rsa", "RS384")]
