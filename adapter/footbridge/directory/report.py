"""A report of findings as a file: a spreadsheet, CSV, or a page that opens in any browser."""

import csv
import html
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import chain
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, BinaryIO, TextIO, cast

from footbridge.directory.findings import COLUMNS, FindingLine
from footbridge.directory.rules import ORDER, Language, rule, severity_word
from footbridge.i18n import _, in_language

if TYPE_CHECKING:
    from xlsxwriter import Workbook

    from footbridge.directory.records import Severity

HEADS = (
    _("Severity"),
    _("Rule"),
    _("What was found"),
    _("What was done"),
    _("Record"),
    _("Id"),
    _("Name"),
    _("Member"),
    _("Value"),
    _("Value now"),
    _("Where"),
    _("Line"),
)
"""Heads of a report in English; ``in_language`` says them in another."""

_WIDTHS = (11, 26, 50, 40, 14, 16, 32, 24, 40, 40, 36, 8)
# A spreadsheet would take the cell for a formula (https://owasp.org/www-community/attacks/CSV_Injection).
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NUMBER = re.compile(r"[+-][0-9]+(?:\.[0-9]+)?")
SHEET_ROWS = 1_048_576  # that a sheet can hold, its head among them
CELL_SIGNS = 32_767  # that a cell can hold
_IN_MEMORY = 8 << 20  # bytes of a spreadsheet before it goes to a temporary file
MOST_SHOWN = 5_000  # lines that a page holds; the counts above them are whole


def write_csv(lines: Iterable[FindingLine], target: TextIO) -> int:
    """Write CSV (RFC 4180) with names of members as heads; returns how many lines."""
    writer = csv.writer(target)
    writer.writerow(COLUMNS)
    count = 0
    for line in lines:
        writer.writerow([safe_cell(value) for value in line.values()])
        count += 1
    return count


def write_xlsx(lines: Iterable[FindingLine], target: BinaryIO, language: Language = "en") -> int:
    """Write a spreadsheet with a filter on each column; returns how many lines there are.

    What a sheet cannot hold is counted in its last row. Raises OSError.
    """
    import xlsxwriter  # noqa: PLC0415 - only where a spreadsheet is asked for
    from xlsxwriter.exceptions import FileCreateError  # noqa: PLC0415

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with SpooledTemporaryFile(_IN_MEMORY) as whole:
        book = xlsxwriter.Workbook(whole, options)
        count = _fill(book, lines, language)
        try:
            book.close()
        except FileCreateError as failed:
            raise failed.args[0] from None  # the OSError that it stands for
        whole.seek(0)
        copyfileobj(whole, target)
    return count


def _fill(book: "Workbook", lines: Iterable[FindingLine], language: Language) -> int:
    sheet = book.add_worksheet(in_language(_("Findings"), language))
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width, wrapped)
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, [in_language(head, language) for head in HEADS], bold)
    room = SHEET_ROWS - 2  # for a head, and for what does not fit
    count = 0
    for count, line in enumerate(lines, 1):
        if count <= room:
            sheet.write_row(count, 0, [_cut(value) for value in _in_words(line, language).values()])
    if count > room:
        more = _("{count:,} more do not fit into a sheet: write CSV to see them all.", count=count - room)
        sheet.write_row(room + 1, 0, [in_language(more, language)])
    sheet.autofilter(0, 0, min(count, room), len(_WIDTHS) - 1)
    return count


def _in_words(line: FindingLine, language: Language) -> FindingLine:
    """The line as people read it; CSV, which programs read, has the code of the severity."""
    return replace(line, severity=cast("Severity", severity_word(line.severity, language)))


def _cut(value: str | int | None) -> str | int:
    if value is None:
        return ""
    return value[:CELL_SIGNS] if isinstance(value, str) else value


