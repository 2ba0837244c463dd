"""The one writer of OperationOutcome: findings in, FHIR's form of them out (https://hl7.org/fhir/R4/operationoutcome.html).

Every FHIR answer of Footbridge, and the report of a validation, comes from here: the sentence in ``details.text``, the
id of the rule in the extension ``operationoutcome-message-id``, the place in ``expression``.
Where a request was refused, ``details.coding`` says who has to put it right, by our CodeSystem ``fault``.
"""

import functools
from collections.abc import Iterable
from typing import Any

from footbridge.error_kinds import Fault
from footbridge.i18n import _, spoken
from footbridge.model.issues import Issue
from footbridge.uris import own_uri

MESSAGE_ID = "http://hl7.org/fhir/StructureDefinition/operationoutcome-message-id"
FILE = "http://hl7.org/fhir/StructureDefinition/operationoutcome-file"
Json = dict[str, Any]


def operation_outcome(
    issues: Iterable[Issue], *, otherwise: str = "", source: str | None = None, fault: Fault | None = None
) -> Json:
    """An OperationOutcome with these issues.

    Args:
        issues: in the order in which they are shown.
        otherwise: the sentence of its one informational issue, where there are no issues; FHIR requires one.
        source: the name of the file that was checked.
        fault: who has to put the errors right, of a request that was refused; a code of our CodeSystem ``fault``.
    """
    shown = [_issue(issue, fault) for issue in issues]
    if not shown:
        text = spoken(otherwise or _("There are no issues."))
        shown = [{"severity": "information", "code": "informational", "details": {"text": text}}]
    made: Json = {"resourceType": "OperationOutcome"}
    if source is not None:
        made["extension"] = [{"url": FILE, "valueString": source}]
    return made | {"issue": shown}


@functools.cache
def _system() -> str:
    return own_uri("CodeSystem/fault")


def _issue(issue: Issue, fault: Fault | None) -> Json:
    whose = {} if fault is None or not issue.is_error else {"coding": [{"system": _system(), "code": fault}]}
    made: Json = {"extension": [{"url": MESSAGE_ID, "valueString": issue.rule}]} if issue.rule else {}
    made |= {"severity": issue.severity, "code": issue.code, "details": {**whose, "text": spoken(issue.message)}}
    notes = [issue.profile or "", issue.spec or ""]
    if issue.line is not None:
        notes.insert(0, f"line {issue.line}" + (f", column {issue.column}" if issue.column is not None else ""))
    if any(notes):
        made["diagnostics"] = "; ".join(note for note in notes if note)
    if issue.expression:
        made["expression"] = [issue.expression]
    return made
