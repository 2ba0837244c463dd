"""Referrals that go no further until a person does something, and why: a code of ``mappings/waiting.json``.

======================  =======================================================================================
``not-delivered``       a message about it failed: its service, or the requester's record, does not have it
``given-up``            a message about it was abandoned (``deliveries`` says for how long that matters)
``nobody-asked``        no partner has it: a person routes it, or takes it on as its navigator
``not-helped``          it was declined, failed or called off by its service, nobody is asked: try again or withdraw
``overdue``             its service has it and has not answered in time: it was marked by ``mark_overdue``
``question``            its service wrote, nobody's system gets that, and nobody has answered (``mark_question``)
any other               it was marked by ``mark_needs`` and not heard of since
======================  =======================================================================================

Each reason has a query of its own over a small index, so that the list costs the same however many referrals there are.
"""

import functools
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Label,
    Row,
    Select,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    union_all,
    update,
)

from footbridge.model.lifecycle.tables import machines
from footbridge.store.deliveries import is_missing
from footbridge.store.tables import job, prescription, referral

OVERDUE: Final = "overdue"
QUESTION: Final = "question"
PAGE: Final = 50
OF_A_PART: Final = ("failed", "cancelled", "no-other-partner")
"""What waits under ``not-helped`` when it happens to the whole, and by itself only when it happens to a part."""
AFTER_THE_END: Final = ("answer-contradicts", "maybe-reopened", "not-reopened", "person-not-reached")
"""What a person has to look at although the referral has ended."""
HANDED_BACK: Final = "hand-back"
"""Its service handed it back; it says more than ``not-helped``, and for a part it counts while the whole is open."""

_other = referral.alias("other")
_same = and_(_other.c.tenant == referral.c.tenant, _other.c.prescription == referral.c.prescription)
_SPLIT = exists().where(_same, _other.c.parent == referral.c.id)
_TRIED_AGAIN = exists().where(
    _same, _other.c.service_request == referral.c.service_request, _other.c.attempt > referral.c.attempt
)
_REQUESTED: ColumnElement[str] = literal_column("'requested'")  # in words, as in the conditions of the indexes
_DRAFT: ColumnElement[str] = literal_column("'draft'")
_NOT_GIVEN = exists().where(
    job.c.tenant == referral.c.tenant,
    job.c.prescription == referral.c.prescription,
    job.c.state.in_([literal_column("'failed'"), literal_column("'abandoned'")]),
    job.c.key.is_not(None),
    job.c.kind == "deliver",
    job.c.referral == referral.c.id,
    job.c.partner == referral.c.partner,
)
_NOBODY_ASKED = and_(
    referral.c.status.in_([_DRAFT, _REQUESTED]),
    referral.c.partner.is_(None),
    referral.c.machine == literal_column("'referral'"),
    referral.c.needs.is_(None),
    ~_SPLIT,
)
_NOT_HELPED = and_(
    referral.c.status.in_(["rejected", "failed", "cancelled"]),
    referral.c.parent.is_(None),
    or_(
        referral.c.needs.is_(None), referral.c.needs.not_in([*AFTER_THE_END, HANDED_BACK])
    ),  # which says more, and is listed for it
    ~_TRIED_AGAIN,
)
_OVERDUE = and_(
    referral.c.status == _REQUESTED,
    referral.c.partner.is_not(None),
    referral.c.overdue.is_not(None),
    referral.c.needs.is_(None),
    ~_NOT_GIVEN,
)


def waiting_referrals(
    connection: Connection, seen: ColumnElement[bool], *, limit: int = PAGE, partner: str | None = None
) -> Sequence[Row[*tuple[Any, ...]]]:
    """What waits for a person, what waits longest first.

    ``seen`` says of which prescriptions (``security.access.seen_prescriptions``), ``partner`` at which partner.

    Each row has the referral's ``id``, ``prescription``, ``parent``, ``attempt``, ``category`` and ``status`` (of its
    Task), the ``partner`` that is asked or that a message is missing at, ``since``, ``why`` (see above), of a message
    its number in the outbox (``message``), its ``kind`` and the ``cause`` (``mappings/delivery.json``), and of the
    prescription ``identifier_system``, ``identifier_value`` and ``prescription_status``.
    """
    found = [
        select(query.order_by("since", referral.c.place, referral.c.id).limit(limit).subquery())
        for query in _queries(seen, partner)
    ]
    return connection.execute(union_all(*found).order_by("since", "place", "id").limit(limit)).all()


