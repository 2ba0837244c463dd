"""When a message that waits is tried next, and letting a person have it tried now.

A message is tried when it falls due, unless the partner's circuit is open: then when that is over. Trying it now lets
its circuit take one message as a probe, so that a partner that is still down is asked once, not by all its messages.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update

from footbridge.errors import ConflictError
from footbridge.i18n import _
from footbridge.jobs.job import FAILED, READY, MessageSummary
from footbridge.jobs.queue import JobQueue
from footbridge.store.tables import circuit, job


def next_attempts(connection: Connection, tenant: str, messages: Sequence[MessageSummary]) -> dict[int, datetime]:
    """By message: the earliest moment of the next attempt; none for one that failed, which a person sends again."""
    rows = connection.execute(
        select(circuit.c.partner, circuit.c.open_until).where(
            circuit.c.tenant == tenant, circuit.c.open_until.is_not(None)
        )
    )
    open_until: dict[str, datetime] = {row.partner: row.open_until for row in rows}
    ready = [one for one in messages if one.state == READY]
    return {one.id: max(one.due, open_until.get(one.partner, one.due)) for one in ready}


def try_now(connection: Connection, tenant: str, message: int, now: datetime) -> None:
    """Let a message that waits for its next attempt be tried at once, and those of its key before it.

    One that is being sent at this moment is left alone. Raises NotFoundError for an unknown id or another tenant's,
    ConflictError for a message that does not wait for an attempt, or stands behind one that failed.
    """
    found = JobQueue(connection).find(message, tenant=tenant)
    if found.state != READY:
        raise ConflictError(_("The message does not wait any more: look at the list again."))
    before = (job.c.tenant == tenant, job.c.key == found.key, job.c.id < found.id, job.c.state == FAILED)
    if connection.execute(select(job.c.id).where(*before).limit(1)).first() is not None:
        raise ConflictError(_("An earlier message about this referral was not delivered: send that one again first."))
    mine = (job.c.tenant == tenant, job.c.key == found.key, job.c.id <= found.id, job.c.state == READY)
    connection.execute(update(job).where(*mine, job.c.due > now).values(due=now))
    at = (circuit.c.tenant == tenant, circuit.c.partner == found.partner)
    connection.execute(update(circuit).where(*at, circuit.c.open_until > now).values(open_until=now))