def write_html(lines: Iterable[FindingLine], target: TextIO, title: str, language: Language = "en") -> int:
    """Write one page: how often each rule was met, then the findings, the gravest first; returns how many lines."""
    counts: Counter[str] = Counter()
    by_severity: dict[Severity, list[str]] = {severity: [] for severity in sorted(ORDER, key=ORDER.__getitem__)}
    for line in lines:
        counts[line.rule] += 1
        if len(by_severity[line.severity]) < MOST_SHOWN:
            by_severity[line.severity].append(
                "".join(f"<td>{'<br>'.join(cell)}</td>" for cell in _cells(_in_words(line, language)))
            )
    rows = list(chain.from_iterable(by_severity.values()))[:MOST_SHOWN]
    by_rule = sorted(counts, key=lambda name: (ORDER[rule(name).severity], -counts[name], name))
    summary = "".join(
        f"<tr><td>{html.escape(severity_word(rule(name).severity, language))}</td><td>{html.escape(name)}</td>"
        f"<td>{html.escape(rule(name).text[language])}</td><td class=n>{counts[name]:,}</td></tr>"
        for name in by_rule
    )
    total = sum(counts.values())
    more = _("{count:,} more are not shown here: write a spreadsheet or CSV to see them all.", count=total - len(rows))
    how_often, each = _told(_("How often"), language), _told(_("Each finding"), language)
    left = f"<p>{_told(more, language)}</p>" if total > len(rows) else ""
    target.write(
        f"<!doctype html><html lang={language}><head><meta charset=utf-8>"
        "<meta name=viewport content='width=device-width'>"
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{html.escape(title)}</h1><h2>{how_often}</h2>"
        f"<div class=wide><table><thead><tr>{_heads(_COUNTED, language)}</tr></thead>"
        f"<tbody>{summary}</tbody></table></div><h2>{each}</h2>{left}"
        f"<div class=wide><table class=each><thead><tr>{_heads(_ON_PAGE, language)}</tr></thead><tbody>"
        + "".join(f"<tr>{row}</tr>" for row in rows)
        + "</tbody></table></div></body></html>\n"
    )
    return total


def _cells(line: FindingLine) -> list[list[str]]:
    """The cells of a finding on a page, each with its lines: what belongs together shares a column."""
    where = line.path if line.line is None else f"{line.path}:{line.line}"
    record = " ".join(filter(None, (line.kind, line.native_id)))
    now = None if line.done is None else f"→ {line.done}"
    columns: list[list[str | None]] = [
        [line.severity],
        [line.rule],
        [line.what],
        [line.action],
        [record, line.name, line.member],
    ]
    columns += [[line.found, now], [where]]
    return [[html.escape(one) for one in column if one] for column in columns]


_ON_PAGE = (*HEADS[:5], HEADS[8], HEADS[10])
_COUNTED = (_("Severity"), _("Rule"), _("What was found"), _("Times"))


def _told(text: str, language: Language) -> str:
    return html.escape(in_language(text, language))


def _heads(heads: Iterable[str], language: Language) -> str:
    return "".join(f"<th scope=col>{_told(head, language)}</th>" for head in heads)


_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;margin:2rem;color:#1b1b1b;background:#fff}"
    "@media(max-width:40rem){body{margin:1rem}}.wide{overflow-x:auto}"
    "table{border-collapse:collapse;margin:1rem 0;width:100%}th,td{border-bottom:1px solid #ccc;padding:.35rem .5rem;"
    "text-align:left;vertical-align:top}th,td:first-child{white-space:nowrap}th{background:#f2f2f2}"
    ".n{text-align:right}.each{font-size:14px}.each td{overflow-wrap:anywhere;min-width:7em}"
    "@media(prefers-color-scheme:dark){body{background:#151515;color:#eee}th{background:#262626}"
    "th,td{border-color:#444}}"
)


def safe_cell(value: object) -> object:
    """A value for a cell of CSV that no spreadsheet takes for a formula; a number with its sign stays one."""
    if not isinstance(value, str) or not value.startswith(_DANGEROUS) or _NUMBER.fullmatch(value):
        return value
    return f"'{value}"
