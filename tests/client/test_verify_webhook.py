"""The helper that verifies webhooks, against the test vector of Standard Webhooks and against forgeries."""

import json

import pytest

from footbridge.client import WebhookError, WebhookEvent, verify_webhook
from footbridge.client.webhook import signature

SECRET = "a-secret-that-is-long-enough"
AT = 1_800_000_000
EVENT = {"number": 7, "name": "accept", "prescription": {"id": "p", "identifier": {"system": "urn:a", "value": "RX"}}}
BODY = json.dumps({"timestamp": "2027-01-15T08:00:00.000Z", "events": [EVENT]}).encode()


def headers(body=BODY, secret=SECRET, stamp=AT, identity="msg_1"):
    signed = signature(secret, identity, stamp, body)
    return {"webhook-id": identity, "webhook-timestamp": str(stamp), "webhook-signature": signed}


def verify(given, body=BODY, secret=SECRET, now=AT, **more):
    return verify_webhook(given, body, secret, now=lambda: now, **more)


def test_it_signs_as_standard_webhooks_does():
    """https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme"""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    made = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert made == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_is_signed_is_read():
    assert verify(headers()) == [WebhookEvent(7, "accept", "p", "urn:a", "RX")]


def test_names_of_headers_are_taken_in_any_case():
    assert verify({name.title(): value for name, value in headers().items()})


def test_one_of_several_signatures_or_secrets_is_enough():
    both = headers()
    both["webhook-signature"] = "v1,bm90aGluZw== " + both["webhook-signature"]
    assert verify(both)
    assert verify(headers(), secret=["another-secret-of-that-length", SECRET])


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize("value", [None, "", "0", "-1", "x" * 50, "v1,", "v2,abc", "é", "١٨٠٠٠٠٠٠٠٠"])
def test_what_is_missing_or_altered_is_refused(name, value):
    given = {key: one for key, one in {**headers(), name: value}.items() if one is not None}
    with pytest.raises(WebhookError):
        verify(given)


@pytest.mark.parametrize("now", [AT - 301, AT + 301, AT + 10**9])
def test_what_is_too_old_or_from_the_future_is_refused(now):
    with pytest.raises(WebhookError, match="timestamp"):
        verify(headers(), now=now)


@pytest.mark.parametrize("now", [AT - 300, AT, AT + 300])
def test_what_is_within_the_tolerance_is_taken(now):
    assert verify(headers(), now=now)


def test_another_secret_or_body_is_refused():
    for given in ({"secret": "another-secret-of-that-length"}, {"secret": []}, {"body": BODY + b"\n"}):
        with pytest.raises(WebhookError, match="signature"):
            verify(headers(), **given)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"events": [{}]}', b'{"events": 1}', b"\xff"])
def test_a_signed_body_that_is_none_of_ours_is_refused(body):
    with pytest.raises(WebhookError, match="body"):
        verify(headers(body), body)


def test_a_new_member_does_no_harm():
    body = json.dumps({"events": [{**EVENT, "later": 1}], "more": True}).encode()
    assert verify(headers(body), body)