def count_waiting(connection: Connection, seen: ColumnElement[bool], *, limit: int, partner: str | None = None) -> int:
    """How many rows ``waiting_referrals`` has, ``limit`` at most: in no order, so that counting stops there."""
    one: Label[int] = literal_column("1").label("one")
    found = [select(query.with_only_columns(one).limit(limit).subquery()) for query in _queries(seen, partner)]
    some = union_all(*found).limit(limit).subquery()
    return connection.scalar(select(func.count()).select_from(some)) or 0


def _queries(seen: ColumnElement[bool], partner: str | None) -> list[Select[Any]]:
    """A query for each kind of reason."""
    of_referrals = [
        _referrals("nobody-asked", referral.c.updated, _NOBODY_ASKED).where(seen),
        _not_helped(seen),
        _referrals(OVERDUE, referral.c.updated, _OVERDUE).where(seen),
        _referrals(QUESTION, referral.c.question, _asked()).where(seen),
        _referrals(referral.c.needs, referral.c.needs_since, _needs()).where(seen),
    ]
    if partner is None:
        return [*of_referrals, _messages().where(seen)]
    there = [query.where(referral.c.partner == partner) for query in of_referrals]
    return [*there, _messages().where(seen, job.c.partner == partner)]


def mark_overdue(connection: Connection, tenant: str, identity: str, now: datetime) -> bool:
    """Mark that a referral's service has not answered in time; False when it is marked already."""
    mine = (referral.c.tenant == tenant, referral.c.id == identity, referral.c.overdue.is_(None))
    return connection.execute(update(referral).where(*mine).values(overdue=now)).rowcount == 1


def mark_needs(connection: Connection, tenant: str, identity: str, why: str, now: datetime) -> None:
    """Mark that a person must look at a referral, and why; what was marked for the same reason keeps its time."""
    mine = (referral.c.tenant == tenant, referral.c.id == identity, referral.c.needs.is_distinct_from(why))
    connection.execute(update(referral).where(*mine).values(needs=why, needs_since=now))


def needs_of(connection: Connection, tenant: str, identity: str) -> str | None:
    """Why a person must look at a referral, if it is marked."""
    mine = (referral.c.tenant == tenant, referral.c.id == identity)
    found: str | None = connection.execute(select(referral.c.needs).where(*mine)).scalar()
    return found


def clear_needs(connection: Connection, tenant: str, identity: str) -> None:
    """Something was decided or heard about a referral: what was marked before counts no more."""
    mine = (referral.c.tenant == tenant, referral.c.id == identity, referral.c.needs.is_not(None))
    connection.execute(update(referral).where(*mine).values(needs=None, needs_since=None))


def mark_question(connection: Connection, tenant: str, identity: str, now: datetime) -> None:
    """A service wrote: somebody has to answer. What waits for an answer already keeps its time."""
    mine = (referral.c.tenant == tenant, referral.c.id == identity, referral.c.question.is_(None))
    connection.execute(update(referral).where(*mine).values(question=now))


def clear_questions(connection: Connection, tenant: str, identities: Sequence[str]) -> None:
    """What services wrote about these referrals is answered."""
    mine = (referral.c.tenant == tenant, referral.c.id.in_(identities), referral.c.question.is_not(None))
    connection.execute(update(referral).where(*mine).values(question=None))


def has_question(connection: Connection, tenant: str, identity: str) -> bool:
    """Whether what the service of a referral wrote is not answered yet."""
    mine = (referral.c.tenant == tenant, referral.c.id == identity)
    return connection.scalar(select(referral.c.question).where(*mine)) is not None


@functools.cache
def _asked() -> ColumnElement[bool]:
    ended = sorted({status for machine in machines().values() for status in machine.terminal})
    return and_(referral.c.question.is_not(None), referral.c.status.not_in(ended))


