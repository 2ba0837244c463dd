"""How far the delivery of a prescription is: of each referral to its service, of the whole to the requester's record.

The status says whether the partner has the referral at all; ``update`` says what of it the partner misses since. It is
read from the jobs that are not done, and from what a delivery leaves behind, so that it outlives every purge.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import func, select

from footbridge.jobs.job import ABANDONED, FAILED, READY
from footbridge.referrals.delivery_notes import DELIVERED, kind_of
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import PrescriptionUnit
from footbridge.store.deliveries import FIRST, SUPERSEDED, MessageState, delivered_of, messages_of
from footbridge.store.tables import event

Status = Literal["queued", "delivered", "failed", "abandoned"]

BEHIND = "behind"
"""A code of ``mappings/delivery.json``: an earlier message to the same partner failed."""

_STATUSES: dict[str, Status] = {READY: "queued", FAILED: "failed", ABANDONED: "abandoned"}
_WORST = (FAILED, ABANDONED, READY)


@dataclass(frozen=True, slots=True)
class Missing:
    """A message that a partner does not have.

    Attributes:
        status: queued, failed or abandoned.
        since: when it was queued, failed or given up.
        why: a code of ``mappings/delivery.json``; None for one that was only just queued.
        kind: what it brings: referral, update or message.
    """

    status: Status
    since: datetime
    why: str | None
    kind: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far the delivery to one partner is.

    Attributes:
        status: of the first delivery.
        since: since when that is so; None where the timeline does not say.
        why: a code of ``mappings/delivery.json``; None when it is delivered, or was only just queued.
        partner: its name.
        update: what was to be brought later and is not there; the worst of several.
    """

    status: Status
    since: datetime | None
    why: str | None
    partner: str
    update: Missing | None = None


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Of one prescription: of its referrals by id, those that nothing was sent of left out; and to the requester."""

    referrals: dict[str, Delivery]
    requester: Delivery | None


def deliveries_of(unit: PrescriptionUnit) -> Deliveries:
    """How far the deliveries of a prescription are, as its jobs stand now."""
    scope, prescription = unit.scope, unit.prescription
    home = None if unit.requester is None else unit.requester.name
    partners = {row.partner for row in unit.rows if row.partner is not None} | ({home} if home else set())
    messages = messages_of(scope.connection, scope.tenant, prescription.id, sorted(partners))
    since = delivered_of(scope.connection, scope.tenant, prescription.id)
    found = {row.id: _of_referral(row, messages, since.get(row.id)) for row in unit.rows}
    return Deliveries(
        {identity: one for identity, one in found.items() if one is not None},
        None if home is None else _to(home, messages, _reached(unit, home), lambda _: True),
    )


def _of_referral(row: ReferralRow, messages: Sequence[MessageState], since: datetime | None) -> Delivery | None:
    if row.partner is None:
        return None
    return _to(row.partner, messages, since, lambda one: one.referral in {None, row.id})


def _to(
    partner: str, messages: Sequence[MessageState], since: datetime | None, mine: Callable[[MessageState], bool]
) -> Delivery | None:
    """The delivery to a partner that has had the referral since then; None where nothing was sent or will be."""
    there = [one for one in messages if one.partner == partner]
    about = [_missing(one, there) for one in there if mine(one) and one.why != SUPERSEDED]
    if since is not None:
        worst = min(about, key=lambda one: _ORDER[one.status], default=None)
        return Delivery("delivered", since, None, partner, worst)
    first = [_missing(one, there) for one in there if mine(one) and one.kind == FIRST]
    return None if not first else Delivery(first[0].status, first[0].since, first[0].why, partner)


_ORDER: dict[Status, int] = {_STATUSES[state]: place for place, state in enumerate(_WORST)}


def _missing(one: MessageState, there: Sequence[MessageState]) -> Missing:
    """How one of the messages to a partner stands; one that is queued may wait behind an earlier one that failed."""
    behind = one.state == READY and any(other.state == FAILED and other.id < one.id for other in there)
    why = BEHIND if behind else one.why
    since = one.created if one.state == READY or one.finished is None else one.finished
    return Missing(_STATUSES[one.state], since, why, kind_of(one.kind))


def _reached(unit: PrescriptionUnit, partner: str) -> datetime | None:
    """When a prescription first reached a partner, by its timeline."""
    named = event.c.detail.contains(f'"partner":"{partner}"', autoescape=True)
    here = (event.c.tenant == unit.scope.tenant, event.c.prescription == unit.prescription.id)
    query = select(func.min(event.c.recorded)).where(*here, event.c.name == DELIVERED, named)
    found: datetime | None = unit.scope.connection.scalar(query)
    return found
