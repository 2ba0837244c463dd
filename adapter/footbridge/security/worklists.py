"""The worklists of a person: which referrals are theirs to look at, by what is to be done, with counts.

===============  ==============================================================================================
``to-answer``    a service was asked and has not answered
``working``      a service, or the client, is at it
``waiting``      nothing goes on until a person decides (``store.worklist``); for those who ordered
``overdue``      a service was asked and has let its time pass
``follow-up``    the day of the follow-up has come; for those who ordered. Where nobody may contact the person, it is
                 the prescriber's, who sees them
``done``         it has ended, the newest first
===============  ==============================================================================================

Every condition is held against what the principal sees: a worker of a service gets the referrals of that service that
it may know, and nothing that would let them guess at another's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    tuple_,
)

from footbridge.model.principals import Principal
from footbridge.security import recipient_view
from footbridge.security.access import seen_prescriptions, seen_referrals, sees_whole
from footbridge.store.client_names import prescriptions_named, words_of
from footbridge.store.tables import client, person, prescription, referral
from footbridge.store.tables.prescriptions import REFERRAL_ENDED
from footbridge.store.worklist import count_waiting, waiting_referrals

ListName = Literal["to-answer", "working", "waiting", "overdue", "follow-up", "done"]
LISTS: Final[tuple[ListName, ...]] = ("waiting", "to-answer", "overdue", "working", "follow-up", "done")
FOR_THOSE_WHO_ORDERED: Final = frozenset({"waiting", "follow-up"})
MOST_COUNTED: Final = 1000
"""A count stops there: nobody reads a longer list to its end, and counting it takes time."""
MOST_FOUND: Final = 200
MOST_LOOKED_AT: Final = 2000
"""Prescriptions of a name that a search looks at; those of a service, or of a prescriber, are theirs already."""

_AT_WORK = ("accepted", "in-progress", "on-hold", "ready")
_FOLLOW_UP_OPEN: ColumnElement[bool] = literal_column(
    "follow_up IN ('requested', 'accepted', 'in-progress', 'on-hold')"
)
_ENDED: ColumnElement[bool] = literal_column(f"referral.{REFERRAL_ENDED}")
PRESCRIBER: Final = "requester"
"""Who alone follows up a person whom nobody may contact."""

_UNSAFE = exists().where(
    client.c.tenant == prescription.c.tenant,
    client.c.person == prescription.c.person,
    client.c.contact == literal_column("'prohibited'"),
)
_its = and_(prescription.c.tenant == referral.c.tenant, prescription.c.id == referral.c.prescription)

COLUMNS = (
    referral.c.id,
    referral.c.prescription,
    referral.c.parent,
    referral.c.attempt,
    referral.c.partner,
    referral.c.category,
    referral.c.status,
    referral.c.machine,
    referral.c.due,
    referral.c.overdue,
    referral.c.updated.label("since"),
    prescription.c.identifier_system,
    prescription.c.identifier_value,
    prescription.c.status.label("prescription_status"),
    prescription.c.kind,
    prescription.c.categories,
    prescription.c.priority,
    prescription.c.person,
)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which rows of a list; every condition that is not None holds.

    Attributes:
        category: an SDOH category.
        partner: who is asked; of use to those who ordered.
        priority: routine, urgent, asap or stat.
        of: the id of a prescription, to list what there is for the same person; of use to those who ordered.
    """

    category: str | None = None
    partner: str | None = None
    priority: str | None = None
    of: str | None = None


Rows = Sequence[Row[*tuple[Any, ...]]]
Place = tuple[datetime, str]
"""Where a page ended: of the last row, since when, and its id."""


def lists_of(principal: Principal) -> tuple[ListName, ...]:
    """The lists that there are for a principal."""
    return LISTS if sees_whole(principal) else tuple(one for one in LISTS if one not in FOR_THOSE_WHO_ORDERED)


