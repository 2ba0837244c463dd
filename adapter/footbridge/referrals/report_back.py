"""A navigator reports back: of each need whether the person was linked with a service, else why not; what was found.

One answer ends the referral and stores all of it in one transaction: what was done and why not as Task.output, the
reason as Task.statusReason (https://hl7.org/fhir/R4/task-definitions.html#Task.output), a warm hand-over, and each need
that was found as a need of the prescription (Condition). A service that is asked for a new need gets a prescription of
its own (``found_needs``), where the person agrees.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from footbridge.errors import LifecycleError, PrescriptionError
from footbridge.i18n import _
from footbridge.mapping.references import Resource
from footbridge.mapping.terms import OwnSystem, own_concept
from footbridge.model.issues import Issue
from footbridge.model.lifecycle import Act, Refused, allowed
from footbridge.model.principals import Principal
from footbridge.partners.ports import Output
from footbridge.referrals.chosen_service import count_unmet_need
from footbridge.referrals.events import apply_event
from footbridge.referrals.found_needs import FoundNeed, add_found, must_be_found
from footbridge.referrals.intake import Intake
from footbridge.referrals.outputs import NEW_NEED, NOTE, element_of, element_with_code
from footbridge.referrals.resource_edits import with_outputs
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import PrescriptionUnit
from footbridge.referrals.whom_to_ask import services, unknown_service
from footbridge.security.access import may, sees_whole
from footbridge.terminology import categories, own_code_system

REPORT_BACK: Final = "report-back"
LINKED: Final = "connected-with-service"
NO_SERVICE: Final = "no-service"
OTHER: Final = "other-reason"


@dataclass(frozen=True, slots=True)
class NeedReport:
    """What became of one need.

    Attributes:
        need: its place in the prescription; None: of all that was asked.
        linked: whether the person was linked with a service.
        service: with which one, in words.
        why: why not: a code of CodeSystem *not-linked-reason*.
        more: anything else, in words. Personal: never logged.
    """

    need: int | None
    linked: bool
    service: str | None = None
    why: str | None = None
    more: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Introduced:
    """A warm hand-over: who introduced the client to whom, and whether the first visit was explained."""

    by: str
    to: str
    welcome_explained: bool


@dataclass(frozen=True, slots=True)
class Reported:
    """All that a navigator reports."""

    needs: Sequence[NeedReport]
    found: Sequence[FoundNeed] = ()
    introduced: Introduced | None = None
    outputs: Sequence[Output] = ()


def can_report_back(unit: PrescriptionUnit, row: ReferralRow, principal: Principal) -> bool:
    """Whether this user reports as the navigator: of what they took on, or of the kind *navigator*."""
    is_navigation = row.partner is None or unit.prescription.document.kind == "navigator"
    ends = {"complete", "fail"} <= set(allowed(row.state, principal))
    return is_navigation and row.machine == "referral" and ends and may(principal, f"referral.{REPORT_BACK}")


def needs_of(unit: PrescriptionUnit, row: ReferralRow) -> list[int]:
    """The places of the needs that a referral is about: all, or of a part those of its category."""
    needs = unit.prescription.document.needs
    return [place for place, one in enumerate(needs) if row.category is None or one.category == row.category]


def report_back(
    unit: PrescriptionUnit, row: ReferralRow, principal: Principal, said: Reported, at: datetime, intake: Intake | None
) -> None:
    """Store it all. Raises PrescriptionError at JSON Pointers into the command, LifecycleError where it is too late."""
    if not can_report_back(unit, row, principal):
        message = _("Nobody reports back on this referral as a navigator now.")
        raise LifecycleError(message, reason="not-allowed-from-here")
    said = replace(said, needs=_counted(unit, row, principal, said.needs))
    _must_be_whole(unit, row, principal, said)
    language = unit.prescription.document.language
    if said.introduced is not None:
        welcome = "explained" if said.introduced.welcome_explained else "not-explained"
        names = {"introducedBy": said.introduced.by, "introducedTo": said.introduced.to}
        unit.note(principal, "handed-over", row.id, at=at, detail={**names, "welcome": welcome})
    about = {one: _named(unit, row, one) for one in said.needs}
    made = [_output(one, text, language) for one, text in about.items()]
    made += [element_of(one) for one in said.outputs]
    made += [
        element_with_code(NEW_NEED, {"valueReference": {"reference": one}}, language)
        for one in add_found(unit, row, principal, said.found, at, intake)
    ]
    unit.edit(("Task", row.task), functools.partial(with_outputs, outputs=made))
    reasons = [_reason(one, text, language) for one, text in about.items() if not one.linked]
    helped = any(one.linked for one in said.needs)
    counts = {"linked": sum(one.linked for one in said.needs), "notLinked": len(reasons)}
    unit.note(principal, "reported-back", row.id, at=at, detail={name: str(count) for name, count in counts.items()})
    event = Act("complete" if helped else "fail", at, " ".join(reasons) or None)
    result = apply_event(unit, row.id, event, principal)
    if isinstance(result, Refused):
        raise LifecycleError(result.message, reason=result.code)
    gaps = {one.need for one in said.needs if one.why == NO_SERVICE}
    if gaps:
        count_unmet_need(unit, None if None in gaps else {place for place in gaps if place is not None})


def reasons_known() -> tuple[str, ...]:
    """The codes of why a person was not linked, in the order of the code system."""
    return tuple(one["code"] for one in own_code_system("not-linked-reason")["concept"])


def _counted(
    unit: PrescriptionUnit, row: ReferralRow, principal: Principal, said: Sequence[NeedReport]
) -> list[NeedReport]:
    """The needs at their places in the whole: a service counts those that its part shows."""
    mine = needs_of(unit, row)
    if sees_whole(principal):
        return list(said)
    known = dict(enumerate(mine))
    return [one if one.need is None else replace(one, need=known.get(one.need, -1)) for one in said]


def _must_be_whole(unit: PrescriptionUnit, row: ReferralRow, principal: Principal, said: Reported) -> None:
    mine = needs_of(unit, row)
    faults = must_be_found(said.found, lambda name, pointer: _service_fault(unit, principal, name, pointer))
    told = [one.need for one in said.needs]
    for place, one in enumerate(said.needs):
        here = f"/needs/{place}"
        if one.need is not None and (one.need not in mine or told.index(one.need) != place):
            message = _("No need of this referral, or one that was reported before.")
            faults.append(Issue("command.unknown-need", "error", "not-found", message, pointer=f"{here}/need"))
        if not one.linked and one.why not in reasons_known():
            message = _("Say why not: one of {names}.", names=", ".join(reasons_known()))
            faults.append(Issue("command.unknown-reason", "error", "code-invalid", message, pointer=f"{here}/why"))
        if one.why == OTHER and not (one.more or "").strip():
            faults.append(
                Issue("command.no-reason", "error", "required", _("This is required."), pointer=f"{here}/more")
            )
        if one.linked and one.why is not None:
            message = _("A need that was linked has no reason why not.")
            faults.append(Issue("command.unknown-reason", "error", "invariant", message, pointer=f"{here}/why"))
    if not told or (None not in told and set(mine) - set(told)):
        message = _("Say of each need whether the person was linked with a service.")
        faults.append(Issue("command.no-need", "error", "required", message, pointer="/needs"))
    if faults:
        raise PrescriptionError(faults)


def _service_fault(unit: PrescriptionUnit, principal: Principal, name: str, pointer: str) -> Issue | None:
    return None if name in services(unit) else unknown_service(unit, principal, name, pointer)


def _named(unit: PrescriptionUnit, row: ReferralRow, one: NeedReport) -> str:
    """What a need is called: its category, in the language of the prescription; empty where all is meant."""
    document = unit.prescription.document
    code = document.needs[one.need].category if one.need is not None else row.category
    french = document.language[:2].lower() == "fr"
    return next((known.text["fr" if french else "en"] for known in categories() if known.code == code), "")


def _output(one: NeedReport, about: str, language: str) -> Resource:
    more = ", ".join(filter(None, (about, one.service, one.more)))
    if one.linked:
        return element_with_code(
            NOTE, {"valueCodeableConcept": _concept("activity-done", LINKED, more, language)}, language
        )
    return element_with_code(
        "not-linked",
        {"valueCodeableConcept": _concept("not-linked-reason", one.why or OTHER, more, language)},
        language,
    )


def _concept(system: OwnSystem, code: str, more: str, language: str) -> Resource:
    concept = own_concept(system, code, language)
    coding = [one | {"display": concept["text"]} for one in concept["coding"]]
    return {"coding": coding, "text": more or concept["text"]}


def _reason(one: NeedReport, about: str, language: str) -> str:
    words = "" if one.why == OTHER else own_concept("not-linked-reason", one.why or OTHER, language)["text"]
    said = ". ".join(filter(None, (words, (one.more or "").strip().rstrip("."))))
    return f"{about}: {said}." if about else f"{said}."
