"""What a partner is sent of a prescription: a ``ports.Outgoing``, cut to what that partner may know now.

The prescription is cut here (``security.disclosure``), before any network sees it: what is not in it cannot be in
anything that a network makes of it.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from footbridge.mapping.references import local
from footbridge.model.events import names_seen_by
from footbridge.model.prescription import Prescription, Service
from footbridge.partners.ports import ActingPerson, AppointmentTime, Outgoing, ReferralState
from footbridge.referrals import reassignment
from footbridge.referrals.appointments import appointments_of
from footbridge.referrals.demographics import at_work, with_newest_client
from footbridge.referrals.outputs import outputs_of
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import Key, PrescriptionUnit, newest_tries
from footbridge.security.disclosure import disclose, shown
from footbridge.store.network_context import find_context
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
    states = _states(unit, rows if row in rows else [row, *rows])
    scope = unit.scope
    return Outgoing(
        tenant=scope.tenant,
        partner=partner,
        prescription=unit.prescription.id,
        document=disclosed(unit, partner, row) if recipient else unit.prescription.document,
        jurisdiction=unit.jurisdiction,
        patient=alias(unit.patient, partner.name),
        namespace=unit.namespace,
        referral=next(one for one in states if one.id == row.id),
        referrals=states,
        records=records_for(unit, partner, row),
        extras=tuple(extras),
        goals={goal.key: (goal.lifecycle, goal.achievement) for goal in newest_tries(unit.rows, None)[0].state.goals},
        titles={name: one.title for name, one in unit.partners.items()},
        by=_acted_last(unit, partner, row),
        context=find_context(scope.connection, scope.tenant, partner.name, unit.prescription.id),
        ended=recipient and not at_work(row),
    )


def update_for(unit: PrescriptionUnit, partner: Partner) -> Outgoing | None:
    """What the partner has to be brought up to date with; None when it has nothing of the prescription."""
    if partner.role == "requester":
        return outgoing_for(unit, partner, newest_tries(unit.rows, None)[0])
    rows = [row for row in unit.rows if row.partner == partner.name]
    if not rows:
        return None
    return outgoing_for(unit, partner, next((row for row in rows if at_work(row)), rows[-1]))


def disclosed(unit: PrescriptionUnit, partner: Partner, row: ReferralRow) -> Prescription:
    """The prescription as a recipient may know it of one referral, its client as known now."""
    whole = with_newest_client(unit)
    seen = disclose(whole, role=partner.role, custodian=partner.custodian, category=row.category)
    changes: dict[str, Any] = {"service": _service_at(seen, partner, part=row.parent is not None)}
    if row.parent is not None:
        changes["supports"] = ()
    return seen.model_copy(update=changes)


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
    found = {key for one in records_for(unit, partner, row).values() if (key := local(one)) is not None}
    if row.service_request is not None:
        found.add(("ServiceRequest", row.service_request))
    return found


def _of_part(unit: PrescriptionUnit, row: ReferralRow) -> dict[str, str]:
    records = unit.prescription.resources
    found = {role: one for role, one in records.items() if "/" not in role and role not in OF_THE_WHOLE}
    for family, kept in zip(("need", "goal"), shown(unit.prescription.document, row.category), strict=True):
        for position, index in enumerate(kept):
            if f"{family}/{index}" in records:
                found[f"{family}/{position}"] = records[f"{family}/{index}"]
    return found


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


def _states(unit: PrescriptionUnit, rows: Sequence[ReferralRow]) -> tuple[ReferralState, ...]:
    appointments = appointments_of(unit)
    return tuple(_state(unit, row, appointments) for row in rows)


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
