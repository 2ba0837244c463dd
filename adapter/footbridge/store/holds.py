"""What has to be decided about a prescription before anything of it leaves: a row for each question.

A question that was decided keeps its row: what was decided holds for amended documents that do not say it themselves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, select, update

from footbridge.store.dialect import insert
from footbridge.store.tables import hold as table


@dataclass(frozen=True, slots=True)
class HoldRow:
    """One question about a prescription.

    Attributes:
        reason: a code of ``mappings/holds.json``.
        since: when it arose.
        detail: what is proposed, as the channel that it came by says it (a JSON object).
        ended: when it was decided; None while nothing may leave.
        decision: what was decided (a JSON object); None where nothing but yes or no.
    """

    reason: str
    since: datetime
    detail: Mapping[str, Any]
    ended: datetime | None
    decision: Mapping[str, Any] | None


def put_hold(
    connection: Connection, tenant: str, prescription: str, reason: str, now: datetime, detail: Mapping[str, Any]
) -> None:
    """Put a prescription on hold. One that is on hold for this reason gets the newer detail, and keeps its time."""
    row = {
        "tenant": tenant,
        "prescription": prescription,
        "reason": reason,
        "since": now,
        "detail": orjson.dumps(dict(detail)).decode() if detail else None,
    }
    statement = insert(connection, table)
    again = statement.on_conflict_do_update(
        index_elements=["tenant", "prescription", "reason"],
        set_={"detail": statement.excluded.detail, "ended": None, "decision": None},
    )
    connection.execute(again, row)


def holds_of(connection: Connection, tenant: str, prescription: str) -> Sequence[HoldRow]:
    """Every question about a prescription, decided ones too."""
    query = select(table).where(table.c.tenant == tenant, table.c.prescription == prescription)
    return [
        HoldRow(
            row.reason,
            row.since,
            orjson.loads(row.detail) if row.detail else {},
            row.ended,
            orjson.loads(row.decision) if row.decision else None,
        )
        for row in connection.execute(query.order_by(table.c.reason)).all()
    ]


def end_hold(
    connection: Connection,
    tenant: str,
    prescription: str,
    reason: str,
    now: datetime,
    decision: Mapping[str, Any] | None = None,
) -> None:
    """Note that a question is decided."""
    mine = (table.c.tenant == tenant, table.c.prescription == prescription, table.c.reason == reason)
    values = {"ended": now, "decision": orjson.dumps(dict(decision)).decode() if decision else None}
    connection.execute(update(table).where(*mine, table.c.ended.is_(None)).values(values))
