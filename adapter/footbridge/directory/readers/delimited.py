"""Tables: delimited text and spreadsheets, as rows of text under the names of their columns.

Delimiter, quoting and header are judged from the first 64 KiB (``table_layout``). Repeated headers and a row of totals
are no records. A row with more filled cells than there are
columns is not given: its cells stand under wrong names, a private address perhaps under a public one. Text of
RFC 4180 (https://www.rfc-editor.org/rfc/rfc4180); spreadsheets as ``sheets`` reads them.
"""

import csv
import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from footbridge.directory.errors import DirectoryError
from footbridge.directory.files import HEAD, SourceFile
from footbridge.directory.readers.sheets import SHEET_ENDINGS, sheets
from footbridge.directory.readers.table_layout import COLUMNS, SAMPLE, Dialect, dialect_of, header_of, is_totals, named
from footbridge.directory.readers.tally import Tally
from footbridge.directory.readers.text import LINE, TextFile, beginning, line_too_long
from footbridge.i18n import _

TEXT_ENDINGS: Final = (".csv", ".tsv", ".tab", ".txt", ".psv")
CUT: Final = 255  # characters at which older exports cut a cell
_CELL: Final = 4_000_000  # characters
_END: Final = "\x00end"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells by column, without those that are empty, and its line (in a spreadsheet its row).

    Of a row with more filled cells than there are columns no cell is given; ``excess`` says how many it has.
    """

    line: int
    cells: dict[str, str]
    excess: str = ""


@dataclass(slots=True)
class Table:
    """One table of a file; ``name`` is that of the file without folder and ending, or of the sheet."""

    path: str
    name: str
    columns: list[str]
    rows: Iterator[Row]
    above: list[str] = field(default_factory=list)  # titles above the header


def is_table(file: SourceFile) -> bool:
    """Whether a file is a table by its name."""
    return file.name.lower().endswith((*TEXT_ENDINGS, *SHEET_ENDINGS))


def tables(file: SourceFile, tally: Tally) -> Iterator[Table]:
    """The tables of a file: one of a text, each sheet of a spreadsheet that has a header.

    Raises:
        DirectoryError: it is no table, or it is cut.
    """
    if file.name.lower().endswith(SHEET_ENDINGS):
        yield from _sheets(file, tally)
        return
    text = TextFile(file)
    table = _text_table(text, tally)
    if table is not None:
        yield table
    for finding in text.findings():
        tally.add(finding.rule, finding.found or "", finding.path, finding.line, finding.done)


def columns(file: SourceFile) -> list[list[str]]:
    """The column names of a file's tables, from its first 64 KiB; nothing for a file that is no table."""
    if file.name.lower().endswith(SHEET_ENDINGS):
        return [table.columns for table in _sheets(file, Tally())]
    sample = _sample(file)
    dialect = dialect_of(sample) if sample.strip() else None
    if dialect is None:
        return []
    rows = list(itertools.islice(dialect.reader(io.StringIO(sample, newline="")), SAMPLE))
    return [named(rows[header_of(rows)])]


def _sample(file: SourceFile) -> str:
    text = beginning(file)
    cut = text.rfind("\n")
    return text[: cut + 1] if cut > 0 and len(text) > HEAD // 2 else text


def _text_table(text: TextFile, tally: Tally) -> Table | None:
    sample = _sample(text.file)
    dialect = dialect_of(sample)
    if dialect is None:
        raise DirectoryError(_("{name}: is empty. Get the whole file and import it again.", name=text.file.name))
    feeder = _Lines(text)
    rows = _whole_rows(dialect, feeder, text.file.name)
    first = list(itertools.islice(rows, SAMPLE))
    if not first:
        return None
    at = header_of([row for _, row in first])
    name = text.file.name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    above = [cell for _, row in first[:at] for cell in row if cell.strip() and not cell.lower().startswith("sep=")]
    names = named(first[at][1])
    if above:
        tally.add("table.header-below", f"line {first[at][0]}", text.file.name, first[at][0])
    body = itertools.chain(first[at + 1 :], rows)
    checked = _swallowed(text.file.name, body, dialect.delimiter, len(names), tally)
    return Table(text.file.name, name, names, _rows(text.file.name, names, checked, tally, feeder), above)


