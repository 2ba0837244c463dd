"""The same request twice has one effect and one answer: by its Idempotency-Key, or by the prescription's identifier.

The header is the one of https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/. A key is
scoped to the tenant and looked up before anything is validated. Answers are kept 30 days (``store.idempotency``):
under the caller's key, and under the prescription's id for a repeat without a key.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Response, request
from sqlalchemy import Connection

from footbridge.store import idempotency
from footbridge.store.idempotency import Mismatch, Replay
from footbridge.web.context import app_context
from footbridge.web.problems import Problem
from footbridge.web.responses import written

KEY = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
RETRY_AFTER = "1"  # seconds; a prescription is taken in within one
_VISIBLE = re.compile(r"[!-~]{1,255}")


def key() -> str | None:
    """The request's Idempotency-Key; refuses one that is not 1 to 255 visible ASCII characters."""
    given = request.headers.get(KEY)
    if given is not None and not _VISIBLE.fullmatch(given):
        message = "1 to 255 visible ASCII characters were expected."
        errors = [{"header": KEY, "rule": "request.idempotency-key", "message": message}]
        raise Problem("bad-request", f"The header {KEY} is not usable.", errors=errors)
    return given


@contextmanager
def claimed(tenant: str, name: str | None, body: bytes) -> Iterator[Replay | None]:
    """Hold the key while the request is worked on; gives the answer that is kept, when there is one.

    A request that was refused did nothing and keeps nothing: it may be mended and sent again under its key.
    """
    if name is None:
        yield None
        return
    here = app_context()
    with here.database.request_locks.hold(tenant, name) as ours:
        if not ours:
            raise Problem("in-flight", "Ask again in a moment.", headers={"Retry-After": RETRY_AFTER})
        with here.database.read() as connection:
            found = idempotency.find(connection, tenant, name, _fingerprint(body), here.clock.now())
        if isinstance(found, Mismatch):
            detail = f"Another request was sent under this {KEY} within the last 30 days: take a new one."
            raise Problem("key-used", detail)
        yield found if isinstance(found, Replay) else None


def keep(connection: Connection, tenant: str, name: str | None, body: bytes, prescription: str, answer: Replay) -> None:
    """Keep the first answer about a prescription, under the caller's key and under the prescription.

    Writes in the transaction that stores the prescription: either both are there, or neither.
    """
    keys = {_of(prescription): _fingerprint(b"")}
    if name is not None:
        keys[name] = _fingerprint(body)
    idempotency.put(connection, tenant, keys, answer, app_context().clock.now())


def kept(tenant: str, name: str | None, body: bytes, prescription: str, *, otherwise: Replay) -> Replay:
    """The first answer about a prescription, kept from now on under the caller's key, too.

    ``otherwise`` is what to answer, and to keep, when the first one was kept no longer.
    """
    here = app_context()
    with here.database.write() as connection:
        found = idempotency.find(connection, tenant, _of(prescription), _fingerprint(b""), here.clock.now())
        first = found if isinstance(found, Replay) else otherwise
        keep(connection, tenant, name, body, prescription, first)
        return first


def replay(answer: Replay) -> Response:
    """The answer once more: 200, the same body and Location."""
    headers = {REPLAYED: "true", **({"Location": answer.location} if answer.location else {})}
    return written(answer.body, 200, headers)


def _fingerprint(body: bytes) -> str:
    target = f"{request.method}\n{request.path}\n".encode()
    return hashlib.sha256(target + body).hexdigest()


def _of(prescription: str) -> str:
    return f"prescription {prescription}"  # the space keeps it apart from every caller's key
