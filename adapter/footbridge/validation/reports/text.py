"""``text``: for people. A head for each resource, a line for each issue, and what was not checked."""

from collections.abc import Iterable, Iterator, Sequence

from footbridge.model.issues import Issue
from footbridge.validation.bulk.checked import Checked
from footbridge.validation.core.scope import Unchecked
from footbridge.validation.origin import base_of
from footbridge.validation.reports.shape import USUAL, Shape, tally


def write(results: Iterable[Checked], shape: Shape = USUAL) -> Iterator[str]:
    """What was found in each resource, and a last line that sums up where there are several."""
    total = conforming = warnings = unchecked = failed = 0
    for checked in results:
        fails = shape.fails(checked)
        total += 1
        conforming += checked.outcome.valid
        failed += fails
        for issue in checked.outcome.issues:
            warnings += issue.severity == "warning"
        unchecked += len(checked.outcome.unchecked)
        if not shape.quiet or fails:
            yield _one(checked, shape)
    if total != 1 and not shape.quiet:
        more = f"; {_count(failed, 'resource')} failed by --fail-on" if failed > total - conforming else ""
        yield (
            f"{_count(total, 'resource')}: {conforming} conform, {total - conforming} do not; "
            f"{_count(warnings, 'warning')}, {_count(unchecked, 'rule')} not checked{more}\n"
        )


def _one(checked: Checked, shape: Shape) -> str:
    outcome = checked.outcome
    what = f"{checked.resource_type}/{checked.id}" if checked.id else checked.resource_type or "document"
    errors = sum(issue.is_error for issue in outcome.issues)
    verdict = "conforms" if outcome.valid else f"does not conform: {_count(errors, 'error')}"
    open_ones = f"; {_count(len(outcome.unchecked), 'rule')} not checked" if outcome.valid and outcome.unchecked else ""
    lines = [f"{checked.source}: {what} {verdict}{open_ones}"]
    lines += [_line(issue) for issue in (shape.failing(checked) if shape.quiet else outcome.issues)]
    if not shape.quiet or shape.counts_unchecked:
        lines += _unchecked(outcome.unchecked, shape)
    return "".join(printable(line) + "\n" for line in lines)


def _unchecked(rows: Sequence[Unchecked], shape: Shape) -> list[str]:
    """What was not checked: a single row in full, more of them counted unless all are asked for."""
    if len(rows) < 2 or shape.all_unchecked:
        return [f"  unchecked    {row.expression}: {row.rule}, {row.why}" for row in rows]
    return [f"  unchecked    {len(rows)} rules: {tally(row.rule for row in rows)}; --show-unchecked lists each"]


def _line(issue: Issue) -> str:
    column = f":{issue.column}" if issue.column is not None else ""
    place = f" ({issue.line}{column})" if issue.line is not None else ""
    spec = f" {issue.spec}" if issue.spec else ""
    told = f"  {issue.severity:<12} {issue.expression or '$this'}{place}: {issue.message} [{issue.rule}]"
    return f"{told}{origin(issue)}{spec}"


def origin(issue: Issue) -> str:
    """Where the rule comes from, to stand after its id: `` base Task``, `` profile URL``."""
    base = base_of(issue.profile)
    return f" base {base}" if base is not None else f" profile {issue.profile}" if issue.profile else ""


def printable(text: str) -> str:
    """Text without what could steer a terminal or break a line."""
    return (
        text
        if text.isprintable()
        else "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
