"""How prescriptions, referrals and events look in answers: the shapes of ``docs/openapi.yaml``."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from footbridge.directory.model import ServiceDocument
from footbridge.i18n import current, spoken
from footbridge.model.clock import utc_instant
from footbridge.model.holds import hold_kinds
from footbridge.model.issues import Issue
from footbridge.model.lifecycle import allowed
from footbridge.model.principals import Principal
from footbridge.model.reasons import action_for, meaning_of, reason_text
from footbridge.referrals.chosen_service import directory_service
from footbridge.referrals.delivery_notes import kind_of
from footbridge.referrals.delivery_status import Deliveries, Delivery, Missing, deliveries_of
from footbridge.referrals.events_offered import events_now
from footbridge.referrals.failed_messages import text_of
from footbridge.referrals.holds import open_holds
from footbridge.referrals.outgoing import disclosed
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import PrescriptionUnit, newest_tries
from footbridge.security.access import sees_whole
from footbridge.security.disclosure import without_client
from footbridge.security.lists import SeenReferral, referrals_seen
from footbridge.store.events import detail_of
from footbridge.store.holds import HoldRow
from footbridge.store.resource_rows import currents

Json = dict[str, Any]


def warnings(issues: Iterable[Issue]) -> list[Json]:
    """What a person should look at, each finding once; what is only for information is none of it."""
    found = [
        {
            "rule": issue.rule,
            "severity": issue.severity,
            "pointer": issue.pointer or "",
            "message": spoken(issue.message),
        }
        for issue in issues
        if issue.severity == "warning"
    ]
    return [one for place, one in enumerate(found) if one not in found[:place]]


def summary(row: Row[*tuple[Any, ...]]) -> Json:
    """A prescription in a list: a row of ``security.access.summaries``."""
    parts = sorted(set((row.parts or "").split("|")))
    return {
        "id": row.id,
        "identifier": {"system": row.identifier_system, "value": row.identifier_value},
        "kind": row.kind,
        "status": row.status,
        "categories": [one for one in dict.fromkeys([*row.categories.split("|"), *parts]) if one],
        "authored": utc_instant(row.authored),
        "created": utc_instant(row.created),
        "updated": utc_instant(row.updated),
        "undelivered": None if row.undelivered is None else bool(row.undelivered),
    }


def whole(summarized: Row[*tuple[Any, ...]], unit: PrescriptionUnit, principal: Principal) -> Json:
    """One prescription with its referrals, as the caller may see it.

    A recipient sees its own referrals and the document cut to what it may know; goals and follow-up stay with those
    who ordered.
    """
    seen = referrals_seen(unit.scope.connection, principal, unit.prescription.id, unit.scope.now)
    rows = sorted((row for row in unit.rows if row.id in seen), key=lambda row: row.parent is not None)
    ours = sees_whole(principal)
    tasks = {one.id: one.resource for one in currents(unit.scope, [f"Task/{row.task}" for row in rows])}
    sent = deliveries_of(unit) if ours else Deliveries({}, None)
    shown = [
        {
            **_referral(unit, row, tasks.get(row.task, {}), principal, seen[row.id]),
            "delivery": _delivery(sent.referrals.get(row.id)),
        }
        for row in rows
    ]
    return {
        **summary(summarized),
        "prescription": _document(unit, [row for row in rows if seen[row.id].known], principal),
        "referrals": shown if ours else [_as_recipient(one, seen) for one in shown],
        "goals": _goals(unit) if ours else [],
        "followUp": _follow_up(unit, principal) if ours else None,
        "holds": [_hold(one) for one in open_holds(unit)] if ours else [],
        "requesterDelivery": _delivery(sent.requester),
    }


def _hold(row: HoldRow) -> Json:
    kind = hold_kinds()[row.reason]
    return {
        "reason": row.reason,
        "since": utc_instant(row.since),
        "text": meaning_of(kind.why, current()),
        "detail": dict(row.detail),
        "events": list(kind.events),
    }


def event(row: Row[*tuple[Any, ...]]) -> Json:
    """An entry of the timeline: columns of ``security.access.happenings``.

    ``attempt`` is the referral's; ``partner`` is the one that the detail names, as of a delivery, else the referral's;
    ``answer`` is what the follow-up said happened.
    """
    detail = detail_of(row)
    return {
        "number": row.number,
        "name": row.name,
        "referral": row.referral,
        "attempt": row.attempt,
        "partner": detail.get("partner", row.partner),
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


def waiting(row: Row[*tuple[Any, ...]], service: ServiceDocument | None = None) -> Json:
    """A referral that waits for a person: a row of ``store.waiting``, and the directory's service that it names."""
    listed = {} if service is None else {"service": _listed(service)}
    return {
        **listed,
        "prescription": _about(row, row.prescription_status),
        "referral": row.id,
        "parent": row.parent,
        "attempt": row.attempt,
        "partner": row.partner,
        "category": row.category,
        "status": row.status,
        "why": row.why,
        "since": utc_instant(row.since),
        "text": meaning_of(row.why, current()),
        "action": action_for(row.why, current()),
        "message": None if row.message is None else _message(row),
    }


