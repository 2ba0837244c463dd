"""``$validate``, on a type and on the system: https://hl7.org/fhir/R4/resource-operation-validate.html.

The body is a resource, or Parameters with the resource, ``profile`` and ``mode``, which the query may have too. The
answer is an OperationOutcome with status 200, whatever was found; another status says that nothing was checked, as
where a parameter is not known. Nothing is stored, and no value of the resource comes back.
"""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from footbridge.fhirserver.bodies import read_document
from footbridge.fhirserver.message import GENERAL, LONGEST, printable
from footbridge.fhirserver.offer import Operation, OperationCall
from footbridge.model.issues import Issue
from footbridge.store.interaction_errors import InvalidRequest, NotFound
from footbridge.validation import Outcome, Validator
from footbridge.validation.reading import Document
from footbridge.validation.reports.operation_outcome import outcome

MODES = ("create", "update", "delete", "profile")
PARAMETERS = ("resource", "mode", "profile")
SPEC = "https://hl7.org/fhir/R4/resource-operation-validate.html"
DEFINITION = "http://hl7.org/fhir/OperationDefinition/Resource-validate"
DELETION = Issue("validate.delete", "information", "informational", "Nothing is validated for a deletion.", spec=SPEC)


def validate_operation() -> Operation:
    """``$validate`` for an offer, by everything that Footbridge knows."""
    return Operation("validate", DEFINITION, validate)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the document with its resource, the profiles to check besides those it claims, the mode."""

    document: Document
    profiles: tuple[str, ...]
    mode: str | None


def validate(call: OperationCall) -> dict[str, Any]:
    """Validate the resource that was sent; an OperationOutcome. Raises NotFound for a type that R4 does not have."""
    validator = Validator()
    plan = validator.types.type(call.type) if call.type is not None else None
    if call.type is not None and (plan is None or plan.kind != "resource"):
        raise NotFound("FHIR R4 has no such resource type.")
    question = _question(call)
    if question.mode == "delete":
        return outcome(Outcome((DELETION,), ()))
    found = validator.check_document(question.document, question.profiles)
    more = _of_request(question, call.type)
    return outcome(replace(found, issues=(*more, *found.issues)))


def _question(call: OperationCall) -> Question:
    document, query = read_document(call.request), call.request.query
    _refuse_unknown((name for name, _ in query), (*PARAMETERS[1:], *GENERAL))
    profiles = [value for name, value in query if name == "profile"]
    modes = [value for name, value in query if name == "mode"]
    given = document.resource
    if isinstance(given, dict) and given.get("resourceType") == "Parameters" and call.type != "Parameters":
        parts = _parts(given)
        _refuse_unknown(parts, PARAMETERS)
        profiles += [value for value in map(_value, parts.get("profile", ())) if value is not None]
        modes += [value for value in map(_value, parts.get("mode", ())) if value is not None]
        held = [part.get("resource") for part in parts.get("resource", ())]
        if len(held) > 1 or (not held and "delete" not in modes):
            raise InvalidRequest("Parameters must have one part 'resource' with the resource to validate.")
        document = Document(held[0] if held else {}, document.issues)
    if len(set(modes)) > 1 or not set(modes) <= set(MODES):
        raise InvalidRequest(f"The parameter 'mode' is one of {', '.join(MODES)}.")
    return Question(document, tuple(dict.fromkeys(profiles)), modes[0] if modes else None)


def _refuse_unknown(names: Iterable[str], known: Sequence[str]) -> None:
    """Raise InvalidRequest for a parameter that is not known: it would not be done what it asks for."""
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name[:LONGEST], known, n=1)
            hint = f"Did you mean '{near[0]}'?" if near else f"Supported: {', '.join(known)}."
            raise InvalidRequest(f"Unknown parameter '{printable(name)}'. {hint}")


def _of_request(question: Question, type_name: str | None) -> list[Issue]:
    """What the address and the mode ask beyond the profiles."""
    resource = question.document.resource
    if not isinstance(resource, dict):
        return []
    found = []
    if type_name is not None and resource.get("resourceType") != type_name:
        found.append(_error("validate.type", f"The address asks for {type_name}; the resource is of another type."))
    if question.mode == "update" and not resource.get("id"):
        found.append(_error("validate.update-id", "An update needs the resource's id; it has none."))
    return found


def _error(rule: str, message: str) -> Issue:
    return Issue(rule, "error", "invalid", message, expression="$this", spec=SPEC)


def _parts(parameters: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    rows = parameters.get("parameter")
    parts: dict[str, list[dict[str, Any]]] = {}
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and isinstance(row.get("name"), str):
            parts.setdefault(row["name"], []).append(row)
    return parts


def _value(part: dict[str, Any]) -> str | None:
    return next((value for key, value in part.items() if key.startswith("value") and isinstance(value, str)), None)
