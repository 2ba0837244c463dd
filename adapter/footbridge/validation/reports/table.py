"""``csv``: a row for each issue, for a spreadsheet; RFC 4180, in UTF-8, with a heading.

What was not checked is a row of severity ``unchecked``. A resource without any has no row. A text that a spreadsheet
would take for a formula gets an apostrophe before it (https://owasp.org/www-community/attacks/CSV_Injection): names of
files and ids are not ours.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator

from footbridge.validation.bulk.checked import Checked
from footbridge.validation.reports.shape import USUAL, Shape

HEADING = (
    "source", "line", "column", "resourceType", "id", "severity", "rule", "code", "expression", "profile", "message",
    "spec",
)  # fmt: skip
_FORMULA = re.compile(r"[=+\-@\t\r]")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
Cell = str | int | None


def write(results: Iterable[Checked], _: Shape = USUAL) -> Iterator[str]:
    """The heading, then the rows of each resource as it is done."""
    yield _lines([HEADING])
    for checked in results:
        if rows := list(_rows(checked)):
            yield _lines(rows)


def _rows(checked: Checked) -> Iterator[tuple[Cell, ...]]:
    kind, identity = checked.resource_type, checked.id
    for one in checked.outcome.issues:
        yield (
            checked.source, one.line, one.column, kind, identity, one.severity, one.rule, one.code, one.expression,
            one.profile, one.message, one.spec,
        )  # fmt: skip
    for row in checked.outcome.unchecked:
        what = (checked.source, None, None, kind, identity, "unchecked")
        yield (*what, row.rule, None, row.expression, None, row.why, None)


def _lines(rows: Iterable[tuple[Cell, ...]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([_safe(cell) for cell in row] for row in rows)
    return text.getvalue()


def _safe(cell: Cell) -> Cell:
    if not isinstance(cell, str):
        return cell
    plain = _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", cell)
    return f"'{plain}" if _FORMULA.match(cell) and cell != "-" else plain
