"""Is it still offered? A record of the directory that nobody verified for long is asked about before anything is sent.

A person hears from the service and says so: then the referral goes where it would have gone, or it waits for another
service. Either answer is kept for the directory's source (``directory.corrections``).
"""

from datetime import datetime

from footbridge.directory.corrections import STATUS, VERIFIED, Suggestion, suggest
from footbridge.directory.lookup import find_service
from footbridge.model.holds import hold_kinds
from footbridge.model.principals import Principal
from footbridge.referrals.holds import NOT_OFFERED, SERVICE, must_wait_for, release, whole
from footbridge.referrals.unit import PrescriptionUnit


def confirm(unit: PrescriptionUnit, principal: Principal, at: datetime, reason: str | None) -> None:
    """The service is still offered: the referral goes to its partner, or waits for a person to route it."""
    must_wait_for(unit, hold_kinds()[SERVICE])
    _suggest(unit, principal, VERIFIED, at.date().isoformat(), reason)
    row = whole(unit)
    unit.note(principal, "service-confirmed", row.id, after=row.status, at=at, reason=reason)
    release(unit, principal, SERVICE, at)


def refute(unit: PrescriptionUnit, principal: Principal, at: datetime, reason: str | None) -> None:
    """The service is no longer offered: the referral waits for another one."""
    must_wait_for(unit, hold_kinds()[SERVICE])
    _suggest(unit, principal, STATUS, "inactive", reason)
    row = whole(unit)
    unit.note(principal, "service-refuted", row.id, after=row.status, at=at, reason=reason)
    release(unit, principal, SERVICE, at, decision=NOT_OFFERED)


def _suggest(unit: PrescriptionUnit, principal: Principal, field: str, new: str, reason: str | None) -> None:
    service = unit.prescription.document.service
    named = service.directory_id if service is not None else None
    scope = unit.scope
    found = find_service(scope.connection, scope.tenant, named) if named else None
    if found is not None:
        said = Suggestion(field, new, principal.name, scope.now, reason)
        suggest(scope.connection, scope.tenant, found, said)
