"""The worklists of a person: which referrals are theirs to look at, by what is to be done, with counts.

===============  ==============================================================================================
``to-answer``    a service was asked and has not answered: the most urgent first; of what was split its parts
``working``      a service, or the client, is at it
``waiting``      nothing goes on until a person decides (``store.worklist``); for those who ordered
``overdue``      a service was asked and has let its time pass
``follow-up``    the day of the follow-up has come, the earliest first; for those who ordered. Where nobody may
                 contact the person, it is the prescriber's, who sees them
``done``         it has ended, the newest first
===============  ==============================================================================================

In the others, what waits longest comes first.

Every condition is held against what the principal sees: a worker of a service gets the referrals of that service that
it may know, and nothing that would let them guess at another's.
"""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    ScalarSelect,
    Select,
    and_,
    exists,
    func,
    literal,
    literal_column,
    select,
    true,
    tuple_,
)

from footbridge.model.principals import Principal
from footbridge.security import recipient_view
from footbridge.security.access import seen_prescriptions, seen_referrals, sees_own, sees_whole
from footbridge.security.worklist_filters import Filters, filtered, of_category, of_prescriptions, written_by
from footbridge.store.tables import client, event, prescription, referral
from footbridge.store.tables.prescriptions import REFERRAL_ENDED
from footbridge.store.worklist import IN_PARTS, count_waiting, waiting_referrals

ListName = Literal["to-answer", "working", "waiting", "overdue", "follow-up", "done"]
LISTS: Final[tuple[ListName, ...]] = ("waiting", "to-answer", "overdue", "working", "follow-up", "done")
FOR_THOSE_WHO_ORDERED: Final = frozenset({"waiting", "follow-up"})
MOST_COUNTED: Final = 1000
"""A count stops there: nobody reads a longer list to its end, and counting it takes time."""
MOST_LOOKED_UP: Final = 2000
"""Prescriptions of a rare category, priority or requester whose ids narrow a list."""

_AT_WORK = ("accepted", "in-progress", "on-hold", "ready")
_FOLLOW_UP_OPEN: ColumnElement[bool] = literal_column(
    "follow_up IN ('requested', 'accepted', 'in-progress', 'on-hold')"
)
_ENDED: ColumnElement[bool] = literal_column(f"referral.{REFERRAL_ENDED}")
PRESCRIBER: Final = "requester"
"""Who alone follows up a person whom nobody may contact."""

_of_them = prescription.alias("of_them")
_UNSAFE = exists().where(  # begins with the few people whom nobody may contact
    client.c.contact == literal_column("'prohibited'"),
    _of_them.c.tenant == client.c.tenant,
    _of_them.c.person == client.c.person,
    _of_them.c.tenant == referral.c.tenant,
    _of_them.c.id == referral.c.prescription,
)
ITS: Final = and_(prescription.c.tenant == referral.c.tenant, prescription.c.id == referral.c.prescription)

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
    referral.c.urgency,
    prescription.c.identifier_system,
    prescription.c.identifier_value,
    prescription.c.status.label("prescription_status"),
    prescription.c.kind,
    prescription.c.categories,
    prescription.c.priority,
    prescription.c.person,
)


Rows = Sequence[Row[*tuple[Any, ...]]]
Place = tuple[int | datetime | str, ...]
"""Where a page ended: of the last row the values by which its list is in order (``order_of``)."""

_BY_TIME = ("since", "id")
_ORDERS: Final[Mapping[str, tuple[str, ...]]] = {"to-answer": ("urgency", "since", "id"), "follow-up": ("due", "id")}
_COLUMN: Final[Mapping[str, ColumnElement[Any]]] = {
    "urgency": referral.c.urgency,
    "since": referral.c.updated,
    "due": referral.c.due,
    "id": referral.c.id,
}


def lists_of(principal: Principal) -> tuple[ListName, ...]:
    """The lists that there are for a principal."""
    return LISTS if sees_whole(principal) else tuple(one for one in LISTS if one not in FOR_THOSE_WHO_ORDERED)


def order_of(name: ListName) -> tuple[str, ...]:
    """The columns by which a list is in order; ``done`` has the last of them first."""
    return _ORDERS.get(name, _BY_TIME)


