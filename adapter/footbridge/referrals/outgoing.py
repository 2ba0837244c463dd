"""What a partner is sent of a prescription: a ``ports.Outgoing``, cut to what that partner may know now.

The prescription is cut here (``security.disclosure``), before any network sees it: what is not in it cannot be in
anything that a network makes of it.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from footbridge.mapping.references import local
from footbridge.model.events import names_seen_by
from footbridge.model.prescription import Prescription, Service
from footbridge.model.prescription.entries import family_of, roles_of
from footbridge.model.prescription.rules_of_consent import end_of_consent
from footbridge.model.prescription.said import allows_contact
from footbridge.partners.outgoing import REMOVED
from footbridge.partners.ports import ActingPerson, AppointmentTime, Outgoing, ReferralState
from footbridge.referrals import reassignment
from footbridge.referrals.appointments import appointments_of
from footbridge.referrals.chosen_service import stored_directory_service
from footbridge.referrals.demographics import at_work, with_newest_client
from footbridge.referrals.outputs import outputs_of
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import Key, PrescriptionUnit, newest_tries
from footbridge.security.disclosure import disclose, shown
from footbridge.store.clients import is_contact_prohibited
from footbridge.store.network_context import WHOLE, contexts_of
from footbridge.store.partners import Partner
from footbridge.store.resource_rows import currents
from footbridge.store.tables import event

OF_THE_WHOLE = frozenset({"task", "service-request", "service"})
"""Records that a partner who is asked for a part has none of: a part has its own Task and order, and no service."""


def alias(person: str, partner: str) -> str:
    """The pseudonymous id by which one partner knows a person; of no use to another partner."""
    return str(uuid.uuid5(uuid.UUID(person), partner))


def outgoing_for(
    unit: PrescriptionUnit,
    partner: Partner,
    row: ReferralRow,
    extras: Sequence[str] = (),
) -> Outgoing:
    """What the partner may know of a referral now.

    Args:
        unit: of the prescription.
        partner: who gets it.
        row: the referral that it is about.
        extras: our references of records that go with it.
    """
    recipient = partner.role == "recipient"
    rows = [one for one in unit.rows if one.partner == partner.name] if recipient else list(unit.rows)
    scope = unit.scope
    contexts = contexts_of(scope.connection, scope.tenant, partner.name, unit.prescription.id)
    states = _states(unit, rows if row in rows else [row, *rows], contexts)
    return Outgoing(
        tenant=scope.tenant,
        partner=partner,
        prescription=unit.prescription.id,
        document=disclosed(unit, partner, [row]) if recipient else unit.prescription.document,
        jurisdiction=unit.jurisdiction,
        narrative=unit.narrative,
        patient=alias(unit.patient, partner.name),
        namespace=unit.namespace,
        referral=next(one for one in states if one.id == row.id),
        referrals=states,
        records={**records_for(unit, partner, row), **(_withheld(unit, partner) if recipient else {})},
        extras=tuple(extras),
        goals={goal.key: (goal.lifecycle, goal.achievement) for goal in newest_tries(unit.rows, None)[0].state.goals},
        titles={name: one.title for name, one in unit.partners.items()},
        by=_acted_last(unit, partner, row),
        context=contexts.get(row.id if recipient else WHOLE),
        directory=stored_directory_service(unit, unit.prescription.document),
        ended=recipient and (not at_work(row) or _is_consent_over(unit)),
    )


def _is_consent_over(unit: PrescriptionUnit) -> bool:
    """Whether the last day of the consent has passed; that it was withdrawn ends the referrals."""
    end = end_of_consent(unit.prescription.document)
    return end is not None and end <= unit.scope.now


def updates_for(unit: PrescriptionUnit, partner: Partner) -> list[Outgoing]:
    """What the partner has to be brought up to date with; nothing when it has nothing of the prescription.

    A requester gets the whole; a recipient each referral of its own, those at work first, then the newest of the ended.
    """
    if partner.role == "requester":
        return [outgoing_for(unit, partner, newest_tries(unit.rows, None)[0])]
    mine = [row for row in unit.rows if row.partner == partner.name]
    rows = [*filter(at_work, mine), *reversed([row for row in mine if not at_work(row)])]
    return [outgoing_for(unit, partner, row) for row in rows]


def disclosed(unit: PrescriptionUnit, partner: Partner, rows: Sequence[ReferralRow]) -> Prescription:
    """The prescription as a recipient may know it because of these referrals, its client as known now.

    What is delivered of one referral, and what the API shows of all that the recipient may know, is cut here.
    """
    seen = _cut(with_newest_client(unit), partner, rows)
    parts = all(row.parent is not None for row in rows)
    return seen.model_copy(update={"service": _service_at(seen, partner, part=parts)})


def disclosed_at_first(unit: PrescriptionUnit, partner: Partner, row: ReferralRow) -> Prescription:
    """What a recipient would get of a prescription that is not stored yet: its client as the prescription says.

    Nobody is safe to contact here whom somebody in the tenant has said not to be.
    """
    document, scope = unit.prescription.document, unit.scope
    prohibited = is_contact_prohibited(scope.connection, scope.tenant, unit.prescription.person)
    if prohibited and not allows_contact(document):
        document = document.model_copy(update={"client": document.client.model_copy(update={"safe_to_contact": False})})
    seen = _cut(document, partner, [row])
    return seen.model_copy(update={"service": _service_at(seen, partner, part=False)})


def _cut(document: Prescription, partner: Partner, rows: Sequence[ReferralRow]) -> Prescription:
    """What a recipient may know because of these referrals; a part shows what belongs to its category."""
    parts = all(row.parent is not None for row in rows)
    about = {row.category for row in rows if row.category is not None} if parts else None
    seen = disclose(document, role=partner.role, custodian=partner.custodian, categories=about)
    return seen.model_copy(update={"supports": ()}) if parts else seen


def records_for(unit: PrescriptionUnit, partner: Partner, row: ReferralRow) -> Mapping[str, str]:
    """Our record of each part that the partner may know; a part's needs and goals are counted among those it shows."""
    found = dict(unit.prescription.resources)
    if partner.role != "recipient":
        return found
    if row.parent is not None:
        found = _of_part(unit, row)
    kind, identity = reassignment.organization_key(unit, partner.name)
    return found | {"partner": f"{kind}/{identity}", "task": f"Task/{row.task}"}