def listed(  # noqa: PLR0913 - what and whose first, then options by name
    connection: Connection,
    principal: Principal,
    name: ListName,
    filters: Filters,
    *,
    now: datetime,
    limit: int,
    after: Place | None = None,
) -> Rows:
    """A page of one list: ``COLUMNS``, and ``why``, ``message`` for what waits; the longest since first, but for done.

    What waits has no pages: it is ``limit`` rows.
    """
    if name == "waiting":
        waits = _waits(principal, filters, _few(connection, principal, filters))
        return waiting_referrals(connection, waits, limit=limit, partner=filters.partner)
    newest_first = name == "done"
    query = _query(principal, name, filters, now, _few(connection, principal, filters))
    if after is not None:
        place, bound = tuple_(referral.c.updated, referral.c.id), tuple_(_moment(after[0]), literal(after[1]))
        query = query.where(place < bound if newest_first else place > bound)
    order = [one.desc() if newest_first else one for one in (referral.c.updated, referral.c.id)]
    return connection.execute(query.order_by(*order).limit(limit), _given(principal, now)).all()


def counts(connection: Connection, principal: Principal, filters: Filters, *, now: datetime) -> dict[ListName, int]:
    """How many there are in each list of the principal, ``MOST_COUNTED`` at most."""
    found: dict[ListName, int] = {}
    few = _few(connection, principal, filters)
    for name in lists_of(principal):
        if name == "waiting":
            waits = _waits(principal, filters, few)
            found[name] = count_waiting(connection, waits, limit=MOST_COUNTED, partner=filters.partner)
            continue
        some: Select[Any] = (
            _query(principal, name, filters, now, few).with_only_columns(literal_column("1")).limit(MOST_COUNTED)
        )
        found[name] = connection.scalar(select(func.count()).select_from(some.subquery()), _given(principal, now)) or 0
    return found


@dataclass(frozen=True, slots=True)
class FoundRows:
    """What a search found, and whether there is more than it shows."""

    rows: Rows
    is_cut: bool


def found_by_words(connection: Connection, principal: Principal, text: str, *, now: datetime) -> FoundRows:
    """Referrals of people by name, or by an identifier of theirs or of the prescription: ``COLUMNS``, newest first.

    A worker of a service finds by name and by the prescription's identifier, and only what the service may know.
    """
    said, words = text.strip(), words_of(text)[:6]
    ours = sees_whole(principal)
    named = select(prescription.c.id).where(prescription.c.tenant == principal.tenant).limit(MOST_LOOKED_AT)
    ways: list[Select[tuple[str]]] = [named.where(prescription.c.identifier_value == said)]
    if words:
        ways.append(prescriptions_named(principal.tenant, words, MOST_LOOKED_AT, _among(principal)))
    if ours:
        mine = select(person.c.person).where(person.c.tenant == principal.tenant, person.c.value == said)
        if identified := list(connection.scalars(mine.limit(MOST_FOUND))):
            ways.append(named.where(prescription.c.person.in_(identified)))
    each = [list(connection.scalars(way)) for way in ways]  # each by an index of its own
    found = {identity for identities in each for identity in identities}
    rows = select(*COLUMNS).select_from(referral).join(prescription, _its)
    rows = rows.where(seen_referrals(principal), _known(principal), referral.c.prescription.in_(sorted(found)))
    if ours:
        rows = rows.where(seen_prescriptions(principal))
    rows = rows.order_by(referral.c.updated.desc(), referral.c.id).limit(MOST_FOUND + 1)
    shown = connection.execute(rows, _given(principal, now)).all()
    looked_at_all = all(len(identities) < MOST_LOOKED_AT for identities in each)
    return FoundRows(shown[:MOST_FOUND], len(shown) > MOST_FOUND or not looked_at_all)


def _among(principal: Principal) -> Callable[[ColumnElement[str]], ColumnElement[bool]] | None:
    """Which prescriptions of a name are the principal's, where those of others could take the place of theirs."""
    if not sees_whole(principal):
        return lambda named: exists().where(seen_referrals(principal), referral.c.prescription == named)
    if principal.role == PRESCRIBER:
        return lambda named: exists().where(seen_prescriptions(principal), prescription.c.id == named)
    return None


