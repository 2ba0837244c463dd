"""``text``: for people. A head for each resource, a line for each issue and for each rule that was not checked."""

from collections.abc import Iterable, Iterator

from footbridge.model.issues import Issue
from footbridge.validation.bulk.checked import Checked


def write(results: Iterable[Checked]) -> Iterator[str]:
    """What was found in each resource, and a last line that sums up."""
    total = conforming = warnings = unchecked = 0
    for checked in results:
        total += 1
        conforming += checked.outcome.valid
        warnings += sum(issue.severity == "warning" for issue in checked.outcome.issues)
        unchecked += len(checked.outcome.unchecked)
        yield _one(checked)
    if total != 1:
        yield (
            f"{_count(total, 'resource')}: {conforming} conform, {total - conforming} do not; "
            f"{_count(warnings, 'warning')}, {_count(unchecked, 'rule')} not checked\n"
        )


def _one(checked: Checked) -> str:
    outcome = checked.outcome
    what = f"{checked.resource_type}/{checked.id}" if checked.id else checked.resource_type or "document"
    errors = sum(issue.is_error for issue in outcome.issues)
    verdict = "conforms" if outcome.valid else f"does not conform: {_count(errors, 'error')}"
    lines = [f"{checked.source}: {what} {verdict}"]
    lines += [_line(issue) for issue in outcome.issues]
    lines += [f"  unchecked    {row.expression}: {row.rule}, {row.why}" for row in outcome.unchecked]
    return "".join(printable(line) + "\n" for line in lines)


def _line(issue: Issue) -> str:
    column = f":{issue.column}" if issue.column is not None else ""
    place = f" ({issue.line}{column})" if issue.line is not None else ""
    spec = f" {issue.spec}" if issue.spec else ""
    return f"  {issue.severity:<12} {issue.expression or '$this'}{place}: {issue.message} [{issue.rule}]{spec}"


def printable(text: str) -> str:
    """Text without what could steer a terminal or break a line."""
    return (
        text
        if text.isprintable()
        else "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
