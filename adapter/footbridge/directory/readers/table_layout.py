"""How a table is laid out: what separates its cells, which row names its columns, and which rows are no records.

Judged from the first rows by how well they agree, because vendors' exports put titles above their tables, repeat
headers, add totals below and use whatever Excel was set to. Cells hold separators too (``A; B``, ``&amp;lt;``): a
separator that the row with the names does not have is none.
"""

import csv
import functools
import io
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from footbridge import data as data_files

SAMPLE: Final = 60  # rows that are judged
COLUMNS: Final = 5_000  # a vendor's widest export has some hundred
_DELIMITERS: Final = (",", "\t", ";", "|")
_ENTITY: Final = re.compile(r"&(?:amp;)*#?\w{1,31};", re.ASCII)
_LATER: Final = 0.25  # what the score of a separator is worth that begins below another's first row
_NUMBER: Final = re.compile(r"[-+$€£]?\s*\d[\d\s.,\u00a0\u202f]*\s*[$€£%]?")


@dataclass(frozen=True, slots=True)
class Dialect:
    """What separates cells, and what is before a quotation mark within one (None: the mark is doubled)."""

    delimiter: str
    escape: str | None

    def reader(self, lines: Iterable[str]) -> Iterator[list[str]]:
        """The rows of lines."""
        return csv.reader(lines, delimiter=self.delimiter, escapechar=self.escape, doublequote=self.escape is None)


def dialect_of(sample: str) -> Dialect | None:
    """How cells are separated: the way in which most rows, from the first on, have the same number of them."""
    first = sample.split("\n", 1)[0].strip().lower()
    if first.startswith("sep=") and len(first) == 5:
        return Dialect(first[4], None)
    escape = "\\" if '\\"' in sample and '""' not in sample else None
    plain = _ENTITY.sub(" ", sample)  # &lt; is no end of a cell
    found = [(*_score(plain, dialect), dialect) for dialect in (Dialect(each, escape) for each in _DELIMITERS)]
    possible = [one for one in found if one[0]]
    if not possible:
        return Dialect(",", escape) if first else None  # one column
    begins = min(begin for _, begin, _ in possible)
    return max(possible, key=lambda one: one[0] * (1 if one[1] == begins else _LATER))[2]


def _score(sample: str, dialect: Dialect) -> tuple[float, int]:
    """How well rows agree on their number of cells, and the index of the first that has about so many."""
    rows = [row for row in itertools.islice(dialect.reader(io.StringIO(sample, newline="")), SAMPLE) if row]
    if len(rows) > 1:
        rows = rows[:-1] if len(rows[-1]) < max(len(row) for row in rows) else rows  # perhaps cut by the sample
    count = Counter(len(row) for row in rows)
    width, times = max(count.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]), default=(0, 0))
    if width <= 1:
        return 0.0, 0
    begin = next(at for at, row in enumerate(rows) if len(row) > 1 and width * 0.8 <= len(row) <= width * 1.25)
    return times / max(len(rows), 1) * min(width, 50) ** 0.5, begin


def header_of(rows: Sequence[list[str]]) -> int:
    """The index of the header: the first row with names in most of the table's columns, and no name twice."""
    width = Counter(len(row) for row in rows if len(row) > 1).most_common(1)
    wanted = width[0][0] if width else 1
    for at, row in enumerate(rows[:20]):
        names = [cell.strip() for cell in row if cell.strip()]
        if len(row) < wanted * 0.8 or len(names) < max(len(row) * 0.6, 1):
            continue
        if (
            not any(name.replace(".", "", 1).replace("-", "").isdigit() for name in names)
            and len(set(names)) > len(names) * 0.7
        ):
            return at
    return next((at for at, row in enumerate(rows) if any(cell.strip() for cell in row)), 0)


def named(cells: Sequence[str]) -> list[str]:
    """The names of columns; one that is there twice, or is empty, gets its number."""
    names: list[str] = []
    seen: set[str] = set()
    for at, cell in enumerate(cells[:COLUMNS], 1):
        name = " ".join(cell.split()) or f"column {at}"
        while name in seen:
            name = f"{name} {at}"
        seen.add(name)
        names.append(name)
    while names and names[-1] == f"column {len(names)}":
        names.pop()
    return names


def is_totals(cells: Sequence[str]) -> bool:
    """Whether a row only adds up others: a word for a total, then numbers and nothing else."""
    filled = [plain for cell in cells if (plain := cell.strip())]
    if not filled or filled[0].rstrip(" :").casefold() not in _totals():
        return False
    return all(_NUMBER.fullmatch(cell) for cell in filled[1:])


@functools.cache
def _totals() -> frozenset[str]:
    return frozenset(data_files.read_json("mappings", "directory", "tables.json")["totals"])
