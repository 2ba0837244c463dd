"""The same request twice has one effect and one answer: by its Idempotency-Key, or by the prescription's identifier.

The header is the one of https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/. A key
belongs to the tenant and the requester, and is reserved before anything is validated. Answers are kept 30 days
(``store.idempotency``): under the caller's key, and under the prescription's id for a repeat without a key.
"""

import contextlib
import hashlib
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import orjson
from flask import Response, request
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from footbridge.i18n import _
from footbridge.model.principals import Principal
from footbridge.store import idempotency as store
from footbridge.store.idempotency import OWN_USERS, InFlight, Key, Lease, Mismatch, Replay
from footbridge.web.context import app_context
from footbridge.web.errors import Problem
from footbridge.web.responses import written

KEY = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
USUAL = 2  # seconds; most prescriptions are taken in within one
LONGEST = 30  # seconds between two attempts
_VISIBLE = re.compile(r"[!-~]{1,255}")


def key() -> str | None:
    """The request's Idempotency-Key; refuses one that is not 1 to 255 visible ASCII characters."""
    given = request.headers.get(KEY)
    if given is not None and not _VISIBLE.fullmatch(given):
        message = _("1 to 255 visible ASCII characters were expected.")
        errors = [{"header": KEY, "rule": "request.idempotency-key", "message": message}]
        raise Problem("bad-request", _("The header {key} is not usable.", key=KEY), errors=errors)
    return given


@contextmanager
def claimed(who: Principal, name: str | None, body: bytes) -> Iterator[Lease | Replay | None]:
    """Reserve the key while the request is worked on; gives the answer that is kept, when there is one.

    Gives None for a request without a key. A request that failed keeps nothing: its key is free again at once.

    Raises Problem ``in-flight`` while another request holds the key, ``key-used`` when it belongs to another one.
    """
    if name is None:
        yield None
        return
    here = app_context()
    with here.database.write_in_passing() as connection:
        now = here.clock.now()
        found = store.reserve(connection, _key(who, name), _fingerprint(_meant(body)), now)
        if isinstance(found, Mismatch):  # a key of an older Footbridge, which took the bytes as they came
            found = store.reserve(connection, _key(who, name), _fingerprint(body), now)
    match found:
        case InFlight():
            wait = _seconds_to_wait(found.until, now)
            raise Problem(
                "in-flight", _("Send it again in {seconds} s.", seconds=wait), headers={"Retry-After": str(wait)}
            )
        case Mismatch():
            detail = _("Another request was sent with this {key} within the last 30 days: use a new one.", key=KEY)
            raise Problem("key-used", detail)
        case Replay():
            yield found
        case Lease():
            try:
                yield found
            except BaseException:
                _release(found)
                raise


def _seconds_to_wait(until: datetime | None, now: datetime) -> int:
    """When to send it again: soon; or, of a request whose process may have ended, when its key is free."""
    if until is None or (now - (until - store.LEASE)).total_seconds() < USUAL:
        return 1
    return min(max(math.ceil((until - now).total_seconds()), 1), LONGEST)


def save(connection: Connection, who: Principal, lease: Lease | None, prescription: str, answer: Replay) -> None:
    """Keep the first answer about a prescription, under the caller's key and under the prescription.

    Writes in the transaction that stores the prescription: either both are there, or neither. Raises LeaseLostError,
    which rolls that transaction back.
    """
    now = app_context().clock.now()
    store.put(connection, _of(who, prescription), _fingerprint(b""), answer, now)
    if lease is not None:
        store.complete(connection, lease, answer, now)


def saved(who: Principal, lease: Lease | None, prescription: str, *, otherwise: Replay) -> Replay:
    """The first answer about a prescription, kept from now on under the caller's key, too.

    ``otherwise`` is what to answer, and to keep, when the first one was kept no longer.
    """
    here = app_context()
    with here.database.write() as connection:
        found = store.find(connection, _of(who, prescription), _fingerprint(b""), here.clock.now())
        first = found or otherwise
        save(connection, who, lease, prescription, first)
        return first


def replay(answer: Replay) -> Response:
    """The answer once more: 200, the same body and Location."""
    headers = {REPLAYED: "true", **({"Location": answer.location} if answer.location else {})}
    return written(answer.body, 200, headers)


def _release(lease: Lease) -> None:
    """Give the key back; where the database cannot, it is free when the lease ends."""
    with contextlib.suppress(SQLAlchemyError), app_context().database.write_in_passing() as connection:
        store.release(connection, lease)


def _fingerprint(body: bytes) -> str:
    target = f"{request.method}\n{request.path}\n".encode()
    return hashlib.sha256(target + body).hexdigest()


def _meant(body: bytes) -> bytes:
    """The body as it counts: its JSON without members that are null, which count as left out; else its bytes."""
    try:
        return orjson.dumps(_without_null(orjson.loads(body)))
    except (orjson.JSONDecodeError, RecursionError, TypeError):
        return body


def _without_null(value: Any) -> Any:  # noqa: ANN401 - JSON is any value
    if isinstance(value, dict):
        return {name: _without_null(item) for name, item in value.items() if item is not None}
    return [_without_null(item) for item in value] if isinstance(value, list) else value


def _key(who: Principal, name: str) -> Key:
    return Key(who.tenant, who.partner or OWN_USERS, name)


def _of(who: Principal, prescription: str) -> Key:
    # The space keeps it apart from every caller's key; a prescription is of one requester, whoever sent it.
    return Key(who.tenant, OWN_USERS, f"prescription {prescription}")
