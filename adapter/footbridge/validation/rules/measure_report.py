"""MeasureReports against their Measure (rules measurereport.*; https://hl7.org/fhir/R4/measurereport.html).

measurereport.group     groups and stratifiers are those of the Measure, told apart by their codes
measurereport.subjects  only a subject list has subjects, and as many as it counts
measurereport.score     a score where the Measure's scoring has none, or the report only collects data
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from footbridge.model.issues import Issue
from footbridge.validation.engine.plan import NONE, Findings
from footbridge.validation.engine.scope import Scope
from footbridge.validation.engine.spot import Spot
from footbridge.validation.rules.finding import finding

SPEC = "measurereport.html"
UNSCORED = frozenset({"cohort"})
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ReportOfMeasure:
    """The groups of a report."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Find the Measure, and compare group by group."""
        report = spot.value
        canonical = report.get("measure")
        measure = scope.run.engine.definitions.resource("Measure", canonical) if isinstance(canonical, str) else None
        if measure is None:
            return NONE
        groups = _rows(report.get("group"))
        found = list(_matched(groups, _rows(measure.get("group")), str(spot), "group"))
        wanted = _rows(measure.get("group"))
        for at, group in enumerate(groups):
            where = spot.child("group", at)
            found += _score(group, measure, report, where)
            found += _populations(group, report, where)
            other = _counterpart(group, wanted)
            found += _matched(
                _rows(group.get("stratifier")), _rows((other or {}).get("stratifier")), where, "stratifier"
            )
        return found


def _matched(rows: list[Row], wanted: list[Row], where: str, name: str) -> Iterator[Issue]:
    """Each row has a code that the Measure has, and each code of the Measure a row."""
    if not wanted or (len(wanted) == 1 and len(rows) == 1 and not _code(wanted[0])):
        return
    codes = [_code(row) for row in wanted]
    single = len(wanted) == 1 and len(rows) == 1
    for at, row in enumerate(rows):
        code = _code(row)
        if not code and not single:
            yield from _told(
                "measurereport.group",
                f"{where}.{name}[{at}]",
                f"The {name} has no code to tell which of the Measure it is.",
            )
        elif code and code not in codes and any(codes):
            yield from _told(
                "measurereport.group", f"{where}.{name}[{at}]", f"The Measure has no {name} with this code."
            )
    present = [_code(row) for row in rows]
    for code in codes:
        if code and code not in present and not (single and not present[0]):
            yield from _told("measurereport.group", where, f"A {name} of the Measure is missing.")


def _counterpart(group: Row, wanted: list[Row]) -> Row | None:
    if len(wanted) == 1:
        return wanted[0]
    return next((row for row in wanted if _code(row) and _code(row) == _code(group)), None)


def _code(row: Row) -> tuple[Any, Any] | None:
    """What tells a row from others: the first coding of its code, or its text."""
    code = row.get("code")
    if not isinstance(code, dict):
        return None
    codings = _rows(code.get("coding"))
    if codings:
        return codings[0].get("system"), codings[0].get("code")
    return (None, code["text"]) if isinstance(code.get("text"), str) else None


def _score(group: Row, measure: Row, report: Row, where: str) -> Iterator[Issue]:
    if "measureScore" not in group:
        return
    scoring = measure.get("scoring")
    codings = _rows(scoring.get("coding")) if isinstance(scoring, dict) else []
    if any(row.get("code") in UNSCORED for row in codings) or report.get("type") == "data-collection":
        yield from _told(
            "measurereport.score", f"{where}.measureScore", "There is no score where the Measure has none."
        )


def _populations(group: Row, report: Row, where: str) -> Iterator[Issue]:
    for at, row in enumerate(_rows(group.get("population"))):
        here = f"{where}.population[{at}]"
        subjects = row.get("subjectResults")
        if report.get("type") != "subject-list":
            if subjects is not None:
                yield from _told("measurereport.subjects", here, "Only a subject list has subjects.")
            continue
        listed = _subject_count(subjects, report)
        if listed is not None and isinstance(row.get("count"), int) and row["count"] != listed:
            yield from _told("measurereport.subjects", here, "The count is not the number of subjects in the list.")


def _subject_count(reference: Any, report: Row) -> int | None:  # noqa: ANN401 - JSON is any value
    target = reference.get("reference") if isinstance(reference, dict) else None
    if not isinstance(target, str) or not target.startswith("#"):
        return None
    for row in _rows(report.get("contained")):
        if row.get("id") == target[1:]:
            return len(_rows(row.get("entry")))
    return None


def _rows(value: Any) -> list[Row]:  # noqa: ANN401 - JSON is any value
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _told(rule: str, where: str, words: str) -> Findings:
    return finding(rule, where, words, code="business-rule", spec=SPEC)
