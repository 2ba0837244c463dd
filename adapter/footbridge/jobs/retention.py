"""Forgets messages and answers that are old and done with; the timeline and the resources stay for good.

===================  ==============================================================================================
done outbox rows     ``FOOTBRIDGE_KEEP_DAYS`` after they were sent. Ready, parked and dead ones stay: the first two are
                     still owed, and a dead one says who gave it up.
inbox rows           as long after they were received.
idempotent answers   when they expire, after 30 days (``store.idempotency``).
===================  ==============================================================================================

What a row guards must hold without it, since its repeat may come later than any number of days:

* An outbox row keeps its dedupe key from being owed twice. ``update`` keys hold a random part and never come again.
  ``deliver`` keys name a referral and the resources that go with it; they are owed when these are made, which happens
  once. Were one owed again after all, the parcel leaves out whatever has a link at the partner (links stay), and an
  empty parcel is not sent; creates are conditional on our identifiers besides. So what a purge can cost is one look.
* An inbox row keeps a partner's report from counting twice. The version that was heard last is known by the link, and
  polls show current versions alone. A report without a version that comes again is no newer than what the referral's
  state remembers of this partner, and counts as stale, as a duplicate, or as no change.
"""

import threading
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, select, text, tuple_

from footbridge.logs import get_logger
from footbridge.model.clock import Clock
from footbridge.store import idempotency
from footbridge.store.engine import Database
from footbridge.store.tables import Instant, inbox, outbox

PERIOD = timedelta(hours=1)
BATCH = 1000  # rows of a table in one transaction, so that others wait for it no longer than for any other write

_log = get_logger(__name__)

_before = bindparam("before", type_=Instant)
_OLD_SENT = (
    select(outbox.c.id)
    # The words of the index, not a parameter: SQLite takes a partial index for its own condition alone.
    .where(text("state = 'done'"), outbox.c.finished <= _before)
    .order_by(outbox.c.finished)
    .limit(bindparam("most"))
)
_INBOX = (inbox.c.tenant, inbox.c.partner, inbox.c.message)
_OLD_RECEIVED = select(*_INBOX).where(inbox.c.received <= _before).order_by(inbox.c.received).limit(bindparam("most"))
_FORGET_SENT = delete(outbox).where(outbox.c.id.in_(_OLD_SENT))
_FORGET_RECEIVED = delete(inbox).where(tuple_(*_INBOX).in_(_OLD_RECEIVED))


class Retention:
    """Forgets a batch when it is time to; safe to share between threads and between workers."""

    def __init__(self, database: Database, clock: Clock, kept: timedelta) -> None:
        """``kept`` is how long messages stay after they were sent or received."""
        self._database = database
        self._clock = clock
        self._kept = kept
        self._due: datetime | None = None
        self._lock = threading.Lock()

    def look(self) -> None:
        """Forget one batch of each kind, at most once an hour; while there is more, at every look."""
        now = self._clock.now()
        with self._lock:
            if self._due is not None and now < self._due:
                return
            self._due = now + PERIOD
        with self._database.write() as connection:
            sent, received = forget(connection, now - self._kept)
            answers = idempotency.expire(connection, now)
        if BATCH in {sent, received}:
            with self._lock:
                self._due = now
        if sent or received or answers:
            _log.info("purge.done", sent=sent, received=received, answers=answers)


def forget(connection: Connection, before: datetime) -> tuple[int, int]:
    """Forget up to a batch of messages that were sent, and of messages that were received, before that moment.

    Returns how many of each.
    """
    terms = {"before": before, "most": BATCH}
    return connection.execute(_FORGET_SENT, terms).rowcount, connection.execute(_FORGET_RECEIVED, terms).rowcount
