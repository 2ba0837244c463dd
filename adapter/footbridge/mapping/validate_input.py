"""The one door for a prescription: bytes in, an accepted Prescription out, or every fault at its JSON Pointer.

Three stages, their findings in one answer: form (``reading``), the rules that span members (``rules``), and the
values and codes (``validate_values``, ``terminology``). The API, ``footbridge map`` and ``footbridge prescribe`` all
come through here.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from footbridge.errors import PrescriptionError
from footbridge.i18n import _
from footbridge.mapping.validate_values import value_issues
from footbridge.model.issues import Issue, errors
from footbridge.model.prescription import Coding, Evidence, Prescription
from footbridge.model.prescription.decoding import Raw
from footbridge.model.prescription.document import Jurisdiction
from footbridge.model.prescription.pointers import Path, pointer_to
from footbridge.model.prescription.reading import Reading, examine
from footbridge.model.prescription.rules import check
from footbridge.terminology import categories, category, nearest_category, own_code_system
from footbridge.terminology.check import check_coding
from footbridge.terminology.loaded import Loaded
from footbridge.terminology.rows import Role

STRICTEST: Jurisdiction = "ca"
_STRENGTH = "protective-factor"
# Which member of a coding a terminology rule is about; the code where the rule is not here.
_MEMBER_OF_RULE = {
    "terminology.system-not-absolute": "system",
    "terminology.system-spelling": "system",
    "terminology.system-role": "system",
    "terminology.unknown-system": "system",
    "terminology.display": "display",
}


@dataclass(frozen=True, slots=True)
class _Placed:
    """A coding, its place, the role that it has in FHIR, and its SDOH category where it has one."""

    path: Path
    coding: Coding
    role: Role
    category: str | None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A prescription without an error.

    Attributes:
        prescription: as it was written.
        warnings: what a person should look at, each with its JSON Pointer.
        jurisdiction: whose rules it was judged by.
        held: errors that put it on hold instead of refusing it; each is a warning too.
    """

    prescription: Prescription
    warnings: tuple[Issue, ...]
    jurisdiction: Jurisdiction
    held: tuple[Issue, ...] = ()


def accept(
    raw: Raw | Prescription,
    *,
    jurisdiction: Jurisdiction | None = None,
    loaded: Loaded | None = None,
    limit: int | None = None,
    holding: Collection[str] = (),
) -> Accepted:
    """Read and judge one prescription.

    Args:
        raw: UTF-8 JSON as bytes or text, or a dict of JSON values; or what was read before, of which the form is known.
        jurisdiction: the tenant's, for a prescription that names none; the strictest when neither does.
        loaded: the user's own value sets and code systems.
        limit: most bytes that are read; the setting ``max_body_bytes`` when None.
        holding: rules whose errors put the prescription on hold (``model.holds``) instead of refusing it.

    Raises:
        PrescriptionError: with every fault, then every warning, of all three stages.
    """
    reading = Reading(raw) if isinstance(raw, Prescription) else examine(raw, limit=limit)
    prescription = reading.prescription
    if prescription is None:
        raise PrescriptionError(reading.issues)
    ruling = prescription.jurisdiction or jurisdiction or STRICTEST
    issues = [*reading.issues, *_judged(reading, prescription, ruling, loaded)]
    held = tuple(issue for issue in errors(issues) if issue.rule in holding)
    faults = [issue for issue in errors(issues) if issue.rule not in holding]
    warnings = tuple(replace(issue, severity="warning") for issue in issues if not issue.is_error or issue in held)
    if faults:
        raise PrescriptionError([*faults, *held, *warnings])
    return Accepted(prescription, warnings, ruling, held)


def _judged(
    reading: Reading, prescription: Prescription, jurisdiction: Jurisdiction, loaded: Loaded | None
) -> Iterator[Issue]:
    """The findings of the second and the third stage, without those about a stand-in."""
    named = prescription.jurisdiction is not None
    ruled = prescription if named else prescription.model_copy(update={"jurisdiction": jurisdiction})
    yield from check(ruled, doubtful=reading.doubtful)
    for issue in (*value_issues(prescription), *_terminology(prescription, jurisdiction, loaded)):
        if not reading.is_stand_in(issue.pointer or ""):
            yield issue


