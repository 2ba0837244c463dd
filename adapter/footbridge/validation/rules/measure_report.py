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
from footbridge.validation.rules.rows import rows_of, text_of

SPEC = "measurereport.html"
Row = dict[str, Any]
# What a report need not have: https://hl7.org/fhir/R4/codesystem-measure-population.html
OBSERVED = frozenset({("http://terminology.hl7.org/CodeSystem/measure-population", "measure-observation")})


@dataclass(frozen=True, slots=True)
class ReportOfMeasure:
    """The groups of a report."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Find the Measure, and compare group by group."""
        report = spot.value
        canonical = report.get("measure")
        measure = _measure(canonical, report, scope) if isinstance(canonical, str) else None
        if measure is None:
            words = "The Measure is not at hand, so the report is not compared with it."
            return _told("measurereport.measure", str(spot), words, "warning" if canonical else "information")
        groups, wanted = rows_of(report.get("group")), rows_of(measure.get("group"))
        found = list(_groups(groups, wanted, report, str(spot)))
        for at, group in enumerate(groups if wanted else ()):
            where = spot.child("group", at)
            found += score_faults(group, measure, report, where)
            found += _populations(group, report, where, scope)
            other = _counterpart(group, wanted)
            if other is not None:
                found += _parts(group, other, where)
        return found


def _parts(group: Row, other: Row, where: str) -> Iterator[Issue]:
    for name in ("population", "stratifier"):
        yield from _matched(rows_of(group.get(name)), rows_of(other.get(name)), where, name)


def _measure(canonical: str, report: Row, scope: Scope) -> Row | None:
    if not canonical.startswith("#"):
        return scope.run.engine.definitions.resource("Measure", canonical)
    held = (row for row in rows_of(report.get("contained")) if row.get("resourceType") == "Measure")
    return next((row for row in held if row.get("id") == canonical[1:]), None)


def _groups(groups: list[Row], wanted: list[Row], report: Row, where: str) -> Iterator[Issue]:
    """The groups; of one that stands alone the code may be left out, in the Measure as in the report."""
    if not wanted or (not groups and report.get("type") == "data-collection"):
        return
    if len(wanted) == 1 == len(groups):
        own, other = _codes(groups[0]), _codes(wanted[0])
        if "code" in wanted[0] and "code" in groups[0] and not own & other:
            yield from _told("measurereport.group", f"{where}.group[0]", "The Measure has no group with this code.")
        return
    yield from _matched(groups, wanted, where, "group")


def _matched(rows: list[Row], wanted: list[Row], where: str, name: str) -> Iterator[Issue]:
    """Each row has a code that the Measure has, and each code of the Measure a row."""
    met: set[int] = set()
    texts = name == "stratifier"
    for at, row in enumerate(rows):
        here = f"{where}.{name}[{at}]"
        if "code" not in row:
            words = f"The {name} has no code to tell which of the Measure it is."
            yield from _told("measurereport.group", here, words)
            continue
        number = next(
            (number for number, other in enumerate(wanted) if _codes(row, texts=texts) & _codes(other, texts=texts)),
            None,
        )
        if number is None:
            yield from _told("measurereport.group", here, f"The Measure has no {name} with this code.")
        elif number in met:
            yield from _told("measurereport.group", here, f"Another {name} has this code.")
        else:
            met.add(number)
    for number, other in enumerate(wanted):
        if number not in met and not _codes(other) & OBSERVED:
            yield from _told("measurereport.group", where, f"A {name} of the Measure is missing.")


def _counterpart(group: Row, wanted: list[Row]) -> Row | None:
    if len(wanted) == 1:
        return wanted[0]
    return next((row for row in wanted if _codes(row) & _codes(group)), None)


def _codes(row: Row, *, texts: bool = False) -> set[tuple[str, str]]:
    """What tells a row from others: the codes with a system; a stratifier of a report has a list of concepts.

    Stratifiers without codes are told by their texts.
    """
    code = row.get("code")
    concepts = rows_of(code) if isinstance(code, list) else rows_of([code])
    codings = [one for concept in concepts for one in rows_of(concept.get("coding"))]
    pairs = [(text_of(one.get("system")), text_of(one.get("code"))) for one in codings]
    found = {(system, code) for system, code in pairs if system and code}
    if texts and not codings:
        found = {("", text) for concept in concepts if (text := text_of(concept.get("text")))}
    return found


def _populations(group: Row, report: Row, where: str, scope: Scope) -> Iterator[Issue]:
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
        listed, held = (0, False) if subjects is None else _subject_count(subjects, scope)
        if listed is not None and isinstance(row.get("count"), int) and row["count"] != listed:
            words = "The count is not the number of subjects in the list."
            yield from _told("measurereport.subjects", here, words, "warning" if held else "error")


def _subject_count(reference: Any, scope: Scope) -> tuple[int | None, bool]:  # noqa: ANN401 - JSON is any value
    """How many subjects a list has, None where it is not at hand; and whether the report contains it."""
    url = reference.get("reference") if isinstance(reference, dict) else None
    target = scope.run.engine.resolve(url, scope) if isinstance(url, str) and url else None
    resource = target.resource if target is not None else None
    if not isinstance(url, str) or not isinstance(resource, dict) or resource.get("resourceType") != "List":
        return None, False
    return len(rows_of(resource.get("entry"))), url.startswith("#")


def _told(rule: str, where: str, words: str, severity: Severity = "error") -> Findings:
    return finding(rule, where, words, severity=severity, code="business-rule", spec=SPEC)
