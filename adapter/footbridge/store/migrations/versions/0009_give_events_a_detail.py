"""Give events a detail, and say of a referral that it is overdue in a column of its own.

Revision: 0009, after 0007. Until now ``reason`` of an event held all that there was to say. What is no reason moves to
``detail``, as far as it can be told: the goal of ``goal-changed`` and the code of ``refused`` were never written.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_GOAL_STATUSES = frozenset(
    ("proposed", "planned", "accepted", "active", "on-hold", "completed", "cancelled", "entered-in-error", "rejected")
)
_ANSWERS = {"answered-yes": "yes", "answered-no": "no", "answered-partly": "partly"}
_NO_IDENTIFIER = "no identifier"
_BATCH = 1000

_event = sa.table("event", *(sa.column(name) for name in ("tenant", "number", "referral", "name", "reason", "detail")))
_referral = sa.table("referral", *(sa.column(name) for name in ("tenant", "id", "partner")))
_partner = sa.table("partner", *(sa.column(name) for name in ("tenant", "name", "title")))
_MARK_OVERDUE = """UPDATE referral SET overdue =
    (SELECT min(event.recorded) FROM event WHERE event.tenant = referral.tenant
     AND event.prescription = referral.prescription AND event.referral = referral.id AND event.name = 'overdue')"""

Detail = dict[str, Any]


def upgrade() -> None:
    """Add the columns and carry over what is there."""
    op.add_column("event", sa.Column("detail", sa.Text, nullable=True))
    op.add_column("referral", sa.Column("overdue", sa.String(27), nullable=True))
    op.execute(sa.text(_MARK_OVERDUE))
    connection = op.get_bind()
    partners = _partners_by_title(connection)
    place = ("", 0)
    while rows := _after(connection, place):
        changed = [_changed(row, partners) for row in rows]
        connection.execute(_UPDATE, changed)
        place = (rows[-1].tenant, rows[-1].number)


def _partners_by_title(connection: sa.Connection) -> Mapping[tuple[str, str], str]:
    """The name of each partner whose title no other partner of its tenant has."""
    named: dict[tuple[str, str], list[str]] = {}
    for row in connection.execute(sa.select(_partner.c.tenant, _partner.c.name, _partner.c.title)):
        named.setdefault((row.tenant, row.title), []).append(row.name)
    return {title: names[0] for title, names in named.items() if len(names) == 1}


def _after(connection: sa.Connection, place: tuple[str, int]) -> list[Any]:
    """The next events to change, with the partner of their referral."""
    its = sa.and_(_referral.c.tenant == _event.c.tenant, _referral.c.id == _event.c.referral)
    old = sa.or_(_event.c.name.in_(_ANSWERS), sa.and_(_event.c.name.in_(_DETAILS), _event.c.reason.is_not(None)))
    later = sa.or_(_event.c.tenant > place[0], sa.and_(_event.c.tenant == place[0], _event.c.number > place[1]))
    query = sa.select(_event, _referral.c.partner).outerjoin(_referral, its).where(old, later)
    return list(connection.execute(query.order_by(_event.c.tenant, _event.c.number).limit(_BATCH)))


def _changed(row: Any, partners: Mapping[tuple[str, str], str]) -> Detail:  # noqa: ANN401 - a row of the query above
    key = {"of": row.tenant, "at": row.number}
    if row.name in _ANSWERS:
        return {**key, "name": "answered", "reason": row.reason, "detail": _text({"happened": _ANSWERS[row.name]})}
    detail = _DETAILS[row.name](row, partners)
    return {**key, "name": row.name, "reason": None, "detail": _text(detail)}


def _text(detail: Detail) -> str:
    return json.dumps(detail, ensure_ascii=False, separators=(",", ":"))


def _asked(row: Any, _: Mapping[tuple[str, str], str]) -> Detail:  # noqa: ANN401 - as above
    """Of an event that named the partner of its referral by title."""
    return {**({"partner": row.partner} if row.partner else {}), "partnerTitle": row.reason}


def _reached(row: Any, partners: Mapping[tuple[str, str], str]) -> Detail:  # noqa: ANN401 - as above
    name = partners.get((row.tenant, row.reason))
    return {**({"partner": name} if name else {}), "partnerTitle": row.reason}


def _goal(row: Any, _: Mapping[tuple[str, str], str]) -> Detail:  # noqa: ANN401 - as above
    return {"lifecycle" if row.reason in _GOAL_STATUSES else "achievement": row.reason}


def _not_taken_over(row: Any, _: Mapping[tuple[str, str], str]) -> Detail:  # noqa: ANN401 - as above
    """``Procedure: no identifier``, or ``Procedure: rule, rule``."""
    kind, _, said = row.reason.partition(": ")
    if said == _NO_IDENTIFIER:
        return {"type": kind, "why": "no-identifier"}
    return {"type": kind, "why": "invalid", "rules": said.split(", ")}


def _as(member: str) -> Callable[[Any, Mapping[tuple[str, str], str]], Detail]:
    return lambda row, _: {member: row.reason}


_DETAILS: Mapping[str, Callable[[Any, Mapping[tuple[str, str], str]], Detail]] = {
    "delivered": _reached,
    "another-try": _asked,
    "overdue": _asked,
    "output": _as("type"),
    "output-not-taken-over": _not_taken_over,
    "refused": _as("message"),
    "part": _as("description"),
    "goal-changed": _goal,
    "needs-person": _as("why"),
    "business-status": _as("text"),
}
_UPDATE = _event.update().where(_event.c.tenant == sa.bindparam("of"), _event.c.number == sa.bindparam("at"))
