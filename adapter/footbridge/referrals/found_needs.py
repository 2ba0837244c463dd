"""Needs that were found on the way: each becomes a need of the prescription, and may start a prescription of its own.

A new prescription has the need that was found, the person, the requester and the journey of the first one; its order
names that one's as ``basedOn`` (https://hl7.org/fhir/R4/servicerequest-definitions.html#ServiceRequest.basedOn). It
goes to a service only where the person agrees: that agreement is its consent.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from footbridge.errors import LifecycleError
from footbridge.i18n import _
from footbridge.model.holds import rules_of
from footbridge.model.issues import Issue
from footbridge.model.prescription import Consent, Identifier, Need, Prescription, Service
from footbridge.model.prescription.said import said_document
from footbridge.model.principals import Principal
from footbridge.referrals.amendment import put_in_place
from footbridge.referrals.decided import CONSENT
from footbridge.referrals.following import link_orders, submit_following
from footbridge.referrals.holds import open_holds
from footbridge.referrals.intake import Intake
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import PrescriptionUnit
from footbridge.security.access import may
from footbridge.terminology import category

_FOLLOW_UP = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class FoundNeed:
    """A need that was found: its SDOH category, in words, and who is asked for it.

    Attributes:
        category: a code of the guide.
        statement: in words. Personal: never logged.
        partner: the service that is asked with a prescription of its own; None: nobody is.
        agreed: whether the person agrees that this service is told.
    """

    category: str
    statement: str = field(repr=False)
    partner: str | None = None
    agreed: bool = False


def must_be_found(found: Sequence[FoundNeed], of_service: Callable[[str, str], Issue | None]) -> list[Issue]:
    """The faults of these needs, at JSON Pointers into the command; ``of_service`` judges a service's name."""
    faults = []
    for place, one in enumerate(found):
        here = f"/found/{place}"
        if category(one.category) is None:
            message = _("Not an SDOH category of the guide.")
            faults.append(Issue("need.category", "error", "code-invalid", message, pointer=f"{here}/category"))
        if not one.statement.strip():
            message = _("This is required.")
            faults.append(Issue("need.statement", "error", "required", message, pointer=f"{here}/statement"))
        wrong = None if one.partner is None else of_service(one.partner, f"{here}/partner")
        if wrong is not None:
            faults.append(wrong)
        elif one.partner is not None and not one.agreed:
            message = _("A service is asked for a new need only where the person agrees.")
            faults.append(Issue("command.not-agreed", "error", "business-rule", message, pointer=f"{here}/agreed"))
    return faults


def add_found(
    unit: PrescriptionUnit,
    row: ReferralRow,
    principal: Principal,
    found: Sequence[FoundNeed],
    at: datetime,
    intake: Intake | None,
) -> list[str]:
    """Add the needs, and prescribe for those that a service is asked for; returns our record of each need.

    Raises PrescriptionError for a need that the document cannot have, LifecycleError where the role may not.
    """
    if not found:
        return []
    if intake is None:
        raise LifecycleError(_("This is not possible now."), reason="not-allowed-from-here")
    if any(one.partner is not None for one in found) and not may(principal, "prescription.submit"):
        raise LifecycleError(_("Your role writes no prescription."), reason="not-this-actor")
    before = unit.prescription.document
    language = before.language
    needs = [Need(category=one.category, statement=one.statement, language=language) for one in found]
    newer = before.model_copy(update={"needs": (*before.needs, *needs)})
    may_hold = {CONSENT, *(hold.reason for hold in open_holds(unit))}  # what is still asked is no fault of the form
    intake.accept(said_document(newer).encode(), unit.scope.tenant, rules_of(frozenset(may_hold)))
    put_in_place(unit, intake, newer)
    for number, (one, need) in enumerate(zip(found, needs, strict=True)):
        of = {} if one.partner is None else {"by": _prescribe(unit, principal, one, need, number, at, intake)}
        unit.note(principal, "need-added", row.id, at=at, detail={"category": one.category, **of})
    first = len(before.needs)
    places = range(first, first + len(found))
    resources = unit.prescription.resources
    return [resources[f"need/{place}"] for place in places if f"need/{place}" in resources]


def _prescribe(  # noqa: PLR0913, PLR0917 - what it is about, who says it, and what
    unit: PrescriptionUnit,
    principal: Principal,
    one: FoundNeed,
    need: Need,
    number: int,
    at: datetime,
    intake: Intake,
) -> str:
    """A prescription for a need that was found; returns its id."""
    its = submit_following(unit, principal, _for_need(unit, one, need, number), intake)
    link_orders(unit, its, "basedOn", "found-on-the-way", principal, at)
    return its


def _for_need(unit: PrescriptionUnit, one: FoundNeed, need: Need, number: int) -> Prescription:
    before = unit.prescription.document
    now = max(unit.scope.now, before.authored)
    stem = before.identifier.value[:200]
    scope = None if before.consent is None else before.consent.scope
    if scope is not None and "needs" not in scope:
        scope = (*scope, "needs")  # the person agrees that the service is told of this one
    consent = Consent(status="given", basis="express", how="verbal", given=now.date(), scope=scope)
    follow_up = before.follow_up and before.follow_up.model_copy(update={"due": (now + _FOLLOW_UP).date()})
    emptied = dict.fromkeys(("goals", "in_their_words", "notes", "supports", "barriers", "strengths", "interests"), ())
    return before.model_copy(
        update=emptied
        | {
            "identifier": Identifier(system=before.identifier.system, value=f"{stem}-N{number + 1}-{now:%y%m%d%H%M%S}"),
            "authored": now,
            "journey": before.journey or before.identifier,
            "kind": "warm-connection",
            "needs": (need,),
            "service": Service(partner=one.partner, description=one.statement[:255]),
            "instructions": None,
            "follow_up": follow_up,
            "consent": consent,
        }
    )
