"""The score of a report's group against the Measure's scoring (rule measurereport.score).

https://hl7.org/fhir/R4/measurereport-definitions.html#MeasureReport.group.measureScore,
https://hl7.org/fhir/R4/valueset-measure-scoring.html
"""

from collections.abc import Iterator
from decimal import Decimal

from footbridge.model.issues import Issue, Severity
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import Findings
from footbridge.validation.rules.rows import Row, rows_of, text_of

SPEC = "measurereport.html"
SCORED = frozenset({"continuous-variable", "proportion", "ratio"})


def score_faults(group: Row, measure: Row, report: Row, where: str) -> Iterator[Issue]:
    """What is wrong with the score of one group."""
    scoring, score, here = _scoring(measure), group.get("measureScore"), f"{where}.measureScore"
    if scoring == "cohort" or report.get("type") == "data-collection":
        if score is not None:
            yield from _told(here, "There is no score where the Measure has none.")
        return
    if scoring not in SCORED:
        return
    if not isinstance(score, dict):
        yield from _told(where, f"A Measure with the scoring {scoring} needs a score.")
        return
    value = score.get("value")
    if value is None:
        yield from _told(here, f"The score of a Measure with the scoring {scoring} needs a value.")
    elif scoring == "proportion" and isinstance(value, int | float | Decimal) and not 0 <= value <= 1:
        yield from _told(f"{here}.value", "A proportion is between 0 and 1.")
    for name in ("unit", "system", "code") if scoring == "proportion" else ():
        if name in score:
            yield from _told(f"{here}.{name}", "A proportion has no unit.")
    if scoring == "ratio" and "unit" not in score:
        yield from _told(here, "A ratio should have a unit.", "warning")


def _scoring(measure: Row) -> str | None:
    scoring = measure.get("scoring")
    codings = rows_of(scoring.get("coding")) if isinstance(scoring, dict) else []
    return text_of(codings[0].get("code")) if codings else None


def _told(where: str, words: str, severity: Severity = "error") -> Findings:
    return finding("measurereport.score", where, words, severity=severity, code="business-rule", spec=SPEC)