def failed_message(row: Row[*tuple[Any, ...]]) -> Json:
    """A message of an Ocean site that cannot be processed."""
    return {
        "number": row.number,
        "partner": row.partner,
        "event": row.event,
        "why": row.why,
        "since": utc_instant(row.received),
        "text": text_of(row.why, current()) or "",
    }


def worked(row: Row[*tuple[Any, ...]], *, whole: bool) -> Json:
    """A referral of a worklist: a row of ``security.worklists``; ``why`` where it waits for a person.

    ``whole`` False for a recipient, who is shown nothing of the other referrals.
    """
    return {
        "prescription": _about(row, row.prescription_status if whole else row.status),
        "referral": row.id,
        "parent": row.parent if whole else None,
        "attempt": row.attempt,
        "partner": row.partner,
        "category": row.category,
        "status": row.status,
        "since": utc_instant(row.since),
        "why": getattr(row, "why", None),
    }


def _listed(service: ServiceDocument) -> Json:
    """A service of the directory, and how a person reaches it."""
    known = directory_service(service)
    return {"id": service["id"], "name": known.name, "contacts": [point.value for point in known.contacts]}


def _message(row: Row[*tuple[Any, ...]]) -> Json:
    return {
        "number": row.message,
        "kind": kind_of(row.kind),
        "why": row.cause,
        "text": reason_text(row.cause, current()),
    }


def _delivery(one: Delivery | None) -> Json | None:
    """How far a delivery is, the reason as a code and in words of ours."""
    if one is None:
        return None
    return {**_missing(one), "partner": one.partner, "update": None if one.update is None else _update(one.update)}


def _update(one: Missing) -> Json:
    return {**_missing(one), "kind": one.kind}


def _missing(one: Delivery | Missing) -> Json:
    return {"status": one.status, "since": _moment(one.since), "why": one.why, "text": reason_text(one.why, current())}


def _about(row: Row[*tuple[Any, ...]], status: str) -> Json:
    return {
        "id": row.prescription,
        "identifier": {"system": row.identifier_system, "value": row.identifier_value},
        "status": status,
    }


def _document(unit: PrescriptionUnit, known: Sequence[ReferralRow], principal: Principal) -> Json:
    """The document; for a recipient what delivery would disclose now of the referrals that it knows."""
    document = unit.prescription.document
    if not sees_whole(principal):
        partner = unit.partners.get(principal.partner or "")
        document = disclosed(unit, partner, known) if partner is not None and known else without_client(document)
    return document.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _referral(
    unit: PrescriptionUnit, row: ReferralRow, task: Mapping[str, Any], principal: Principal, seen: SeenReferral
) -> Json:
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
        "ended": _moment(seen.ended),
        "allowed": events_now(unit, row, principal),
    }


def _as_recipient(referral: Json, seen: Mapping[str, SeenReferral]) -> Json:
    """A referral without what stays with those who ordered; once its service may not know it, that it was asked."""
    parent = referral["parent"] if referral["parent"] in seen else None
    cut = referral | {"parent": parent, "due": None}
    if seen[referral["id"]].known:
        return cut
    ended = {"status": referral["task"]["status"], "statusReason": None, "businessStatus": None}
    return cut | {"category": None, "task": ended, "serviceRequest": None}


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
