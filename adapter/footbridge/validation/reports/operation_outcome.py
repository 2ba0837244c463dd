"""``operationoutcome``: FHIR's own form, https://hl7.org/fhir/R4/operationoutcome.html.

One resource gives one OperationOutcome, several a collection Bundle of them, in the order of the input.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from footbridge.model.issues import Issue
from footbridge.validation.bulk.checked import Checked
from footbridge.validation.engine.engine import Outcome
from footbridge.validation.reports.lines import compact

_HL7 = "http://hl7.org/fhir/StructureDefinition/"
MESSAGE_ID = _HL7 + "operationoutcome-message-id"
FILE = _HL7 + "operationoutcome-file"
Json = dict[str, Any]


def write(results: Iterable[Checked]) -> Iterator[str]:
    """One OperationOutcome, or a Bundle of them."""
    rows = (compact(outcome(checked.outcome, checked.source)) for checked in results)
    first = next(rows, None)
    second = next(rows, None)
    if first is not None and second is None:
        yield first + "\n"
        return
    yield '{"resourceType":"Bundle","type":"collection"'
    if first is not None and second is not None:
        yield ',"entry":[\n' + _entry(first) + ",\n" + _entry(second)
        for row in rows:
            yield ",\n" + _entry(row)
        yield "\n]"
    yield "}\n"


def outcome(found: Outcome, source: str | None = None) -> Json:
    """One validation as an OperationOutcome; what was not checked is an issue of severity information."""
    issues = [_issue(issue) for issue in found.issues] + [
        {
            "severity": "information",
            "code": "incomplete",
            "details": {"text": f"Not checked: {row.rule}, {row.why}."},
            "expression": [row.expression],
        }
        for row in found.unchecked
    ]
    if not issues:
        text = "The resource conforms to everything that it was checked against."
        issues = [{"severity": "information", "code": "informational", "details": {"text": text}}]
    made: Json = {"resourceType": "OperationOutcome"}
    if source is not None:
        made["extension"] = [{"url": FILE, "valueString": source}]
    return made | {"issue": issues}


def _issue(issue: Issue) -> Json:
    made: Json = {
        "extension": [{"url": MESSAGE_ID, "valueString": issue.rule}],
        "severity": issue.severity,
        "code": issue.code,
        "details": {"text": issue.message},
    }
    notes = [issue.profile or "", issue.spec or ""]
    if issue.line is not None:
        notes.insert(0, f"line {issue.line}" + (f", column {issue.column}" if issue.column is not None else ""))
    if any(notes):
        made["diagnostics"] = "; ".join(note for note in notes if note)
    if issue.expression:
        made["expression"] = [issue.expression]
    return made


def _entry(row: str) -> str:
    return f'{{"resource":{row}}}'
