"""``junit``: JUnit's XML, which build servers show. A test case is a resource.

One that does not conform has failed; with ``--fail-on`` one with a warning, or with something unchecked, has too, so
that the report says what the exit code says.
"""

import re
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape, quoteattr

from footbridge.model.issues import Issue
from footbridge.validation.bulk.checked import Checked
from footbridge.validation.reports.shape import USUAL, Shape
from footbridge.validation.reports.text import origin

_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(results: Iterable[Checked], shape: Shape = USUAL) -> Iterator[str]:
    """One test suite; it is held until its counts are known, which stand before the cases."""
    cases = []
    failed = 0
    for checked in results:
        failed += shape.fails(checked)
        cases.append(_case(checked, shape))
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<testsuites><testsuite name="footbridge validate" tests="{len(cases)}" failures="{failed}" errors="0">\n'
    yield from cases
    yield "</testsuite></testsuites>\n"


def _case(checked: Checked, shape: Shape) -> str:
    outcome = checked.outcome
    failing = shape.failing(checked)
    told_above = set(map(id, failing))
    others = [_line(issue) for issue in outcome.issues if id(issue) not in told_above]
    unchecked = [f"unchecked {row.expression}: {row.rule}, {row.why}" for row in outcome.unchecked]
    others += unchecked
    made = f"<testcase classname={_attribute(checked.resource_type or 'document')} name={_attribute(checked.source)}>"
    if failing:
        told = "\n".join(_line(issue) for issue in failing)
        message = f"{failing[0].message} ({len(failing)} in all)" if len(failing) > 1 else failing[0].message
        made += f"<failure type={_attribute(failing[0].rule)} message={_attribute(message)}>{_text(told)}</failure>"
    elif shape.fails(checked):
        message = f"{len(unchecked)} not checked"
        told = "\n".join(unchecked)
        made += f"<failure type={_attribute('unchecked')} message={_attribute(message)}>{_text(told)}</failure>"
    if others:
        made += f"<system-out>{_text(chr(10).join(others))}</system-out>"
    return made + "</testcase>\n"


def _line(issue: Issue) -> str:
    place = f" (line {issue.line})" if issue.line is not None else ""
    return f"{issue.severity} {issue.expression or '$this'}{place}: {issue.message} [{issue.rule}]{origin(issue)}"


def _text(value: str) -> str:
    return escape(_FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", value))


def _attribute(value: str) -> str:
    return quoteattr(_FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", value))
