"""Times that were agreed with a client, as a partner reports them.

Task for Referral Management has no status *scheduled*: the status stays, and the appointment stands in
``Task.businessStatus`` and in the timeline (event ``appointment``), of which the newest one of a referral counts.
"""

import functools
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from footbridge.mapping.terms import label
from footbridge.model.principals import Principal
from footbridge.partners.ports import Appointment, AppointmentTime
from footbridge.referrals import resource_edits
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import PrescriptionUnit
from footbridge.store.events import detail_of
from footbridge.store.tables import event

APPOINTMENT = "appointment"


def book(unit: PrescriptionUnit, row: ReferralRow, principal: Principal, said: Appointment) -> None:
    """Store a time that was agreed; the requester, or the service at work, gets it with its next update."""
    time = said.time
    detail = {"start": time.start.isoformat()}
    if time.end is not None:
        detail["end"] = time.end.isoformat()
    if time.location is not None:
        detail["location"] = time.location
    unit.note(principal, APPOINTMENT, row.id, at=said.at or unit.scope.now, detail=detail)
    language = unit.prescription.document.language
    text = f"{label('appointment', language)}: {time.start:%Y-%m-%d %H:%M}"
    words = text if time.location is None else f"{text}, {time.location}"
    unit.edit(("Task", row.task), functools.partial(resource_edits.with_business_status, text=words))
    for name in {row.partner, unit.prescription.requester} - {None, "", principal.origin}:
        unit.queue_update(str(name))


def appointments_of(unit: PrescriptionUnit) -> Mapping[str, AppointmentTime]:
    """The newest appointment of each referral of a prescription, by the referral's id."""
    here = (event.c.tenant == unit.scope.tenant, event.c.prescription == unit.prescription.id)
    query = select(event.c.referral, event.c.detail).where(*here, event.c.name == APPOINTMENT).order_by(event.c.number)
    return {row.referral: _time(detail_of(row)) for row in unit.scope.connection.execute(query)}


def _time(detail: Mapping[str, str]) -> AppointmentTime:
    end = detail.get("end")
    return AppointmentTime(
        datetime.fromisoformat(detail["start"]),
        None if end is None else datetime.fromisoformat(end),
        detail.get("location"),
    )
