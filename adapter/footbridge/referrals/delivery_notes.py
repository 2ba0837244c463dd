"""What the timeline says of messages to partners: delivered, failed, abandoned, sent again. Once for each change.

``delivered`` is written when a referral reaches a partner, and when an update or a message does after one of its kind
had failed. The other attempts and updates are not worth an entry each.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from footbridge.data import read_json
from footbridge.jobs.job import Job
from footbridge.model.principals import Principal
from footbridge.referrals.unit import PrescriptionUnit, newest_tries, read_unit
from footbridge.store.events import detail_of
from footbridge.store.resource_rows import Scope
from footbridge.store.tables import event

DELIVERED, FAILED, ABANDONED, RETRIED = NAMES = (
    "delivered",
    "delivery-failed",
    "delivery-abandoned",
    "delivery-retried",
)
"""Names of ``mappings/events.json``."""

_MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class About:
    """A message: the kind of its job, whom it goes to, the referral that it is about (None: the prescription)."""

    kind: str
    partner: str
    referral: str | None


def kind_of(job_kind: str) -> str:
    """What a message brings, a code of ``mappings/delivery.json``, by the kind of its job."""
    return str(read_json("mappings", "delivery.json")["kinds"].get(job_kind, job_kind))


def note(unit: PrescriptionUnit, principal: Principal, name: str, about: About, why: str | None = None) -> None:
    """Write an entry about a message; ``why`` is a code of ``mappings/delivery.json``."""
    partner = unit.partners.get(about.partner)
    detail: dict[str, Any] = {"partner": about.partner, "kind": kind_of(about.kind)}
    if partner is not None:
        detail["partnerTitle"] = partner.title
    if why is not None:
        detail["why"] = why
    unit.note(principal, name, _referral(unit, about), detail=detail)


def note_failed(unit: PrescriptionUnit, principal: Principal, about: About, why: str) -> None:
    """Write that a message failed, unless an earlier one of its kind did for the same reason and nothing has changed.

    Each message in words is another one, so that each counts.
    """
    last = _last(unit.scope, unit.prescription.id, about)
    if about.kind == _MESSAGE or last is None or last[0] != FAILED or last[1].get("why") != why:
        note(unit, principal, FAILED, about, why)


def note_recovered(scope: Scope, principal: Principal, job: Job) -> None:
    """Write that an update or a message was delivered, where the timeline's last word on it was that it was not."""
    about = About(job.kind, job.partner or "", job.payload.get("referral"))
    last = _last(scope, job.payload["prescription"], about)
    broken = (RETRIED,) if about.kind == _MESSAGE else (FAILED, ABANDONED, RETRIED)
    if last is not None and last[0] in broken:
        note(read_unit(scope, job.payload["prescription"]), principal, DELIVERED, about)


def _last(scope: Scope, prescription: str, about: About) -> tuple[str, dict[str, Any]] | None:
    """Name and detail of the newest entry about messages of this kind to this partner."""
    for name, referral, detail in _entries(scope, prescription):
        same = (detail.get("partner"), detail.get("kind")) == (about.partner, kind_of(about.kind))
        if same and (about.referral is None or referral == about.referral):
            return name, detail
    return None


def _entries(scope: Scope, prescription: str) -> Iterator[tuple[str, str | None, dict[str, Any]]]:
    here = (event.c.tenant == scope.tenant, event.c.prescription == prescription)
    query = select(event.c.name, event.c.referral, event.c.detail).where(*here, event.c.name.in_(NAMES))
    for row in scope.connection.execute(query.order_by(event.c.number.desc())):
        yield row.name, row.referral, detail_of(row)


def _referral(unit: PrescriptionUnit, about: About) -> str:
    """The referral that an entry stands at: of an update the partner's newest, for the requester of the whole."""
    if about.referral is not None:
        return about.referral
    mine = [row for row in unit.rows if row.partner == about.partner]
    return (mine[-1] if mine else newest_tries(unit.rows, None)[0]).id