class _Lines:
    """Gives lines to the csv module, and remembers whether the last had its end."""

    def __init__(self, text: TextFile) -> None:
        self._chunks = text.chunks()
        self._name = text.file.name
        self.ended = True

    def __iter__(self) -> Iterator[str]:
        rest, number = "", 1
        for chunk in self._chunks:
            pieces = (rest + chunk).split("\n")
            rest = pieces.pop()
            number += len(pieces)
            if len(rest) > LINE:
                raise line_too_long(self._name, number)
            for piece in pieces:
                yield piece + "\n"
        if rest:
            self.ended = False
            yield rest + "\n"
        yield _END + "\n"


def _whole_rows(dialect: Dialect, lines: _Lines, name: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line in which each begins; DirectoryError when a quotation mark is never closed."""
    csv.field_size_limit(_CELL)  # of the whole process; the only way that the module has
    reader: Any = dialect.reader(lines)
    begins = 1
    try:
        for row in reader:
            if row == [_END]:
                return
            if row and row[-1].endswith((_END, _END + "\n")):
                raise DirectoryError(
                    _(
                        "{name}: a quotation mark in the row that begins in line {begins} is never "
                        "closed. The file is cut, or the mark is one too many: correct it and import the "
                        "file again.",
                        name=name,
                        begins=begins,
                    )
                )
            if len(row) > COLUMNS:
                raise DirectoryError(
                    _(
                        "{name}: line {begins} has {count:,} cells. A table of a directory has at most {most:,} "
                        "columns: check how the file was exported.",
                        name=name,
                        begins=begins,
                        count=len(row),
                        most=COLUMNS,
                    )
                )
            if row:
                yield begins, row
            begins = reader.line_num + 1
    except csv.Error as error:
        raise DirectoryError(_not_a_row(error, name, begins, reader.line_num)) from error


def _not_a_row(error: csv.Error, name: str, begins: int, line: int) -> str:
    if "field limit" not in str(error):
        return _("{name}: line {line} cannot be read as a table ({error}).", name=name, line=line, error=str(error))
    return _(
        "{name}: the row that begins in line {begins} has a cell of more than {most:,} characters. A quotation mark in "
        "it is never closed, or is one too many: correct it and import the file again.",
        name=name,
        begins=begins,
        most=_CELL,
    )


def _swallowed(
    path: str, rows: Iterator[tuple[int, list[str]]], delimiter: str, width: int, tally: Tally
) -> Iterator[tuple[int, list[str]]]:
    """The rows, with a finding where a cell holds a line that is a row itself: a mark before it was not closed."""
    most = max(2, (width - 1) // 2)
    for line, cells in rows:
        for cell in cells:
            if "\n" in cell and any(part.count(delimiter) >= most for part in cell.split("\n")):
                tally.add("table.cell-holds-rows", f"cells: {len(cells)}", path, line)
        yield line, cells


def _rows(
    path: str, names: list[str], rows: Iterator[tuple[int, list[str]]], tally: Tally, lines: _Lines | None
) -> Iterator[Row]:
    width = len(names)
    short: tuple[int, bool] | None = None  # a row that is shorter than the others, when it is the only one
    for line, cells in rows:
        if len(cells) > width and any(cell.strip() for cell in cells[width:]):
            yield Row(line, {}, f"cells: {len(cells)} of {width}")
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if [" ".join(cell.split()) for cell in cells[:width]] == names:
            tally.add("table.header-repeated", "header", path, line)
            continue
        if is_totals(cells):
            tally.add("table.totals-row", "row", path, line)
            continue
        if len(cells) < width:
            tally.add("table.row-short", f"cells: {len(cells)} of {width}", path, line)
            short = (line, short is None)
        yield Row(line, {name: cell for name, cell in zip(names, cells, strict=False) if cell and not cell.isspace()})
        last = line
    if short is not None and short[1] and short[0] == last and lines is not None and not lines.ended:
        raise DirectoryError(
            _(
                "{path}: line {last}, its last, ends in the middle of a row. Get the whole file again.",
                path=path,
                last=last,
            )
        )


def _sheets(file: SourceFile, tally: Tally) -> Iterator[Table]:
    for name, rows in sheets(file):
        first = list(itertools.islice(rows, SAMPLE))
        if not first:
            continue
        header = header_of([row for _, row in first])
        names = named(first[header][1])
        path = f"{file.name}/{name}"
        yield Table(path, name, names, _rows(path, names, itertools.chain(first[header + 1 :], rows), tally, None))
