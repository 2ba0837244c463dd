"""A requester asks again by a new Task: for an order that ended without help, or to pass one on to another service.

The order stays. A service that still has it is told that it was passed on, and the one that was named gets a Task.
"""

from footbridge.errors import ConflictError
from footbridge.i18n import _
from footbridge.model.lifecycle import Act, Refused
from footbridge.model.principals import Principal
from footbridge.referrals.consent import require_consent
from footbridge.referrals.events import apply_event
from footbridge.referrals.routing import categories_of, consent_reaches, next_partner
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import PrescriptionUnit, newest_tries, open_unit
from footbridge.referrals.whom_to_ask import can_pass_on, pass_on
from footbridge.store.partners import Partner
from footbridge.store.referrals import ReferralRecord, find_referral
from footbridge.store.resource_rows import Scope


def try_again(scope: Scope, principal: Principal, task: str, owner: str | None) -> ReferralRow:
    """Make another try, in the scope's transaction; returns the new referral.

    Args:
        scope: our own.
        principal: of the requester.
        task: the id of our Task of one of the order's tries.
        owner: the name of the service that is asked now; None: the next of the routes, else the last one.

    Raises:
        ConflictError: the last try is still open and no other service is named, or nothing more may be tried.
    """
    known = find_referral(scope.connection, scope.tenant, task)
    if known is None:
        raise ConflictError(_("No referral has this Task."))
    with open_unit(scope, known.prescription) as unit:
        row = newest_try(unit, known)
        if not row.is_ended and can_pass_on(row, principal) and owner is not None:
            require_consent(unit)
            named = _named(unit, owner)
            if named.name == row.partner:
                raise ConflictError(
                    _("This service is being asked already: change its Task instead of writing another.")
                )
            pass_on(unit, row, principal, named, scope.now, None)
            return newest_try(unit, known)
        if not row.is_ended:
            raise ConflictError(_("This order is being asked for already: change its Task instead of writing another."))
        require_consent(unit)
        reason = _("The requester asked again.")
        event = Act("reopen", scope.now, reason, owner=_to_ask(unit, row, owner))
        result = apply_event(unit, row.id, event, principal)
        if isinstance(result, Refused):
            raise ConflictError(result.message)
        newer = newest_try(unit, known)
    if newer.id == row.id:
        raise ConflictError(_("Nobody is left to ask: name a service in Task.owner."))
    return newer


def newest_try(unit: PrescriptionUnit, known: ReferralRecord) -> ReferralRow:
    """The newest try of the order that a referral is one of."""
    return next(one for one in newest_tries(unit.rows, known.parent) if one.service_request == known.service_request)


def _to_ask(unit: PrescriptionUnit, row: ReferralRow, owner: str | None) -> str | None:
    if owner is not None:
        return _named(unit, owner).name
    found = next_partner(unit, row, categories_of(unit, row)) or row.partner
    if found is not None:
        _must_reach(unit, unit.partners[found])
    return found


def _named(unit: PrescriptionUnit, name: str) -> Partner:
    """The service of that name or title, which the client's consent allows to ask. Raises ConflictError."""
    wanted = name.casefold()
    recipients = [one for one in unit.partners.values() if one.role == "recipient"]
    found = next((one for one in recipients if wanted in {one.title.casefold(), one.name}), None)
    if found is None:
        raise ConflictError(_("No service of this name receives referrals: name another one in Task.owner."))
    _must_reach(unit, found)
    return found


def _must_reach(unit: PrescriptionUnit, partner: Partner) -> None:
    if not consent_reaches(unit, partner):
        raise ConflictError(_("The client's consent is implied: it allows to ask a health information custodian only."))