@functools.cache
def _needs() -> ColumnElement[bool]:
    ended = sorted({status for machine in machines().values() for status in machine.terminal})
    whole_open = exists().where(_same, _other.c.id == referral.c.parent, _other.c.status.not_in(ended))
    return and_(
        referral.c.needs.is_not(None),
        or_(
            and_(referral.c.needs.in_(OF_A_PART), whole_open, ~_TRIED_AGAIN),
            and_(referral.c.needs.in_(AFTER_THE_END), ~_TRIED_AGAIN),
            and_(referral.c.needs == HANDED_BACK, or_(referral.c.parent.is_(None), whole_open), ~_TRIED_AGAIN),
            and_(referral.c.needs.not_in([*OF_A_PART, *AFTER_THE_END, HANDED_BACK]), referral.c.status.not_in(ended)),
        ),
    )


_OF_REFERRAL = ("prescription", "parent", "attempt", "category", "status", "place")
_OF_MESSAGE = {"message": job.c.id.type, "kind": job.c.kind.type, "cause": job.c.why.type}
_OF_PRESCRIPTION = (
    prescription.c.identifier_system,
    prescription.c.identifier_value,
    prescription.c.status.label("prescription_status"),
)


def _referrals(why: str | ColumnElement[Any], since: ColumnElement[Any], condition: ColumnElement[bool]) -> Select[Any]:
    its = and_(prescription.c.tenant == referral.c.tenant, prescription.c.id == referral.c.prescription)
    query = select(*_of_referral(why, since), *_OF_PRESCRIPTION)
    return query.select_from(referral).join(prescription, its).where(condition)


def _not_helped(seen: ColumnElement[bool]) -> Select[Any]:
    """Starts from the few prescriptions that wait: OFFSET 0 keeps a database from starting at the many referrals."""
    rests = select(prescription.c.tenant, prescription.c.id, *_OF_PRESCRIPTION)
    waiting = prescription.c.status == literal_column("'waiting'")
    few = rests.where(waiting, seen).offset(literal_column("0")).subquery("rests")
    its = and_(referral.c.tenant == few.c.tenant, referral.c.prescription == few.c.id)
    named = [few.c[name] for name in ("identifier_system", "identifier_value", "prescription_status")]
    query = select(*_of_referral("not-helped", referral.c.updated), *named)
    return query.select_from(few).join(referral, its).where(_NOT_HELPED)


def _of_referral(why: str | ColumnElement[Any], since: ColumnElement[Any]) -> list[ColumnElement[Any]]:
    code = literal(why) if isinstance(why, str) else why
    columns = [referral.c.id, *(referral.c[name] for name in _OF_REFERRAL), referral.c.partner]
    nothing = [cast(null(), type_).label(name) for name, type_ in _OF_MESSAGE.items()]
    return [*columns, since.label("since"), code.label("why"), *nothing]


@functools.cache
def _messages() -> Select[Any]:
    its = and_(prescription.c.tenant == job.c.tenant, prescription.c.id == job.c.prescription)
    about = and_(
        referral.c.tenant == job.c.tenant,
        referral.c.id
        == func.coalesce(
            job.c.referral, _newest(_other.c.partner == job.c.partner), _newest(_other.c.parent.is_(None))
        ),
    )
    why = case((job.c.state == literal_column("'failed'"), "not-delivered"), else_="given-up")
    columns = [referral.c.id, *(referral.c[name] for name in _OF_REFERRAL), job.c.partner]
    message = [job.c.id.label("message"), job.c.kind, job.c.why.label("cause")]
    query = select(*columns, job.c.finished.label("since"), why.label("why"), *message, *_OF_PRESCRIPTION)
    return query.select_from(job).join(prescription, its).join(referral, about).where(is_missing())


def _newest(condition: ColumnElement[bool]) -> ColumnElement[str]:
    """The newest referral that meets a condition, of the prescription that a job is about.

    An update is about the newest one of its partner; for the requester, about the newest try of the whole.
    """
    here = (_other.c.tenant == job.c.tenant, _other.c.prescription == job.c.prescription, condition)
    query = select(_other.c.id).where(*here).correlate(job)
    return query.order_by(_other.c.attempt.desc(), _other.c.place.desc()).limit(1).scalar_subquery()
