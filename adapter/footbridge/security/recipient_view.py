"""What a recipient sees of a prescription, as expressions in SQL: the part of ``security.access`` that is about them.

A recipient *knows* a referral that its partner is asked to do as long as the service may know what was disclosed to
it: until it was declined, called off or entered in error, until the consent is withdrawn or ends, and until some days
after any other end (``FOOTBRIDGE_DISCLOSURE_DAYS``). Of one that it knows no longer it sees that it was asked, and when
that ended. Status, categories and time of change are those of its own referrals, whatever happens elsewhere, and
a condition of a list is held against what is shown and against nothing else.

The expressions are built once a process; whose and when it is are parameters, which ``parameters`` gives.
"""

import functools
from datetime import datetime, timedelta
from typing import Any, get_args

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    String,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
)

from footbridge.model.events import main_steps, names_ending_consent, names_seen_by
from footbridge.model.lifecycle.tables import machines
from footbridge.model.principals import Channel
from footbridge.security.disclosure import ends_at_once
from footbridge.settings import settings
from footbridge.store.tables import Instant, event, prescription, referral

OTHER_SYSTEM = "network"
"""The source of an event that another partner's system reported."""

PASSED_ON = "forward"
"""The event by which a referral is passed on to another service."""

Rows = Any
"""The table ``referral``, or an alias of it."""

_own = bindparam("recipient_own", type_=String())
_named = bindparam("recipient_named", type_=String())
_since = bindparam("recipient_since", type_=Instant())
_mine = referral.alias("mine")
_said = event.alias("said")


def asked(partner: str | None) -> ColumnElement[bool]:
    """The rows of ``referral`` that a partner is asked to do; none without a partner."""
    return and_(referral.c.partner.is_not(None), referral.c.partner == (partner or ""))


def parameters(partner: str | None, now: datetime) -> dict[str, Any]:
    """The values of a statement's parameters: for a recipient that speaks for this partner, at this time."""
    since = now - timedelta(days=settings().disclosure_days)
    return {"recipient_own": partner or "", "recipient_named": f'"partner":"{partner}"', "recipient_since": since}


@functools.cache
def is_known(row: Rows = referral) -> ColumnElement[bool]:
    """Whether the service of a row of ``referral`` may know what was disclosed to it; also of an alias of the table."""
    over = exists().where(
        _said.c.tenant == row.c.tenant,
        _said.c.prescription == row.c.prescription,
        _said.c.name.in_([literal_column(f"'{name}'") for name in sorted(names_ending_consent())]),
    )
    lately = func.coalesce(ended("recorded", row), row.c.updated) > _since
    return and_(or_(row.c.status.not_in(_terminal()), and_(row.c.status.not_in(sorted(ends_at_once())), lately)), ~over)


@functools.cache
def was_lately_written() -> ColumnElement[bool]:
    """What a row of ``referral`` that has ended meets if it is known; so an index leaves out what ended long ago.

    A row is written in the transaction of the event by which its Task ended, and at its time: never before it.
    """
    return referral.c.updated > _since


@functools.cache
def ended(column: str, row: Rows = referral) -> ScalarSelect[Any]:
    """A column (``at``, ``recorded``, ``number``) of the event by which a row's Task ended; null while it is open."""
    return (
        select(func.max(_said.c[column]))
        .where(
            *_about(row),
            row.c.status.in_(_terminal()),
            _said.c.name.in_(sorted(main_steps())),
            _said.c.after == row.c.status,
            _said.c.before.is_distinct_from(_said.c.after),
        )
        .scalar_subquery()
    )


@functools.cache
def status() -> ColumnElement[str]:
    """Task.status of its own referral of a row of ``prescription``: of one that is open, else of the newest."""
    is_open = case((_mine.c.status.in_(_terminal()), 1), else_=0)
    query = select(_mine.c.status).where(*_of_prescription()).order_by(is_open, _mine.c.place.desc()).limit(1)
    return query.scalar_subquery()


@functools.cache
def updated() -> ColumnElement[datetime]:
    """When the newest event that it sees of a row of ``prescription`` was recorded."""
    query = (
        select(func.max(event.c.recorded))
        .select_from(event)
        .join(_mine, and_(_mine.c.tenant == event.c.tenant, _mine.c.id == event.c.referral))
        .where(event.c.prescription == prescription.c.id, *_of_prescription())
        .where(sees_event(_mine))
    )
    return func.coalesce(query.scalar_subquery(), prescription.c.created)


def known_category(category: str) -> ColumnElement[bool]:
    """Whether a referral that it knows of a row of ``prescription`` is about an SDOH category."""
    whole = prescription.c.categories.contains(f"|{category}|", autoescape=True)
    about = or_(_mine.c.category == category, and_(_mine.c.category.is_(None), whole))
    return exists().where(*_of_prescription(), is_known(_mine), about)


@functools.cache
def known_categories() -> tuple[ColumnElement[bool], ColumnElement[str | None]]:
    """Of a row of ``prescription``: whether it knows the whole, and the categories of the parts that it knows (a|b)."""
    knows = (*_of_prescription(), is_known(_mine))
    parts = select(func.aggregate_strings(_mine.c.category, "|")).where(*knows).scalar_subquery()
    return exists().where(*knows, _mine.c.category.is_(None)), parts


@functools.cache
def sees_event(row: Rows = referral) -> ColumnElement[bool]:
    """Which rows of ``event`` it sees of its own referral: of one that it knows no longer the first and the end."""
    first = select(func.min(_said.c.number)).where(*_about(row), _said.c.name.in_(_names_seen())).scalar_subquery()
    bounds = or_(event.c.number == first, event.c.number == ended("number", row))
    to_it = or_(event.c.name != "delivered", event.c.detail.contains(_named))
    return and_(event.c.name.in_(_names_seen()), to_it, or_(is_known(row), bounds))


@functools.cache
def event_columns() -> list[ColumnElement[Any]]:
    """The columns of ``event`` as it sees them.

    A reason where it gave it, or where it went out with its Task, and of a referral that was passed on to another
    service always: whoever wrote that was told that it reads it; a detail and who acted while it knows the referral;
    no other partner's name.
    """
    known, own = is_known(), event.c.role == "recipient"
    moved = and_(event.c.name.in_(sorted(main_steps())), event.c.before.is_distinct_from(event.c.after))
    named = or_(event.c.source.in_(get_args(Channel)), event.c.source == _own)
    cut: dict[str, ColumnElement[Any]] = {
        "reason": case(
            (or_(and_(known, or_(own, moved)), event.c.name == literal_column(f"'{PASSED_ON}'")), event.c.reason),
            else_=null(),
        ),
        "detail": case((known, event.c.detail), else_=null()),
        "actor": case((or_(known, own), event.c.actor), else_=literal("")),
        "source": case((named, event.c.source), else_=literal(OTHER_SYSTEM)),
    }
    return [cut[column.name].label(column.name) if column.name in cut else column for column in event.c]


def _about(row: Rows) -> tuple[ColumnElement[bool], ...]:
    return (
        _said.c.tenant == row.c.tenant,
        _said.c.prescription == row.c.prescription,
        _said.c.referral == row.c.id,
    )


def _of_prescription() -> tuple[ColumnElement[bool], ...]:
    same = (_mine.c.tenant == prescription.c.tenant, _mine.c.prescription == prescription.c.id)
    return (*same, _mine.c.partner == _own)


def _names_seen() -> list[str]:
    return sorted(names_seen_by("recipient"))


def _terminal() -> list[str]:
    return sorted({status for machine in machines().values() for status in machine.terminal})
