"""Deletes what Ocean's sites sent, messages and documents, some days after their referral ended.

``FOOTBRIDGE_OCEAN_RAW_DAYS`` says after how many; of a message about no prescription of ours, after it was received.
What became of the referral stays in its timeline.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, delete, or_, select

from footbridge.jobs.tenant_retention import ENDED
from footbridge.logs import get_logger
from footbridge.model.clock import Clock
from footbridge.model.pace import Pace
from footbridge.store.engine import Database
from footbridge.store.tables import ocean_document, ocean_message, prescription

INTERVAL = timedelta(hours=1)  # between two looks
BATCH = 500  # rows of a table in one transaction

_log = get_logger(__name__)


class OceanRetention:
    """Deletes a batch when it is due; safe to share between threads and between workers."""

    def __init__(self, database: Database, clock: Clock, period: timedelta) -> None:
        """``period`` is how long messages and documents stay after the end of their referral."""
        self._database = database
        self._clock = clock
        self._period = period
        self._pace = Pace(INTERVAL)

    def purge_if_due(self) -> None:
        """Delete one batch, at most once an hour; while there is more, at every call."""
        now = self._clock.now()
        if not self._pace.is_due(now):
            return
        before = now - self._period
        with self._database.read() as connection:
            messages, documents = _old_messages(connection, before), _old_documents(connection, before)
        if not messages and not documents:
            return
        with self._database.write() as connection:
            connection.execute(delete(ocean_message).where(ocean_message.c.number.in_(messages)))
            connection.execute(delete(ocean_document).where(ocean_document.c.id.in_(documents)))
        _log.info("ocean.purged", messages=len(messages), documents=len(documents))
        if BATCH in {len(messages), len(documents)}:
            self._pace.again(now)


def _old_messages(connection: Connection, before: datetime) -> list[int]:
    its = and_(prescription.c.tenant == ocean_message.c.tenant, prescription.c.id == ocean_message.c.prescription)
    ended = and_(prescription.c.status.in_(ENDED), prescription.c.updated <= before)
    nobodys = and_(ocean_message.c.prescription.is_(None), ocean_message.c.state.in_(["done", "failed", "dropped"]))
    query = (
        select(ocean_message.c.number)
        .select_from(ocean_message.outerjoin(prescription, its))
        .where(ocean_message.c.received <= before, or_(nobodys, ended))
    )
    return list(connection.scalars(query.order_by(ocean_message.c.number).limit(BATCH)))


def _old_documents(connection: Connection, before: datetime) -> list[str]:
    its = and_(prescription.c.tenant == ocean_document.c.tenant, prescription.c.id == ocean_document.c.prescription)
    query = (
        select(ocean_document.c.id)
        .select_from(ocean_document.join(prescription, its))
        .where(prescription.c.status.in_(ENDED), prescription.c.updated <= before)
    )
    return list(connection.scalars(query.order_by(ocean_document.c.id).limit(BATCH)))
