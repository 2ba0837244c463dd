"""A report of findings as a file: a spreadsheet, CSV, or a page that opens in any browser."""

import csv
import html
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from footbridge.directory.findings import COLUMNS, FindingLine
from footbridge.directory.rules import ORDER, Language, rule, severity_word
from footbridge.i18n import _, in_language

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
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would take the cell for a formula
SHEET_ROWS = 1_048_576  # that a sheet can hold, its head among them
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


def write_xlsx(lines: Iterable[FindingLine], target: Path, language: Language = "en") -> int:
    """Write a spreadsheet with a filter on each column; returns how many lines."""
    import xlsxwriter  # noqa: PLC0415 - only where a spreadsheet is asked for

    book = xlsxwriter.Workbook(
        str(target), {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    sheet = book.add_worksheet(in_language(_("Findings"), language))
    bold, wrapped = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
    for column, width in enumerate(_WIDTHS):
        sheet.set_column(column, column, width, wrapped)
    sheet.freeze_panes(1, 0)
    sheet.write_row(0, 0, [in_language(head, language) for head in HEADS], bold)
    count = 0
    for line in lines:
        count += 1
        if count < SHEET_ROWS:
            sheet.write_row(count, 0, ["" if value is None else value for value in line.values()])
    sheet.autofilter(0, 0, min(count, SHEET_ROWS - 1), len(_WIDTHS) - 1)
    book.close()
    return count


def write_html(lines: Iterable[FindingLine], target: TextIO, title: str, language: Language = "en") -> int:
    """Write one page: how often each rule was met, then the findings; returns how many lines."""
    counts: Counter[str] = Counter()
    rows: list[str] = []
    for line in lines:
        counts[line.rule] += 1
        if len(rows) < MOST_SHOWN:
            rows.append("".join(f"<td>{'<br>'.join(cell)}</td>" for cell in _cells(line)))
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
    """A value for a cell of CSV that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_DANGEROUS) else value
