"""A table that nobody knows, looked at: what its columns are, a mapping for them, and what that mapping makes.

``propose`` reads the first rows, ``trial`` reads the whole source with the mapping, as an import would, and counts.
"""

import itertools
import json
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from footbridge.directory.errors import DirectoryError
from footbridge.directory.files import SourceFile
from footbridge.directory.readers import ReadOptions
from footbridge.directory.readers.column_proposal import Proposal
from footbridge.directory.readers.column_words import Column, understood
from footbridge.directory.readers.table import TableReader, chosen_tables, recognised, tables_of
from footbridge.directory.readers.tally import Tally
from footbridge.directory.records import Record
from footbridge.directory.source_files import open_source
from footbridge.i18n import _

_ROWS: Final = 300  # that are looked at
_EXAMPLES: Final = 3


@dataclass(frozen=True, slots=True)
class Proposed:
    """A mapping for one table.

    Attributes:
        table: its name: of the file, or of the sheet.
        others: names of the source's other tables, which were not looked at.
        known: name of the shipped mapping that knows these columns already; None where none does.
        columns: each column and what it probably is, in their order.
        becomes: by column, what it becomes; empty where it is not recognised.
        mapping: the document.
    """

    table: str
    others: list[str]
    known: str | None
    columns: list[Column]
    becomes: Mapping[str, str]
    mapping: dict[str, Any]


def propose(location: Path) -> Proposed:
    """A mapping for the widest table of a source.

    Raises:
        DirectoryError: there is no table, or it has no rows or columns.
    """
    files = _tables(open_source(location).files, location.name)
    found = []
    for file in files:
        for table in tables_of(file, Tally()):
            rows = [row.cells for row in itertools.islice(table.rows, _ROWS)]
            if rows and len(table.columns) > 1:
                found.append((table, rows))
    if not found:
        raise DirectoryError(
            _(
                "{where}: has no table with several columns and a row below their names. Export the list as CSV or "
                ".xlsx, with the names of the columns in its first row.",
                where=location.name,
            )
        )
    widest, rows = max(found, key=lambda one: len(one[0].columns))
    columns = [
        understood(name, [cell for row in rows if (cell := row.get(name)) is not None]) for name in widest.columns
    ]
    proposal = Proposal(widest.name, columns)
    known = recognised(files)
    head = {"name": widest.name, "source": f"Proposed from the columns of {widest.path}; to be read by a person"}
    return Proposed(
        widest.name,
        [table.name for table, _rows in found if table is not widest],
        known.name if known is not None else None,
        columns,
        proposal.becomes,
        head | proposal.mapping,
    )


@dataclass(frozen=True, slots=True)
class Tried:
    """What a mapping makes of a whole source: records by kind, and the names of the first services."""

    counts: Mapping[str, int]
    names: list[str]


def trial(location: Path, mapping: Mapping[str, Any]) -> Tried:
    """Read a source with a mapping, and count what it makes; nothing is imported.

    Raises:
        DirectoryError: the mapping has an error, or the source cannot be read.
    """
    files = _tables(open_source(location).files, location.name)
    counts: Counter[str] = Counter()
    names: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "mapping.json"
        place.write_text(json.dumps(mapping), "utf-8")
        for item in TableReader().read(files, ReadOptions(mapping=place)):
            if isinstance(item, Record):
                counts[item.kind] += 1
                if item.kind == "service" and len(names) < _EXAMPLES:
                    names.append(str(item.data.get("name", "")))
    return Tried(counts, names)


def _tables(files: Sequence[SourceFile], where: str) -> list[SourceFile]:
    tables = chosen_tables(files)
    if not tables:
        raise DirectoryError(
            _(
                "{where}: there is no table in it ({files}). Tables are .csv, .tsv, .txt, .xlsx, .xls, .ods or .json "
                "files.",
                where=where,
                files=", ".join(file.name for file in files[:3]),
            )
        )
    return tables