@dataclass(frozen=True)
class Worklist:
    """The lists of a principal at a moment, in one transaction.

    Attributes:
        connection: in which they are read.
        principal: whose they are.
        filters: which rows of each.
        now: the time.
    """

    connection: Connection
    principal: Principal
    filters: Filters
    now: datetime

    def listed(self, name: ListName, *, limit: int, after: Place | None = None) -> Rows:
        """A page of one list, in its order: ``COLUMNS``, and ``why``, ``message`` for what waits.

        What waits has no pages: it is ``limit`` rows, what waits longest first.
        """
        if name == "waiting":
            return waiting_referrals(self.connection, self._waits(), limit=limit, partner=self.filters.partner)
        newest_first = name == "done"
        columns = [_COLUMN[one] for one in order_of(name)]
        query = select(*COLUMNS).select_from(referral).join(prescription, ITS).where(*self._conditions(name))
        if after is not None:
            bound = tuple_(*(literal(value, column.type) for value, column in zip(after, columns, strict=True)))
            query = query.where(tuple_(*columns) < bound if newest_first else tuple_(*columns) > bound)
        order = [one.desc() if newest_first else one for one in columns]
        return self.connection.execute(query.order_by(*order).limit(limit), given(self.principal, self.now)).all()

    def counts(self) -> dict[ListName, int]:
        """How many there are in each list of the principal, ``MOST_COUNTED`` at most."""
        names = lists_of(self.principal)
        in_order = [name for name in names if name != "waiting"]  # these in one statement
        each = select(*(self._counted(name) for name in in_order))
        found = dict(zip(in_order, self.connection.execute(each, given(self.principal, self.now)).one(), strict=True))
        if "waiting" in names:
            of = self.filters.partner
            found["waiting"] = count_waiting(self.connection, self._waits(), limit=MOST_COUNTED, partner=of)
        return {name: found[name] for name in names}

    def _counted(self, name: ListName) -> ScalarSelect[int]:
        """How many a list has; prescriptions are looked at only where a condition is about them."""
        of_all = replace(self.filters, partner=None) == Filters() and not sees_own(self.principal)
        rows = referral if of_all else referral.join(prescription, ITS)
        some: Select[Any] = (
            select(literal_column("1")).select_from(rows).where(*self._conditions(name)).limit(MOST_COUNTED)
        )
        return select(func.count()).select_from(some.subquery()).scalar_subquery()

    def _conditions(self, name: ListName) -> list[ColumnElement[bool]]:
        who = self.principal
        found = [seen_referrals(who), *_condition(name, self.now), *filtered(who, self.filters)]
        if self._few is not None:
            found.append(referral.c.prescription.in_(self._few))
        if name == "follow-up" and who.role != PRESCRIBER:
            found.append(~_UNSAFE)
        if not sees_whole(who):  # its own referrals by the partner; what it may not know any more is left out
            lately = [recipient_view.was_lately_written()] if name == "done" else []
            return [*found, *lately, known(who)]
        return [*found, seen_prescriptions(who)] if sees_own(who) else found

    def _waits(self) -> ColumnElement[bool]:
        """Of which prescriptions what waits is listed."""
        rare = [] if self._few is None else [prescription.c.id.in_(self._few)]
        narrow = [*of_prescriptions(self.principal, self.filters), *of_category(self.filters)]
        return and_(seen_prescriptions(self.principal), *narrow, *rare)

    @functools.cached_property
    def _few(self) -> Sequence[str] | None:
        """Ids of the prescriptions of a rare category, priority, requester or worker: no list is read to its end then.

        None where there are many, or no such filter. They only make it fast: what the principal sees is held besides.
        """
        who, worker = self.principal, self.filters.worker
        if worker is not None:
            theirs = select(event.c.prescription).distinct().where(event.c.tenant == who.tenant, written_by(worker))
            ids = self.connection.scalars(theirs.limit(MOST_LOOKED_UP + 1)).all()
            if len(ids) <= MOST_LOOKED_UP:
                return ids
        narrow = of_prescriptions(who, replace(self.filters, of=None, worker=None)) + of_category(self.filters)
        if sees_whole(who) and who.partner is not None:  # of a record that asks for little
            narrow.append(seen_prescriptions(who))
        if not narrow:
            return None
        query = select(prescription.c.id).where(prescription.c.tenant == who.tenant, *narrow)
        found = self.connection.scalars(query.limit(MOST_LOOKED_UP + 1)).all()
        return None if len(found) > MOST_LOOKED_UP else found


def _condition(name: ListName, now: datetime) -> list[ColumnElement[bool]]:
    requested = [referral.c.status == literal_column("'requested'"), referral.c.partner.is_not(None), ~IN_PARTS]
    match name:
        case "to-answer":
            return [*requested, referral.c.overdue.is_(None)]
        case "overdue":
            return [*requested, referral.c.overdue.is_not(None)]
        case "working":
            return [referral.c.status.in_(_AT_WORK)]
        case "follow-up":
            return [_FOLLOW_UP_OPEN, referral.c.due.is_not(None), referral.c.due <= _moment(now)]
        case _:
            return [_ENDED]


def known(principal: Principal) -> ColumnElement[bool]:
    """What is left of what a principal may see: of a service, what it may know. Its parameters are ``given``."""
    return true() if sees_whole(principal) else recipient_view.is_known()


def given(principal: Principal, now: datetime) -> dict[str, Any]:
    """The values of the parameters of a statement with ``known``."""
    return {} if sees_whole(principal) else recipient_view.parameters(principal.partner, now)


def _moment(at: datetime) -> ColumnElement[Any]:
    return literal(at, referral.c.updated.type)


def about(connection: Connection, principal: Principal, prescriptions: Sequence[str]) -> dict[str, str]:
    """The documents (JSON text) of those prescriptions that the principal sees, by id."""
    mine = select(prescription.c.id, prescription.c.document).where(
        seen_prescriptions(principal), prescription.c.id.in_(list(dict.fromkeys(prescriptions)))
    )
    return {row.id: row.document for row in connection.execute(mine)}
