"""``junit``: JUnit's XML, which build servers show. A test case is a resource; one that does not conform has failed."""

import re
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape, quoteattr

from footbridge.model.issues import Issue
from footbridge.validation.bulk.checked import Checked

_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(results: Iterable[Checked]) -> Iterator[str]:
    """One test suite; it is held until its counts are known, which stand before the cases."""
    cases = []
    failed = 0
    for checked in results:
        failed += not checked.outcome.valid
        cases.append(_case(checked))
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<testsuites><testsuite name="footbridge validate" tests="{len(cases)}" failures="{failed}" errors="0">\n'
    yield from cases
    yield "</testsuite></testsuites>\n"


def _case(checked: Checked) -> str:
    outcome = checked.outcome
    errors = [issue for issue in outcome.issues if issue.is_error]
    others = [_line(issue) for issue in outcome.issues if not issue.is_error]
    others += [f"unchecked {row.expression}: {row.rule}, {row.why}" for row in outcome.unchecked]
    made = f"<testcase classname={_attribute(checked.resource_type or 'document')} name={_attribute(checked.source)}>"
    if errors:
        told = "\n".join(_line(issue) for issue in errors)
        message = f"{errors[0].message} ({len(errors)} in all)" if len(errors) > 1 else errors[0].message
        made += f"<failure type={_attribute(errors[0].rule)} message={_attribute(message)}>{_text(told)}</failure>"
    if others:
        made += f"<system-out>{_text(chr(10).join(others))}</system-out>"
    return made + "</testcase>\n"


def _line(issue: Issue) -> str:
    place = f" (line {issue.line})" if issue.line is not None else ""
    return f"{issue.severity} {issue.expression or '$this'}{place}: {issue.message} [{issue.rule}]"


def _text(value: str) -> str:
    return escape(_FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", value))


def _attribute(value: str) -> str:
    return quoteattr(_FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", value))
