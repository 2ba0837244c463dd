"""Purges messages and responses that are old and done with; the timeline and the resources stay.

=====================  ============================================================================================
done messages          ``FOOTBRIDGE_RETENTION_DAYS`` after they were sent. Ready, failed and abandoned ones stay: the
                       first two are still to be sent, and an abandoned one says who gave it up.
received messages      as long after they were received.
idempotent responses   when they expire, after 30 days (``store.idempotency``).
drafts                 when they expire, 14 days after the last change (``store.drafts``).
=====================  ============================================================================================

What a row guards must hold without it, since its repeat may come later than any number of days:

* A message keeps its dedupe key from being queued twice. ``update`` keys hold a random part and never come again.
  ``deliver`` keys name a referral and the resources that go with it; they are queued when these are made, which happens
  once. Were one queued again after all, the Bundle leaves out whatever the partner is known to hold, and an empty
  Bundle is not sent; creates are conditional on our identifiers besides. So what a purge can cost is one look.
* An inbox row keeps a partner's report from counting twice. The last version that was received is known, and polls
  show current versions only. A report without a version that comes again is no newer than what the referral's state
  remembers of this partner, and counts as stale, as a duplicate, or as no change.
"""

from datetime import timedelta

from sqlalchemy import bindparam, delete, select, tuple_

from footbridge.jobs.queue import JobQueue
from footbridge.logs import get_logger
from footbridge.model.clock import Clock
from footbridge.model.pace import Pace
from footbridge.store import idempotency
from footbridge.store.drafts import purge_drafts
from footbridge.store.engine import Database
from footbridge.store.tables import Instant, inbox

INTERVAL = timedelta(hours=1)  # between two purges
BATCH = 1000  # rows of a table in one transaction, so that others wait for it no longer than for any other write

_log = get_logger(__name__)

_before = bindparam("before", type_=Instant)
_INBOX = (inbox.c.tenant, inbox.c.partner, inbox.c.message)
_OLD = select(*_INBOX).where(inbox.c.received <= _before).order_by(inbox.c.received).limit(bindparam("limit"))
_PURGE_RECEIVED = delete(inbox).where(tuple_(*_INBOX).in_(_OLD))


class Retention:
    """Purges a batch when it is due; safe to share between threads and between workers."""

    def __init__(self, database: Database, clock: Clock, period: timedelta) -> None:
        """``period`` is how long messages stay after they were sent or received."""
        self._database = database
        self._clock = clock
        self._period = period
        self._pace = Pace(INTERVAL)

    def purge_if_due(self) -> None:
        """Purge one batch of each kind, at most once an hour; while there is more, at every call."""
        now = self._clock.now()
        if not self._pace.is_due(now):
            return
        old = now - self._period
        with self._database.write() as connection:
            sent = JobQueue(connection).purge(old, BATCH)
            received = connection.execute(_PURGE_RECEIVED, {"before": old, "limit": BATCH}).rowcount
            responses = idempotency.expire(connection, now)
            drafts = purge_drafts(connection, now)
        if BATCH in {sent, received}:
            self._pace.again(now)
        if sent or received or responses or drafts:
            _log.info("purge.done", sent=sent, received=received, answers=responses, drafts=drafts)
