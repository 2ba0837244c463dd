"""``sarif``: SARIF 2.1.0 for code hosts and editors, https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html.

What was not checked is told as notes of kind ``open``.
"""

from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from footbridge import __version__
from footbridge.model.issues import Issue
from footbridge.validation.bulk.checked import Checked
from footbridge.validation.reports.lines import compact
from footbridge.validation.reports.shape import USUAL, Shape

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"fatal": "error", "error": "error", "warning": "warning", "information": "note"}
Json = dict[str, Any]


def write(results: Iterable[Checked], shape: Shape = USUAL) -> Iterator[str]:
    """One run: its results as they come, then the exit code, and the tool with the rules that it told of."""
    rules: dict[str, str | None] = {}
    yield f'{{"$schema":"{SCHEMA}","version":"2.1.0","runs":[{{"results":['
    before = "\n"
    failed = False
    for checked in results:
        failed = failed or shape.fails(checked)
        for row in _results(checked, rules):
            yield before + compact(row)
            before = ",\n"
    done = compact([{"executionSuccessful": True, "exitCode": int(failed)}])
    tool = f'"tool":{{"driver":{compact(_driver(rules))}}}'
    yield f'\n],"invocations":{done},"columnKind":"unicodeCodePoints",{tool}}}]}}\n'


def _results(checked: Checked, rules: dict[str, str | None]) -> Iterator[Json]:
    file = checked.source.rsplit(":", 1)[0] if checked.source.rpartition(":")[2].isdigit() else checked.source
    for issue in checked.outcome.issues:
        rules.setdefault(issue.rule, issue.spec)
        yield {
            "ruleId": issue.rule,
            "level": LEVELS[issue.severity],
            "message": {"text": issue.message},
            "locations": [_location(file, issue.expression, issue)],
            **({"properties": {"profile": issue.profile}} if issue.profile else {}),
        }
    for row in checked.outcome.unchecked:
        rules.setdefault(row.rule, None)
        yield {
            "ruleId": row.rule,
            "kind": "open",
            "level": "none",
            "message": {"text": f"Not checked: {row.why}."},
            "locations": [_location(file, row.expression, None)],
        }


def _location(file: str, expression: str | None, issue: Issue | None) -> Json:
    physical: Json = {"artifactLocation": {"uri": quote(PurePath(file).as_posix(), errors="replace")}}
    if issue is not None and issue.line is not None:
        physical["region"] = {"startLine": issue.line}
        if issue.column:
            physical["region"]["startColumn"] = issue.column
    return {"physicalLocation": physical, "logicalLocations": [{"fullyQualifiedName": expression or "$this"}]}


def _driver(rules: dict[str, str | None]) -> Json:
    rows = [{"id": rule} | ({"helpUri": spec} if spec else {}) for rule, spec in sorted(rules.items())]
    return {"name": "footbridge", "version": __version__, "rules": rows}