def _terminology(prescription: Prescription, jurisdiction: Jurisdiction, loaded: Loaded | None) -> Iterator[Issue]:
    yield from _categories(prescription)
    yield from _questions(prescription)
    for placed in (*_of_needs(prescription), *_of_goals(prescription), *_of_the_person(prescription)):
        yield from _of_coding(placed, jurisdiction, loaded)
    yield from _of_service(prescription, jurisdiction, loaded)


def _categories(prescription: Prescription) -> Iterator[Issue]:
    named = [(("needs", index, "category"), need.category) for index, need in enumerate(prescription.needs)]
    named += [
        (("barriers", index, "category"), barrier.category)
        for index, barrier in enumerate(prescription.barriers)
        if barrier.category is not None
    ]
    for path, code in named:
        if category(code) is None:
            near = nearest_category(code)
            allowed = ", ".join(known.code for known in categories())
            instead = _("the nearest is '{near}'", near=near) if near else _("the codes are {allowed}", allowed=allowed)
            message = _("Not an SDOH category code; {instead}.", instead=instead)
            yield Issue("prescription.category-unknown", "error", "code-invalid", message, pointer=pointer_to(path))


def _questions(prescription: Prescription) -> Iterator[Issue]:
    if prescription.follow_up is None:
        return
    known = [concept["code"] for concept in own_code_system("follow-up-question")["concept"]]
    for index, question in enumerate(prescription.follow_up.questions):
        if question not in known:
            where = pointer_to(("followUp", "questions", index))
            message = _("Not a follow-up question; supported codes: {known}.", known=", ".join(known))
            yield Issue("prescription.question-unknown", "error", "code-invalid", message, pointer=where)


def _of_needs(prescription: Prescription) -> Iterator[_Placed]:
    for index, need in enumerate(prescription.needs):
        category_code = _known(need.category)
        if need.code:
            yield _Placed(("needs", index, "code"), need.code, "condition", category_code)
        if need.evidence:
            yield from _of_evidence(need.evidence, ("needs", index, "evidence"), category_code)


def _of_evidence(evidence: Evidence, place: Path, category_code: str | None) -> Iterator[_Placed]:
    if evidence.instrument:
        yield _Placed((*place, "instrument"), evidence.instrument, "observation-question", category_code)
    yield _Placed((*place, "question"), evidence.question, "observation-question", category_code)
    if evidence.answer:
        yield _Placed((*place, "answer"), evidence.answer, "observation-answer", category_code)


def _of_goals(prescription: Prescription) -> Iterator[_Placed]:
    needs = prescription.needs
    for index, goal in enumerate(prescription.goals):
        if goal.code:
            answered = needs[goal.need].category if goal.need is not None and goal.need < len(needs) else None
            yield _Placed(("goals", index, "code"), goal.code, "goal", _known(answered))


def _of_the_person(prescription: Prescription) -> Iterator[_Placed]:
    for index, strength in enumerate(prescription.strengths):
        if strength.code:
            yield _Placed(("strengths", index, "code"), strength.code, "condition", _STRENGTH)
    for index, interest in enumerate(prescription.interests):
        if interest.code:
            yield _Placed(("interests", index, "code"), interest.code, "observation", None)
    for index, barrier in enumerate(prescription.barriers):
        if barrier.code:
            yield _Placed(("barriers", index, "code"), barrier.code, "condition", _known(barrier.category))


def _known(code: str | None) -> str | None:
    """The category, None when it is unknown: that is a fault of its own."""
    return code if code is not None and category(code) else None


def _of_coding(placed: _Placed, jurisdiction: Jurisdiction, loaded: Loaded | None) -> list[Issue]:
    coding = placed.coding
    found = check_coding(
        coding.system,
        coding.code,
        coding.display,
        role=placed.role,
        category=placed.category,
        jurisdiction=jurisdiction,
        loaded=loaded,
    )
    return [
        replace(issue, pointer=pointer_to((*placed.path, _MEMBER_OF_RULE.get(issue.rule, "code")))) for issue in found
    ]


def _of_service(prescription: Prescription, jurisdiction: Jurisdiction, loaded: Loaded | None) -> list[Issue]:
    """Judge the service's code by the need that it fits best: one service may answer several."""
    service = prescription.service
    if service is None or service.code is None:
        return []
    answers = sorted({_known(need.category) for need in prescription.needs}, key=str)
    places = [_Placed(("service", "code"), service.code, "service-request", answer) for answer in answers]
    judged = [_of_coding(placed, jurisdiction, loaded) for placed in places]
    return min(judged, key=lambda issues: (len(errors(issues)), len(issues)))
