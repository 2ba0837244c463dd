"""What a principal is shown: lists of prescriptions, their referrals, events. ``security.access`` says whose it sees.

Each condition of a list is held against what the principal sees, so that none shows what is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, exists, literal, null, select, true, tuple_

from footbridge.model.events import names, names_seen_by
from footbridge.model.principals import Principal
from footbridge.security import recipient_view
from footbridge.security.access import seen_prescriptions, seen_referrals, sees_whole
from footbridge.store.deliveries import misses_something
from footbridge.store.tables import event, prescription, referral

SUMMARY = [
    prescription.c[name]
    for name in (
        "id", "requester", "identifier_system", "identifier_value", "kind", "status", "categories", "authored",
        "created", "updated",
    )
]  # fmt: skip

Place = tuple[datetime, str]
"""Where a page ended: of the last prescription, what the list is sorted by, and its id."""

SORTS = ("created", "authored")
"""Columns that a list of prescriptions can be sorted by; with a ``-`` before it the newest come first."""


@dataclass(frozen=True, slots=True)
class Page:
    """How much of a list: at most ``limit``, after a place, sorted by one of ``SORTS`` (with ``-``: newest first)."""

    limit: int = 1
    after: Place | None = None
    sort: str = "created"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which prescriptions to list; every condition that is not None holds.

    Attributes:
        id: ours.
        category: an SDOH category that one of its needs has.
        identifier: system and value of its business identifier.
        since, until: when it was last changed: from the first, before the second.
        partner: who is, or was, asked to do one of its referrals.
    """

    id: str | None = None
    status: str | None = None
    kind: str | None = None
    category: str | None = None
    identifier: tuple[str, str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    partner: str | None = None


@dataclass(frozen=True, slots=True)
class SeenReferral:
    """A referral as a principal sees it.

    Attributes:
        known: whether it may know what was disclosed of it; if not, that it was asked, and when that ended.
        ended: when its Task ended, by who said so; None while it is open.
    """

    known: bool
    ended: datetime | None


def referrals_seen(
    connection: Connection, principal: Principal, identity: str, now: datetime
) -> dict[str, SeenReferral]:
    """The referrals of a prescription that the principal sees, by id."""
    known = true() if sees_whole(principal) else recipient_view.is_known()
    query = select(referral.c.id, known.label("known"), recipient_view.ended("at").label("ended"))
    query = query.where(seen_referrals(principal), referral.c.prescription == identity)
    return {
        row.id: SeenReferral(bool(row.known), row.ended) for row in connection.execute(query, _given(principal, now))
    }


def summaries(
    connection: Connection, principal: Principal, wanted: Wanted, page: Page, *, now: datetime
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Prescriptions as the principal sees them: columns ``SUMMARY``, ``parts``, and ``undelivered``.

    ``undelivered`` says whether a message about it is missing at a partner; None for a recipient.

    Each condition is held against what the principal sees. Where a recipient does not know the whole, ``categories``
    is empty; ``parts`` has those of the parts that it knows in any order: ``a|b|a``.
    """
    column = prescription.c[page.sort.removeprefix("-")]
    newest_first = page.sort.startswith("-")
    query = select(*_summary(principal)).where(seen_prescriptions(principal), *_conditions(principal, wanted))
    if page.after is not None:
        place = tuple_(column, prescription.c.id)
        bound = tuple_(literal(page.after[0], column.type), literal(page.after[1]))
        query = query.where(place < bound if newest_first else place > bound)
    order = [one.desc() if newest_first else one for one in (column, prescription.c.id)]
    return connection.execute(query.order_by(*order).limit(page.limit), _given(principal, now)).all()


def happenings(
    connection: Connection,
    principal: Principal,
    *,
    now: datetime,
    after: int = 0,
    of: str | None = None,
    limit: int | None = None,
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Events that the principal may see, oldest first: by whose prescriptions, and by ``mappings/events.json``.

    Each has its prescription's ``identifier_system``, ``identifier_value`` and ``status`` (of a recipient's own
    referral for a recipient), and of its referral the ``attempt`` and the ``partner`` who is asked; both None for
    an event of the prescription as a whole.

    Args:
        connection: a transaction.
        principal: who asks.
        now: the time.
        after: the number of the last event that is known.
        of: a prescription; all when None.
        limit: the most that are wanted.
    """
    ours = sees_whole(principal)
    status = prescription.c.status if ours else recipient_view.status().label("status")
    named = (prescription.c.identifier_system, prescription.c.identifier_value, status)
    asked = (referral.c.attempt, referral.c.partner)
    same = and_(prescription.c.tenant == event.c.tenant, prescription.c.id == event.c.prescription)
    its = and_(referral.c.tenant == event.c.tenant, referral.c.id == event.c.referral)
    columns = list(event.c) if ours else recipient_view.event_columns()
    query = select(*columns, *named, *asked).select_from(event).join(prescription, same).outerjoin(referral, its)
    query = query.where(event.c.tenant == principal.tenant, event.c.number > after)
    if of is not None:
        query = query.where(event.c.prescription == of)
    if ours:
        query = query.where(seen_prescriptions(principal), _seen_names(principal))
    else:
        query = query.where(seen_referrals(principal), recipient_view.sees_event())
    return connection.execute(query.order_by(event.c.number).limit(limit), _given(principal, now)).all()


def _seen_names(principal: Principal) -> ColumnElement[bool]:
    """The events that the table of events shows to the principal's role."""
    seen = names_seen_by(principal.role)
    return true() if seen.issuperset(names()) else event.c.name.in_(sorted(seen))


def _given(principal: Principal, now: datetime) -> dict[str, Any]:
    """The parameters of a statement: those of a recipient's view for a recipient."""
    return {} if sees_whole(principal) else recipient_view.parameters(principal.partner, now)


def _summary(principal: Principal) -> list[ColumnElement[Any]]:
    if sees_whole(principal):
        return [*SUMMARY, null().label("parts"), misses_something().label("undelivered")]
    whole, parts = recipient_view.known_categories()
    cut: dict[str, ColumnElement[Any]] = {
        "status": recipient_view.status(),
        "categories": case((whole, prescription.c.categories), else_=literal("")),
        "updated": recipient_view.updated(),
    }
    columns = [cut[column.name].label(column.name) if column.name in cut else column for column in SUMMARY]
    return [*columns, parts.label("parts"), null().label("undelivered")]


def _conditions(principal: Principal, wanted: Wanted) -> list[ColumnElement[bool]]:
    columns = prescription.c
    ours = sees_whole(principal)
    found: list[ColumnElement[bool]] = []
    found += [columns[name] == given for name in ("id", "kind") if (given := getattr(wanted, name)) is not None]
    if wanted.status is not None:
        found.append((columns.status if ours else recipient_view.status()) == wanted.status)
    if wanted.category is not None:
        has = columns.categories.contains(f"|{wanted.category}|", autoescape=True)
        found.append(has if ours else recipient_view.known_category(wanted.category))
    if wanted.identifier is not None:
        found.append(columns.identifier_system == wanted.identifier[0])
        found.append(columns.identifier_value == wanted.identifier[1])
    updated = columns.updated if ours else recipient_view.updated()
    if wanted.since is not None:
        found.append(updated >= wanted.since)
    if wanted.until is not None:
        found.append(updated < wanted.until)
    if wanted.partner is not None:
        its = and_(seen_referrals(principal), referral.c.prescription == columns.id)
        found.append(exists().where(its, referral.c.partner == wanted.partner))
    return found or [true()]