def records_known(unit: PrescriptionUnit, partner: Partner, row: ReferralRow) -> set[Key]:
    """Type and id of every record of ours that a recipient may know because of one referral."""
    records = records_for(unit, partner, row).items()
    in_use = (one for role, one in records if not role.startswith(REMOVED))
    found = {key for one in in_use if (key := local(one)) is not None}
    if row.service_request is not None:
        found.add(("ServiceRequest", row.service_request))
    return found


def _of_part(unit: PrescriptionUnit, row: ReferralRow) -> dict[str, str]:
    """What a part shows, under the roles that its cut document gives: its needs and goals are counted anew."""
    document, records = unit.prescription.document, unit.prescription.resources
    needs, goals = shown(document, {row.category or ""})
    places = {"need": needs, "goal": goals, "evidence": needs, "instrument": needs, "support": []}
    found = {}
    for role, one in records.items():
        family, place = family_of(role) or ("", 0)
        if family in places:
            if place in places[family]:
                found[f"{family}/{places[family].index(place)}"] = one
        elif role not in OF_THE_WHOLE:
            found[role] = one
    return found


def _withheld(unit: PrescriptionUnit, partner: Partner) -> dict[str, str]:
    """Records of entries that no referral of the partner shows now, as of what it no longer has.

    It may have got one before an amendment: the consent covered more, or a goal belonged to the need of its part.
    """
    document, resources = unit.prescription.document, unit.prescription.resources
    seen: set[str] = set()
    for row in (one for one in unit.rows if one.partner == partner.name):
        roles = set(roles_of(_cut(document, partner, [row])))
        seen |= {one for role, one in records_for(unit, partner, row).items() if role in roles}
    return {
        f"{REMOVED}{one}": one for role, one in resources.items() if family_of(role) is not None and one not in seen
    }


def _service_at(prescription: Prescription, partner: Partner, *, part: bool) -> Service:
    """The service as this partner is asked for it; the entry and the address of another one mean nothing to it."""
    if part:
        return Service(partner=partner.name)
    service = prescription.service or Service()
    changes: dict[str, Any] = {"partner": partner.name}
    elsewhere = service.partner not in {None, partner.name}
    named = service.organization.name if service.organization is not None else partner.title
    if elsewhere or named.casefold() != partner.title.casefold():
        changes |= {"organization": None, "directory_id": None}
    return service.model_copy(update=changes)


def _acted_last(unit: PrescriptionUnit, partner: Partner, row: ReferralRow) -> ActingPerson | None:
    """Who acted last: on any referral of the prescription for its requester, on its own referral for a recipient."""
    here = (event.c.tenant == unit.scope.tenant, event.c.prescription == unit.prescription.id, event.c.role != "system")
    query = select(event.c.actor, event.c.role).where(*here, event.c.name.in_(sorted(names_seen_by(partner.role))))
    if partner.role == "recipient":
        query = query.where(event.c.referral == row.id)
    found = unit.scope.connection.execute(query.order_by(event.c.number.desc()).limit(1)).first()
    return None if found is None else ActingPerson(found.actor, found.role)


def _states(
    unit: PrescriptionUnit, rows: Sequence[ReferralRow], contexts: Mapping[str, str]
) -> tuple[ReferralState, ...]:
    appointments = appointments_of(unit)
    return tuple(replace(_state(unit, row, appointments), context=contexts.get(row.id)) for row in rows)


def _state(unit: PrescriptionUnit, row: ReferralRow, appointments: Mapping[str, AppointmentTime]) -> ReferralState:
    task = next((one.resource for one in currents(unit.scope, [f"Task/{row.task}"])), {})
    return ReferralState(
        id=row.id,
        key=row.task,
        order=row.service_request,
        parent=row.parent,
        attempt=row.attempt,
        partner=row.partner,
        category=row.category,
        status=row.status,
        reason=row.state.task.reason,
        order_status=row.state.service_request,
        detail=task.get("businessStatus", {}).get("text"),
        appointment=appointments.get(row.id),
        outputs=outputs_of(unit.scope, task),
        machine=row.machine,
    )
