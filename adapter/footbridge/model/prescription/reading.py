"""From raw bytes to a typed Prescription, or to the list of every fault in them.

A good document takes the short way: pydantic reads it, one more pass makes sure that no member was given
twice. A bad one takes the long way: it is decoded step by step so that every fault gets its own sentence at
its own pointer; then a valid stand-in takes the place of each faulty part, so that the rules that span
several members can still judge the rest.
"""

import json
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from footbridge.errors import PrescriptionError
from footbridge.i18n import _
from footbridge.model.issues import Issue
from footbridge.model.prescription import decoding
from footbridge.model.prescription.document import Prescription
from footbridge.model.prescription.faults import issues_of, nearest_member
from footbridge.model.prescription.pointers import Path, at, members_at, pointer_to
from footbridge.settings import settings

MAX_ISSUES = 500
_STAND_IN_MEMBERS: dict[str, Any] = {
    "identifier": {"system": "urn:stand-in", "value": "0"},
    "kind": "signpost",
    "authored": "2000-01-01T00:00:00Z",
    "language": "en",
    "client": {"identifiers": [{"system": "urn:stand-in", "value": "0"}]},
    "requester": {"role": "person", "organization": {"name": "-"}},
    "needs": [{"category": "-", "statement": "-"}],
}
_STAND_IN_ITEMS: dict[str, Any] = {
    "needs": {"category": "-", "statement": "-"},
    "goals": {"description": "-"},
    "inTheirWords": {"text": "-"},
    "strengths": {"text": "-"},
    "interests": {"text": "-"},
    "barriers": {"kind": "other", "text": "-"},
    "supports": {"kind": "other", "text": "-"},
    "notes": {"text": "-"},
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a document said.

    Attributes:
        prescription: the prescription; stand-ins in the place of faulty parts; None when nothing could be read.
        issues: every fault of form, in no case a warning.
        stand_ins: paths of the parts that are stand-ins, or missing because their name was mistyped.
    """

    prescription: Prescription | None
    issues: tuple[Issue, ...] = ()
    stand_ins: frozenset[Path] = frozenset()

    @property
    def doubtful(self) -> frozenset[str]:
        """Members of the prescription that hold a stand-in, in the document's names."""
        return frozenset(str(path[0]) for path in self.stand_ins)

    def is_stand_in(self, pointer: str) -> bool:
        """Whether the pointer leads into a stand-in."""
        return any(f"{pointer}/".startswith(f"{pointer_to(path)}/") for path in self.stand_ins)


def read(raw: decoding.Raw, *, limit: int | None = None) -> Prescription:
    """Read a prescription from UTF-8 JSON bytes, text or a dict of JSON values.

    ``limit`` is the most bytes that are read (the setting ``max_body_bytes`` when None).
    Raises PrescriptionError with every fault of form; the rules that span members are in ``rules``.
    """
    reading = examine(raw, limit=limit)
    if reading.issues or reading.prescription is None:
        raise PrescriptionError(reading.issues)
    return reading.prescription


def examine(raw: decoding.Raw, *, limit: int | None = None) -> Reading:
    """Read a prescription as far as it can be read; never raises on a bad document."""
    try:
        text = decoding.text_of(raw, settings().max_body_bytes if limit is None else limit)
        good = _short_way(text)
        return Reading(good) if good else _long_way(text)
    except PrescriptionError as refused:
        return Reading(None, refused.issues)


def _short_way(text: str) -> Prescription | None:
    if "null" in text or "\\ud" in text or "\\uD" in text:
        return None
    try:
        prescription = _validated(text)
    except (ValidationError, UnicodeEncodeError):
        return None
    return None if decoding.has_repeated_members(text) else prescription


def _validated(text: str) -> Prescription:
    return Prescription.model_validate_json(text, by_alias=True, by_name=False)


def _long_way(text: str) -> Reading:
    document, odd = decoding.parsed(text)
    if not isinstance(document, dict):
        decoding.refuse("not-object", _("One JSON object was expected: the prescription."))
    if "resourceType" in document:
        return Reading(None, (_of_fhir(document["resourceType"]),))
    prescription, details = _attempt(document)
    issues = _merged(odd, issues_of(details[:MAX_ISSUES], document))
    if len(issues) > MAX_ISSUES or len(details) > MAX_ISSUES:
        return Reading(None, _listed(issues))
    if not issues:
        return Reading(prescription)
    stand_ins = _replace(document, issues)
    return Reading(_attempt(document)[0], _listed(issues), stand_ins)


def _of_fhir(kind: object) -> Issue:
    """What to say of a FHIR resource in the place of a prescription."""
    what = _("a FHIR Bundle") if kind == "Bundle" else _("a FHIR resource")
    message = _(
        "This is {what}; send a prescription instead (docs/reference/prescription.md; "
        "`footbridge read` makes one of FHIR).",
        what=what,
    )
    return Issue("prescription.fhir", "error", "structure", message, pointer="")


def _attempt(document: dict[str, Any]) -> tuple[Prescription | None, list[ErrorDetails]]:
    try:
        return _validated(json.dumps(document)), []
    except ValidationError as fault:
        return None, fault.errors(include_url=False, include_input=False)


def _merged(odd: dict[Path, Issue], wrong: dict[Path, Issue]) -> dict[Path, Issue]:
    """One fault a place: an unknown member hides what is in it, else what JSON cannot mean comes first."""
    unknown = {path for path, issue in wrong.items() if issue.rule == "prescription.unknown-member"}
    inside = {path for path in odd if any(path[:length] in unknown for length in range(1, len(path) + 1))}
    return wrong | {path: issue for path, issue in odd.items() if path not in inside}


def _listed(issues: dict[Path, Issue]) -> tuple[Issue, ...]:
    listed = tuple(issues.values())
    if len(listed) < MAX_ISSUES:
        return listed
    more = _("There are more than {most} errors: correct these first.", most=MAX_ISSUES)
    return (*listed[:MAX_ISSUES], Issue("prescription.more", "error", "incomplete", more, pointer=""))


def _replace(document: dict[str, Any], issues: dict[Path, Issue]) -> frozenset[Path]:
    """Put a stand-in where a part is faulty, and drop unknown members. Gives the paths of the stand-ins."""
    unknown = [path for path, issue in issues.items() if issue.rule == "prescription.unknown-member"]
    for path in unknown:
        holder = at(document, path[:-1])
        if isinstance(holder, dict):
            holder.pop(path[-1], None)
    faulty = issues.keys() - set(unknown)
    whole = {path[:1] for path in faulty if not _is_item(document, path)}
    items = {path[:2] for path in faulty if path[:1] not in whole}
    for name, index in items:
        document[str(name)][index] = _STAND_IN_ITEMS[str(name)]
    for name in (str(path[0]) for path in whole):
        document.pop(name, None)
        if name in _STAND_IN_MEMBERS:
            document[name] = _STAND_IN_MEMBERS[name]
    return frozenset(whole | items | _meant(unknown))


def _meant(unknown: list[Path]) -> set[Path]:
    """Members that a mistyped name most likely meant: that they are missing is no second fault."""
    names = [str(path[0]) for path in unknown if len(path) == 1]
    near = (nearest_member(name, members_at(())) for name in names)
    return {(name,) for name in near if name}


def _is_item(document: dict[str, Any], path: Path) -> bool:
    return path[0] in _STAND_IN_ITEMS and len(path) > 1 and isinstance(document[str(path[0])], list)
