"""``$validate``, on a type and on the system: https://hl7.org/fhir/R4/resource-operation-validate.html.

The body is a resource, or Parameters with the resource, ``profile`` and ``mode``, which the query may have too. The
answer is an OperationOutcome with status 200, whatever was found; another status says that nothing was checked, as
where a parameter is not known. Nothing is stored, and no value of the resource comes back.

A validation that takes too long is stopped: the answer has status 200 and what was found till then, with an issue of
severity ``fatal`` and type ``too-costly``. When too many run at once the answer is 503 with Retry-After.
"""

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from footbridge.fhirserver.bodies import read_document
from footbridge.fhirserver.message import GENERAL, LONGEST, printable
from footbridge.fhirserver.offer import Operation, OperationCall
from footbridge.fhirserver.validate_limits import Limits, default_limits, within_limits
from footbridge.i18n import _
from footbridge.metrics import validation
from footbridge.model.issues import Issue
from footbridge.store.interaction_errors import InvalidRequest, NotFound
from footbridge.validation import Budget, Outcome, Validator
from footbridge.validation.reading import Document
from footbridge.validation.reports.operation_outcome import outcome

MODES = ("create", "update", "delete", "profile")
PARAMETERS = ("resource", "mode", "profile")
SPEC = "https://hl7.org/fhir/R4/resource-operation-validate.html"
DEFINITION = "http://hl7.org/fhir/OperationDefinition/Resource-validate"
DELETION = Issue(
    "validate.delete", "information", "informational", _("Nothing is validated for a deletion."), spec=SPEC
)


def validate_operation(limits: Callable[[], Limits] | None = None) -> Operation:
    """``$validate`` for an offer, by everything that Footbridge knows.

    Args:
        limits: asked at each call for what it may cost; None: 5 seconds each, 2 at once.
    """
    usual = default_limits()

    def run(call: OperationCall) -> dict[str, Any]:
        return validate(call, usual if limits is None else limits())

    return Operation("validate", DEFINITION, run)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the document with its resource, the profiles to check besides those it claims, the mode."""

    document: Document
    profiles: tuple[str, ...]
    mode: str | None


def validate(call: OperationCall, limits: Limits) -> dict[str, Any]:
    """Validate the resource that was sent; an OperationOutcome.

    Raises NotFound for a type that R4 does not have, Overloaded when too many validations run.
    """
    with limits.budget() as budget, validation("operation"):
        return _validated(call, budget)


def _validated(call: OperationCall, budget: Budget) -> dict[str, Any]:
    validator = Validator()
    plan = validator.types.type(call.type) if call.type is not None else None
    if call.type is not None and (plan is None or plan.kind != "resource"):
        raise NotFound(_("FHIR R4 has no such resource type."))
    question = _question(call)
    if question.mode == "delete":
        return outcome(Outcome((DELETION,), ()))
    found = validator.check_document(question.document, question.profiles, budget=budget)
    more = _of_request(question, call.type)
    return outcome(within_limits(replace(found, issues=(*more, *found.issues))))


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
            raise InvalidRequest(_("Parameters must have one part 'resource' with the resource to validate."))
        document = Document(held[0] if held else {}, document.issues)
    if len(set(modes)) > 1 or not set(modes) <= set(MODES):
        raise InvalidRequest(_("The parameter 'mode' is one of {modes}.", modes=", ".join(MODES)))
    return Question(document, tuple(dict.fromkeys(profiles)), modes[0] if modes else None)


def _refuse_unknown(names: Iterable[str], known: Sequence[str]) -> None:
    """Raise InvalidRequest for a parameter that is not known: it would not be done what it asks for."""
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name[:LONGEST], known, n=1)
            hint = (
                _("Did you mean '{near}'?", near=near[0]) if near else _("Supported: {known}.", known=", ".join(known))
            )
            raise InvalidRequest(_("Unknown parameter '{name}'. {hint}", name=printable(name), hint=hint))


def _of_request(question: Question, type_name: str | None) -> list[Issue]:
    """What the address and the mode ask beyond the profiles."""
    resource = question.document.resource
    if not isinstance(resource, dict):
        return []
    found = []
    if type_name is not None and resource.get("resourceType") != type_name:
        found.append(
            _error(
                "validate.type",
                _("The address asks for {type}; the resource is of another type.", type=type_name),
            )
        )
    if question.mode == "update" and not resource.get("id"):
        found.append(_error("validate.update-id", _("An update needs the resource's id; it has none.")))
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
