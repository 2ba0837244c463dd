"""Webhooks: signed as Standard Webhooks has it, and verified here.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md: HMAC-SHA256 over
``id.timestamp.body``, in base64; the header may have several signatures, one for each secret, so that a secret can be
changed while messages are under way.
"""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

ID: Final = "webhook-id"
TIMESTAMP: Final = "webhook-timestamp"
SIGNATURE: Final = "webhook-signature"
TOLERANCE: Final = 300  # seconds
_VERSION: Final = "v1"
_PREFIX: Final = "whsec_"


class WebhookError(Exception):
    """A request to your webhook is not from Footbridge, or is too old: answer it with 401 and do nothing."""


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """Something that happened to a prescription of yours; read the prescription to learn more.

    Attributes:
        number: of the event; it grows, and each event comes at least once.
        name: of ``docs/reference/events.md``.
        prescription: id of the prescription.
        system, value: its business identifier.
    """

    number: int
    name: str
    prescription: str
    system: str
    value: str


def verify_webhook(
    headers: Mapping[str, str],
    body: bytes,
    secret: str | Sequence[str],
    tolerance: float = TOLERANCE,
    *,
    now: Callable[[], float] = time.time,
) -> list[WebhookEvent]:
    """The events of a request to your webhook, in order.

    Args:
        headers: of the request; names in any case.
        body: exactly the bytes that came.
        secret: that you share with Footbridge; several while you change it.
        tolerance: how many seconds the timestamp may differ from your clock. Refuse an id that you had within this
            time to be safe from replays; an event that you had already has a number that you had already.
        now: the time, in seconds since 1970.

    Raises:
        WebhookError: a header is missing, the signature is wrong, or the timestamp is too far from now.
    """
    known = {name.lower(): value for name, value in headers.items()}
    if not all(known.get(name) for name in (ID, TIMESTAMP, SIGNATURE)):
        raise WebhookError("A header of the signature is missing.")
    stamp = known[TIMESTAMP]
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        raise WebhookError("The timestamp cannot be read.")
    secrets = [secret] if isinstance(secret, str) else list(secret)
    given = [one.encode() for one in known[SIGNATURE].split()]
    wanted = [signature(one, known[ID], int(stamp), body).encode() for one in secrets]
    if not any([hmac.compare_digest(mine, theirs) for mine in wanted for theirs in given]):  # noqa: C419 - compares all
        raise WebhookError("The signature is wrong.")
    if abs(now() - int(stamp)) > tolerance:
        raise WebhookError("The timestamp is too far from the present.")
    return _events(body)


def signature(secret: str, identity: str, timestamp: int, body: bytes) -> str:
    """One signature, ``v1,`` and base64. Raises ValueError for a secret that is empty or not as it says."""
    signed = f"{identity}.{timestamp}.".encode() + body
    digest = hmac.new(_key(secret), signed, hashlib.sha256).digest()
    return f"{_VERSION},{base64.b64encode(digest).decode()}"


def _key(secret: str) -> bytes:
    """``whsec_`` and base64, or else the text itself."""
    if not secret.startswith(_PREFIX):
        key = secret.encode()
    else:
        try:
            key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
        except binascii.Error as error:
            raise ValueError("The secret begins with whsec_ and is not base64.") from error
    if not key:
        raise ValueError("The secret is empty.")
    return key


def _events(body: bytes) -> list[WebhookEvent]:
    try:
        found: list[dict[str, Any]] = json.loads(body)["events"]
        return [
            WebhookEvent(
                one["number"],
                one["name"],
                one["prescription"]["id"],
                one["prescription"]["identifier"]["system"],
                one["prescription"]["identifier"]["value"],
            )
            for one in found
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise WebhookError("The body cannot be read.") from error
