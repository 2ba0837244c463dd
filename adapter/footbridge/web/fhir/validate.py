"""``POST /fhir/$validate`` and ``/fhir/TYPE/$validate``: https://hl7.org/fhir/R4/resource-operation-validate.html.

The body is a resource, or Parameters with the resource, ``profile`` and ``mode``, which the query may have too. The
answer is an OperationOutcome with status 200, whatever was found; another status says that nothing was checked, as
where a parameter is not known. Nothing is stored, and no value of the resource comes back.
"""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, request

from footbridge.model.issues import Issue
from footbridge.validation import Outcome, Validator
from footbridge.validation.reading import Document, read_json_text, read_xml
from footbridge.web.errors import Problem
from footbridge.web.fhir import negotiation, outcomes

MODES = ("create", "update", "delete", "profile")
PARAMETERS = ("resource", "mode", "profile")
GENERAL = ("_format", "_pretty", "_summary", "_elements")
"""What any interaction may have in its query: https://hl7.org/fhir/R4/http.html#parameters."""
LONGEST = 64  # characters of a parameter's name that are told
SPEC = "https://hl7.org/fhir/R4/resource-operation-validate.html"
DELETION = Issue("validate.delete", "information", "informational", "Nothing is validated for a deletion.", spec=SPEC)

routes = Blueprint("fhir-validate", __name__, url_prefix="/fhir")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the document with its resource, the profiles to check besides those it claims, the mode."""

    document: Document
    profiles: tuple[str, ...]
    mode: str | None


@routes.post("/$validate")
@routes.post("/<type_name>/$validate")
def validate(type_name: str | None = None) -> Response:
    """Validate the resource that was sent."""
    validator = Validator()
    plan = validator.types.type(type_name) if type_name is not None else None
    if type_name is not None and (plan is None or plan.kind != "resource"):
        raise Problem("not-found", "There is no such resource type in FHIR R4.")
    question = _question(validator, type_name)
    if question.mode == "delete":
        return outcomes.told(Outcome((DELETION,), ()))
    found = validator.check_document(question.document, question.profiles)
    more = _of_request(question, type_name)
    return outcomes.told(replace(found, issues=(*more, *found.issues)))


def _question(validator: Validator, type_name: str | None) -> Question:
    data = request.get_data(cache=False)
    form = negotiation.body_form()
    document = read_xml(data, validator.types) if form == "xml" else read_json_text(data)
    _refuse_unknown(request.args, (*PARAMETERS[1:], *GENERAL))
    profiles, modes = request.args.getlist("profile"), request.args.getlist("mode")
    given = document.resource
    if isinstance(given, dict) and given.get("resourceType") == "Parameters" and type_name != "Parameters":
        parts = _parts(given)
        _refuse_unknown(parts, PARAMETERS)
        profiles += [value for value in map(_value, parts.get("profile", ())) if value is not None]
        modes += [value for value in map(_value, parts.get("mode", ())) if value is not None]
        held = [part.get("resource") for part in parts.get("resource", ())]
        if len(held) > 1 or (not held and "delete" not in modes):
            raise Problem("bad-request", "Parameters must have one part 'resource' with the resource to validate.")
        document = Document(held[0] if held else {}, document.issues)
    if len(set(modes)) > 1 or not set(modes) <= set(MODES):
        raise Problem("bad-request", f"The parameter 'mode' is one of {', '.join(MODES)}.")
    return Question(document, tuple(dict.fromkeys(profiles)), modes[0] if modes else None)


def _refuse_unknown(names: Iterable[str], known: Sequence[str]) -> None:
    """Raise Problem ``bad-request`` for a parameter that is not known: it would not be done what it asks for."""
    for name in names:
        if name not in known:
            shown = "".join(sign if sign.isprintable() else "?" for sign in name[:LONGEST])
            near = difflib.get_close_matches(name[:LONGEST], known, n=1)
            hint = f"Did you mean '{near[0]}'?" if near else f"There is {', '.join(known)}."
            raise Problem("bad-request", f"There is no parameter '{shown}'. {hint}")


def _of_request(question: Question, type_name: str | None) -> list[Issue]:
    """What the address and the mode ask beyond the profiles."""
    resource = question.document.resource
    if not isinstance(resource, dict):
        return []
    found = []
    if type_name is not None and resource.get("resourceType") != type_name:
        found.append(_fault("validate.type", f"The address asks for {type_name}; the resource is of another type."))
    if question.mode == "update" and not resource.get("id"):
        found.append(_fault("validate.update-id", "An update needs the resource's id; it has none."))
    return found


def _fault(rule: str, message: str) -> Issue:
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
