"""``operationoutcome``: FHIR's own form, https://hl7.org/fhir/R4/operationoutcome.html.

One resource gives one OperationOutcome, several a collection Bundle of them, in the order of the input.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from footbridge.model.issues import Issue
from footbridge.model.operation_outcome import operation_outcome
from footbridge.validation.bulk.checked import Checked
from footbridge.validation.engine.engine import Outcome
from footbridge.validation.reports.lines import compact
from footbridge.validation.reports.shape import USUAL, Shape

CONFORMS = "The resource conforms to everything that it was checked against."
Json = dict[str, Any]


def write(results: Iterable[Checked], _: Shape = USUAL) -> Iterator[str]:
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
    unchecked = [
        Issue("", "information", "incomplete", f"Not checked: {row.rule}, {row.why}.", expression=row.expression)
        for row in found.unchecked
    ]
    return operation_outcome([*found.issues, *unchecked], otherwise=CONFORMS, source=source)


def _entry(row: str) -> str:
    return f'{{"resource":{row}}}'
