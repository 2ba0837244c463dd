"""Tells requesters by webhook what happens to their prescriptions, so that they need not poll.

Whatever writes an event queues a message of kind ``webhook`` in the same transaction. One message is open at a time
for each webhook, and tells every event that the receiver does not have yet: events come in order, each at least once.
A receiver that is down has a circuit of its own, and keeps nothing else from its partner.
"""

import hashlib
import secrets as randomness
from collections.abc import Sequence
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row

from footbridge.errors import NotFoundError
from footbridge.jobs.job import Job, Result
from footbridge.jobs.queue import JobQueue
from footbridge.model.clock import Clock, utc_instant
from footbridge.model.principals import Principal
from footbridge.partners.webhooks import send
from footbridge.security.lists import happenings
from footbridge.store.credentials import resolve_credential
from footbridge.store.engine import Database
from footbridge.store.resource_rows import Scope
from footbridge.store.webhooks import Webhook, get_webhook, has_webhook, record_sent

KIND: Final = "webhook"
MOST: Final = 100
"""Events in one request; what is left is sent in the next one."""

LONGEST_NAME: Final = 56
"""Characters of a partner's name that can have a webhook: its circuit and key are called ``webhook/`` and the name."""


def queue_webhook(scope: Scope, requester: str, event: int) -> None:
    """Queue a message about what this transaction writes, where the requester has a webhook.

    Args:
        scope: the transaction that writes an event.
        requester: of the prescription; empty for the tenant's own users.
        event: the event's number.
    """
    if not requester or not has_webhook(scope.connection, scope.tenant, requester):
        return
    name = queue_name(requester)
    JobQueue(scope.connection).enqueue(
        tenant=scope.tenant,
        kind=KIND,
        partner=name,
        key=name,
        payload={"webhook": requester},
        dedupe=f"{name}/{event}/{randomness.token_hex(4)}",
        due=scope.now,
        coalesce=True,
    )


def queue_name(requester: str) -> str:
    """The name under which a webhook's messages wait, and its circuit; never a partner's name, which has no slash."""
    return f"{KIND}/{requester}"


class Webhooks:
    """The handler of these messages."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def send(self, job: Job) -> Result | None:
        """Tell the receiver what it does not know yet; nothing where the webhook was removed meanwhile."""
        partner = str(job.payload["webhook"])
        with self._database.read() as connection:
            try:
                hook = get_webhook(connection, job.tenant, partner)
            except NotFoundError:
                return None
            events = self._events(connection, job.tenant, hook)
        if not events:
            return None
        now = self._clock.now()
        first, last = events[0].number, events[-1].number
        send(
            hook.url,
            orjson.dumps({"timestamp": utc_instant(now), "events": [_event(row) for row in events]}),
            identity=_identity(job.tenant, partner, first, last),
            timestamp=int(now.timestamp()),
            secrets=[resolve_credential(one) for one in (hook.secret, hook.old_secret) if one],
        )
        return Result(
            lambda connection: record_sent(connection, job.tenant, partner, last),
            due=now if len(events) == MOST else None,
        )

    def _events(self, connection: Connection, tenant: str, hook: Webhook) -> Sequence[Row[*tuple[Any, ...]]]:
        """What the requester may see: the events of its own prescriptions."""
        seeing = Principal("requester", hook.partner, name=KIND, tenant=tenant)
        return happenings(connection, seeing, now=self._clock.now(), after=hook.last_sent, limit=MOST)


def _event(row: Row[*tuple[Any, ...]]) -> dict[str, Any]:
    """What is told of an event: nothing of the person, of what was asked, or of who did it."""
    identifier = {"system": row.identifier_system, "value": row.identifier_value}
    return {
        "number": row.number,
        "name": row.name,
        "prescription": {"id": row.prescription, "identifier": identifier},
    }


def _identity(tenant: str, partner: str, first: int, last: int) -> str:
    """The same for another attempt with the same events."""
    said = f"{tenant}\n{partner}\n{first}\n{last}".encode()
    return f"msg_{hashlib.sha256(said).hexdigest()[:32]}"