def _query(
    principal: Principal, name: ListName, filters: Filters, now: datetime, few: Sequence[str] | None
) -> Select[Any]:
    query = select(*COLUMNS).select_from(referral).join(prescription, _its)
    query = query.where(seen_referrals(principal), *_condition(name, now), *_filtered(principal, filters))
    if few is not None:
        query = query.where(referral.c.prescription.in_(few))
    if name == "follow-up" and principal.role != PRESCRIBER:
        query = query.where(~_UNSAFE)
    if sees_whole(principal):
        return query.where(seen_prescriptions(principal))
    return query.where(_known(principal))  # its own referrals by the partner; what it may not know any more is left out


def _condition(name: ListName, now: datetime) -> list[ColumnElement[bool]]:
    requested = and_(referral.c.status == literal_column("'requested'"), referral.c.partner.is_not(None))
    match name:
        case "to-answer":
            return [requested, referral.c.overdue.is_(None)]
        case "overdue":
            return [requested, referral.c.overdue.is_not(None)]
        case "working":
            return [referral.c.status.in_(_AT_WORK)]
        case "follow-up":
            return [_FOLLOW_UP_OPEN, referral.c.due.is_not(None), referral.c.due <= _moment(now)]
        case _:
            return [_ENDED]


def _filtered(principal: Principal, filters: Filters) -> list[ColumnElement[bool]]:
    found = _of_prescriptions(principal, filters)
    if filters.category is not None:
        whole = prescription.c.categories.contains(f"|{filters.category}|", autoescape=True)
        found.append(or_(referral.c.category == filters.category, and_(referral.c.category.is_(None), whole)))
    if filters.partner is not None and sees_whole(principal):
        found.append(referral.c.partner == filters.partner)
    return found


def _of_prescriptions(principal: Principal, filters: Filters) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if filters.priority is not None:
        found.append(prescription.c.priority == filters.priority)
    if filters.of is not None and sees_whole(principal):
        same = prescription.alias("same")
        mine = select(same.c.person).where(same.c.tenant == principal.tenant, same.c.id == filters.of)
        found.append(prescription.c.person == mine.scalar_subquery())
    return found


def _few(connection: Connection, principal: Principal, filters: Filters) -> Sequence[str] | None:
    """The ids of the prescriptions of a rare category, priority or requester: no list need be read to its end then.

    None where there are many, or no such filter. The ids only make it fast: what the principal sees is held besides.
    """
    narrow = _of_prescriptions(principal, replace(filters, of=None)) + _of_category(filters)
    if sees_whole(principal) and principal.partner is not None:  # of a record that asks for little
        narrow.append(seen_prescriptions(principal))
    if not narrow:
        return None
    query = select(prescription.c.id).where(prescription.c.tenant == principal.tenant, *narrow)
    found = connection.scalars(query.limit(MOST_LOOKED_AT + 1)).all()
    return None if len(found) > MOST_LOOKED_AT else found


def _of_category(filters: Filters) -> list[ColumnElement[bool]]:
    if filters.category is None:
        return []
    return [prescription.c.categories.contains(f"|{filters.category}|", autoescape=True)]


def _waits(principal: Principal, filters: Filters, few: Sequence[str] | None) -> ColumnElement[bool]:
    """Of which prescriptions what waits is listed."""
    rare = [] if few is None else [prescription.c.id.in_(few)]
    return and_(seen_prescriptions(principal), *_of_prescriptions(principal, filters), *_of_category(filters), *rare)


def _known(principal: Principal) -> ColumnElement[bool]:
    return true() if sees_whole(principal) else recipient_view.is_known()


def _given(principal: Principal, now: datetime) -> dict[str, Any]:
    return {} if sees_whole(principal) else recipient_view.parameters(principal.partner, now)


def _moment(at: datetime) -> ColumnElement[Any]:
    return literal(at, referral.c.updated.type)


def about(connection: Connection, principal: Principal, prescriptions: Sequence[str]) -> dict[str, str]:
    """The documents (JSON text) of those prescriptions that the principal sees, by id."""
    mine = select(prescription.c.id, prescription.c.document).where(
        seen_prescriptions(principal), prescription.c.id.in_(list(dict.fromkeys(prescriptions)))
    )
    return {row.id: row.document for row in connection.execute(mine)}
