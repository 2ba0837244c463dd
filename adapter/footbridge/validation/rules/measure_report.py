"""MeasureReports against their Measure (rules measurereport.*; https://hl7.org/fhir/R4/measurereport.html).

measurereport.measure   the Measure is not at hand
measurereport.group     groups, populations and stratifiers are those of the Measure, told apart by their codes
measurereport.subjects  only a subject list has subjects, and as many as it counts
measurereport.score     a score that does not fit the Measure's scoring, or none where it has one
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from footbridge.model.issues import Issue, Severity
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.rules.measure_score import score_faults
from footbridge.validation.rules.rows import coding_of, rows_of

SPEC = "measurereport.html"
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
            words = "The Measure is not at hand, so the report is not compared with it."
            return _told("measurereport.measure", str(spot), words, "warning" if canonical else "information")
        groups = rows_of(report.get("group"))
        found = list(_matched(groups, rows_of(measure.get("group")), str(spot), "group"))
        wanted = rows_of(measure.get("group"))
        for at, group in enumerate(groups):
            where = spot.child("group", at)
            found += score_faults(group, measure, report, where)
            found += _populations(group, report, where)
            other = _counterpart(group, wanted) or {}
            for name in ("population", "stratifier"):
                found += _matched(rows_of(group.get(name)), rows_of(other.get(name)), where, name)
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
    for at, code in enumerate(present):
        if code and code in present[:at]:
            yield from _told("measurereport.group", f"{where}.{name}[{at}]", f"Another {name} has this code.")
    for code in codes:
        if code and code not in present and not (single and not present[0]):
            yield from _told("measurereport.group", where, f"A {name} of the Measure is missing.")


def _counterpart(group: Row, wanted: list[Row]) -> Row | None:
    if len(wanted) == 1:
        return wanted[0]
    return next((row for row in wanted if _code(row) and _code(row) == _code(group)), None)


def _code(row: Row) -> tuple[Any, Any] | None:
    """What tells a row from others; a stratifier of a report has a list of codes, of which the first is read."""
    code = row.get("code")
    return coding_of(code[0] if isinstance(code, list) and code else code)


def _populations(group: Row, report: Row, where: str) -> Iterator[Issue]:
    for at, row in enumerate(rows_of(group.get("population"))):
        here = f"{where}.population[{at}]"
        subjects = row.get("subjectResults")
        if report.get("type") != "subject-list":
            if row.get("count") is None:
                yield from _told("measurereport.subjects", here, "A population should have a count.", "warning")
            if subjects is not None:
                yield from _told("measurereport.subjects", here, "Only a subject list has subjects.")
            continue
        if isinstance(subjects, dict) and "reference" not in subjects:
            words = "The subjects have no reference, so they are not counted."
            yield from _told("measurereport.subjects", here, words, "information")
        listed = 0 if subjects is None else _subject_count(subjects, report)
        if listed is not None and isinstance(row.get("count"), int) and row["count"] != listed:
            yield from _told("measurereport.subjects", here, "The count is not the number of subjects in the list.")


def _subject_count(reference: Any, report: Row) -> int | None:  # noqa: ANN401 - JSON is any value
    target = reference.get("reference") if isinstance(reference, dict) else None
    if not isinstance(target, str) or not target.startswith("#"):
        return None
    for row in rows_of(report.get("contained")):
        if row.get("id") == target[1:]:
            return len(rows_of(row.get("entry")))
    return None


def _told(rule: str, where: str, words: str, severity: Severity = "error") -> Findings:
    return finding(rule, where, words, severity=severity, code="business-rule", spec=SPEC)
