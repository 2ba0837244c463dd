"""How prescriptions, referrals and events look in answers: the shapes of ``docs/openapi.yaml``."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from footbridge.model.clock import utc_instant
from footbridge.model.issues import Issue
from footbridge.model.lifecycle import allowed
from footbridge.model.prescription import Prescription
from footbridge.model.principals import Principal
from footbridge.referrals.commands import events_now
from footbridge.referrals.decisions import is_consent_withdrawn
from footbridge.referrals.demographics import with_newest_client
from footbridge.referrals.erasure import AT_ONCE
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import PrescriptionUnit, newest_tries
from footbridge.security.access import of_those, sees_whole
from footbridge.security.disclosure import disclose, without_client
from footbridge.store.events import detail_of
from footbridge.store.partners import Partner
from footbridge.store.prescriptions import PrescriptionRecord
from footbridge.store.resource_rows import currents

Json = dict[str, Any]


def warning(issue: Issue) -> Json:
    """What a person should look at."""
    return {
        "rule": issue.rule,
        "severity": issue.severity,
        "pointer": issue.pointer or "",
        "message": issue.message,
    }


def summary(row: Row[*tuple[Any, ...]] | PrescriptionRecord) -> Json:
    """A prescription in a list."""
    categories = row.categories.split("|")[1:-1] if isinstance(row.categories, str) else list(row.categories)
    return {
        "id": row.id,
        "identifier": {"system": row.identifier_system, "value": row.identifier_value},
        "kind": row.kind,
        "status": row.status,
        "categories": categories,
        "authored": utc_instant(row.authored),
        "created": utc_instant(row.created),
        "updated": utc_instant(row.updated),
    }


def whole(record: PrescriptionRecord, unit: PrescriptionUnit, principal: Principal) -> Json:
    """One prescription with its referrals, as the caller may see it.

    A recipient sees its own referrals and the document cut to what it may know; goals and follow-up stay with those
    who ordered.
    """
    rows = sorted(of_those(principal, unit.rows), key=lambda row: row.parent is not None)
    ours = sees_whole(principal)
    tasks = {one.id: one.resource for one in currents(unit.scope, [f"Task/{row.task}" for row in rows])}
    return {
        **summary(record),
        "prescription": _document(unit, rows, principal),
        "referrals": [_referral(unit, row, tasks.get(row.task, {}), principal) for row in rows],
        "goals": _goals(unit) if ours else [],
        "followUp": _follow_up(unit, principal) if ours else None,
    }


def event(row: Row[*tuple[Any, ...]]) -> Json:
    """An entry of the timeline: columns of ``security.access.happenings``.

    ``partner`` and ``attempt`` are the referral's; ``answer`` is what the follow-up said happened.
    """
    detail = detail_of(row)
    return {
        "number": row.number,
        "name": row.name,
        "referral": row.referral,
        "attempt": row.attempt,
        "partner": row.partner,
        "answer": detail.get("happened"),
        "before": row.before,
        "after": row.after,
        "inferred": row.inferred,
        "actor": row.actor,
        "role": row.role,
        "source": row.source,
        "at": utc_instant(row.at),
        "recorded": utc_instant(row.recorded),
        "reason": row.reason,
        "detail": detail,
    }


def change(row: Row[*tuple[Any, ...]]) -> Json:
    """An entry of the timeline with the prescription that it is about, as that stands now."""
    return {**event(row), "prescription": _about(row, row.status)}


def waiting(row: Row[*tuple[Any, ...]]) -> Json:
    """A referral that waits for a person: a row of ``store.waiting``."""
    return {
        "prescription": _about(row, row.prescription_status),
        "referral": row.id,
        "parent": row.parent,
        "attempt": row.attempt,
        "partner": row.partner,
        "category": row.category,
        "status": row.status,
        "why": row.why,
        "since": utc_instant(row.since),
    }


def _about(row: Row[*tuple[Any, ...]], status: str) -> Json:
    return {
        "id": row.prescription,
        "identifier": {"system": row.identifier_system, "value": row.identifier_value},
        "status": status,
    }


def _document(unit: PrescriptionUnit, rows: Sequence[ReferralRow], principal: Principal) -> Json:
    document = unit.prescription.document
    partner = unit.partners.get(principal.partner or "")
    if not sees_whole(principal) and partner is not None:
        document = _disclosed(unit, rows, partner)
    return document.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _disclosed(unit: PrescriptionUnit, rows: Sequence[ReferralRow], partner: Partner) -> Prescription:
    """What a service may know now of the prescription that its referrals carry out."""
    if is_consent_withdrawn(unit) or all(row.status in AT_ONCE for row in rows):
        return without_client(unit.prescription.document)
    about = {row.category for row in rows if row.status not in AT_ONCE}
    category = about.pop() if len(about) == 1 else None
    return disclose(with_newest_client(unit), role="recipient", custodian=partner.custodian, category=category)


def _referral(unit: PrescriptionUnit, row: ReferralRow, task: Mapping[str, Any], principal: Principal) -> Json:
    state = row.state
    return {
        "id": row.id,
        "parent": row.parent,
        "attempt": row.attempt,
        "partner": row.partner,
        "machine": row.machine,
        "category": row.category,
        "task": {
            "status": state.task.status,
            "statusReason": state.task.reason or task.get("statusReason", {}).get("text"),
            "businessStatus": task.get("businessStatus", {}).get("text"),
        },
        "serviceRequest": None if state.service_request is None else {"status": state.service_request},
        "due": _moment(row.due),
        "allowed": events_now(unit, row, principal),
    }


def _goals(unit: PrescriptionUnit) -> list[Json]:
    """The Goals as the newest try holds them, in the order of the prescription's."""
    states = {goal.key: goal for goal in newest_tries(unit.rows, None)[0].state.goals}
    return [
        {
            "description": goal.description,
            "lifecycleStatus": states[f"goal/{index}"].lifecycle,
            "achievementStatus": states[f"goal/{index}"].achievement,
        }
        for index, goal in enumerate(unit.prescription.document.goals)
        if f"goal/{index}" in states
    ]


def _follow_up(unit: PrescriptionUnit, principal: Principal) -> Json | None:
    plan = unit.prescription.document.follow_up
    state = newest_tries(unit.rows, None)[0].state
    if plan is None or state.follow_up is None:
        return None
    return {
        "due": plan.due.isoformat(),
        "status": state.follow_up.status,
        "isDue": state.follow_up_due,
        "allowed": allowed(state, principal, "follow-up"),
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else utc_instant(at)
