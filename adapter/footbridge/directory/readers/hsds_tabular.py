"""HSDS as tables: a folder, an archive or a workbook, one table for each type; 1.x, 2.x, 3.x and the Ohana ancestor.

A table is CSV, a sheet, or a list of JSON objects (``services.json`` beside ``phones.json``: ``json_tables``).

Which table is of which type, and which column names its parent, is in ``mappings/directory/hsds-aliases.json``
(``tables``, ``parents``, ``links``); a ``datapackage.json`` (https://specs.frictionlessdata.io/data-package/) may name
them too. Children wait in a SQLite file until their parent is given, so that memory does not grow.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import orjson

from footbridge.directory.errors import DirectoryError
from footbridge.directory.files import SourceFile
from footbridge.directory.readers import ReadOptions, delimited, json_tables, shapes
from footbridge.directory.readers.hsds_children import Children
from footbridge.directory.readers.hsds_names import HsdsNames
from footbridge.directory.readers.hsds_objects import DocumentReading, Place
from footbridge.directory.readers.hsds_types import snake, table
from footbridge.directory.readers.refused import refused
from footbridge.directory.readers.sheets import SHEET_ENDINGS
from footbridge.directory.readers.staging import CoreObject, Staging
from footbridge.directory.readers.table import recognised
from footbridge.directory.readers.table_schemas import TableSchemas
from footbridge.directory.readers.tally import Tally
from footbridge.directory.records import Finding, Record
from footbridge.i18n import _

_PACKAGE: Final = "datapackage.json"


class HsdsTabularReader:
    """Reads HSDS tables."""

    format = "hsds-tabular"

    def recognises(self, files: Sequence[SourceFile]) -> bool:
        """Whether there is a table of organizations, services or locations whose columns are HSDS's, not a vendor's."""
        if recognised(files) is not None:
            return False
        named = _named(files)
        for file in files:
            if not delimited.is_table(file):
                continue
            if file.name.lower().endswith(SHEET_ENDINGS):
                if any("core" in _row_of(each.name, {}) for each in delimited.tables(file, Tally())):
                    return True
            elif "core" in _row_of(file.name, named):
                columns = {snake(name) for names in delimited.columns(file) for name in names}
                if "id" in columns and columns & {"name", "service_id", "organization_id", "location_id"}:
                    return True
        return bool(_json_tables(files))

    def read(self, files: Sequence[SourceFile], options: ReadOptions) -> Iterator[Record | Finding]:
        """Records, organizations first, each with its children, and findings between them.

        Raises:
            DirectoryError: there is no table of HSDS, one is cut, or strict mode lacks its schema.
        """
        tally = Tally()
        with Staging(tally) as staging:
            reading = _Reading(staging, tally, TableSchemas(options.schemas) if options.strict else None)
            named = _named(files)
            read = 0
            for file in sorted(files, key=lambda each: each.name):
                for each in _tables(file, tally):
                    row = _row_of(each.name if each.path != file.name else file.name, named)
                    read += bool(row)
                    yield from reading.table(each, row)
            if not read:
                raise DirectoryError(
                    _("This source has no table that HSDS names, such as services.csv or organizations.csv.")
                )
            for item in staging.records_of(reading.children.complete):
                if isinstance(item, Record) and item.kind in {"organization", "service"} and "name" not in item.data:
                    yield Finding("hsds.no-name", item.path, item.line, item.kind, item.native_id, member="name")
                yield item
            yield from reading.children.left()
        yield from tally.findings()


class _Reading:
    """Stages the rows of one source."""

    def __init__(self, staging: Staging, tally: Tally, schemas: TableSchemas | None) -> None:
        self.staging, self.tally, self.schemas = staging, tally, schemas
        self.names = HsdsNames(tally, cells=True)
        self.children = Children(staging, self.names)
        self._scope = 0

    def table(self, each: delimited.Table, row: Mapping[str, Any]) -> Iterator[Finding]:
        """Stage the rows of one table, as the row of the table of names says."""
        if not row:
            yield Finding("hsds.unknown-table", each.path, found=", ".join(each.columns)[:200])
            return
        if row.get("ignore"):
            self.tally.add("hsds.table-left-out", each.name, each.path)
            return
        if "terms" in row and {snake(name) for name in each.columns} & set(row["terms"]):
            row = {"lookup": "taxonomy_term", "id": "taxonomy_id"}
        self.tally_cut(each)
        for given in each.rows:
            if given.excess:
                yield Finding("table.row-too-long", each.path, given.line, row.get("core"), found=given.excess)
                continue
            if self.schemas is not None:
                broken = list(self.schemas.check(each, given))
                yield from broken
                if broken:
                    if "core" in row:
                        yield from refused(row["core"], given.cells, each.path, given.line)
                    continue
            self.names.line = given.line
            if "core" in row:
                yield from self._core(row["core"], each.path, given)
            else:
                self._other(row, each.path, given)

    def tally_cut(self, each: delimited.Table) -> None:
        """Count cells that an export has cut, while they go by."""
        rows = each.rows

        def watched() -> Iterator[delimited.Row]:
            for given in rows:
                for name, cell in given.cells.items():
                    if type(cell) is str and len(cell) == delimited.CUT:
                        self.tally.add("table.cut-at-255", name, each.path, given.line)
                yield given

        each.rows = watched()

    def _core(self, kind: str, path: str, given: delimited.Row) -> Iterator[Finding]:
        self._scope += 1
        document = DocumentReading(self.names, self._scope, Place(path, given.line, kind))
        document.core(kind, given.cells, path)
        for item in document.result():
            if isinstance(item, CoreObject):
                self.staging.add(item)
                if kind == "service" and item.kind == "service_at_location":
                    self.children.note_place(item.data)
            else:
                yield item

    def _other(self, row: Mapping[str, Any], path: str, given: delimited.Row) -> None:
        cells = given.cells
        if "id" in row and "id" not in {snake(name) for name in cells}:
            cells = {("id" if snake(name) == row["id"] else name): cell for name, cell in cells.items()}
        if row.get("eligibility"):
            self.children.add_eligibility(cells, path, given.line)
            return
        if "lookup" in row:
            found = self.names.children(row["lookup"], [cells], path)
            for data in found:
                for name in row.get("leftOut", ()):
                    if name in data:
                        self.tally.add("hsds.column-left-out", f"{row['lookup']}.{name}", path, given.line)
                native_id = shapes.native_id(data.get("id"))
                if native_id is not None:
                    self.staging.add_lookup(row["lookup"], native_id, data)
        if "type" in row:
            for data in self.names.children(row["type"], [cells], path):
                self.children.add(row["type"], {**row.get("with", {}), **data}, cells, path, given.line)


def _tables(file: SourceFile, tally: Tally) -> Iterator[delimited.Table]:
    if delimited.is_table(file):
        yield from delimited.tables(file, tally)
    elif json_tables.is_table(file) and not file.name.lower().endswith(_PACKAGE):
        each = json_tables.table(file, tally, flat=False)
        if each is not None:
            yield each


def _json_tables(files: Sequence[SourceFile]) -> list[SourceFile]:
    """The files that are tables in JSON: one of services beside one whose rows name their parents by its id.

    Where each object holds its own children, there is no second one, and the reader of JSON reads them.
    """
    known = [file for file in files if json_tables.is_table(file) and _row_of(file.name, {})]
    rows = [_row_of(file.name, {}) for file in known]
    if not any(row.get("core") == "service" for row in rows) or not any("core" not in row for row in rows):
        return []
    parents = set(table()["parents"]) | {member for pair in table()["links"] for member in pair}
    for file, row in zip(known, rows, strict=True):
        if "core" not in row and parents & {snake(name) for name in json_tables.columns(file)}:
            return known
    return []


def _named(files: Sequence[SourceFile]) -> dict[str, str]:
    """Which file is of which type, where its name alone does not say it."""
    named = _named_by_package(files)
    plain = [file.name.rsplit("/", 1)[-1].lower() for file in files if delimited.is_table(file)]
    odd: dict[str, list[str]] = {}
    for name in plain:
        if not _row_of(name, named) and (key := _key_within(snake(name.rsplit(".", 1)[0]))):
            odd.setdefault(key, []).append(name)
    exact = [_row_of(name, named) for name in plain]
    # Not where another file has that name: ``services_old.csv`` beside ``services.csv`` is something else.
    return named | {
        names[0]: key for key, names in odd.items() if len(names) == 1 and table()["tables"][key] not in exact
    }


def _key_within(name: str) -> str | None:
    """The one table whose name is in a file's name: ``export_services_2025_01`` is services; else None."""
    keys = [key for key in table()["tables"] if f"_{key}_" in f"_{name}_"]
    best = max(keys, key=len, default=None)
    return best if best is not None and all(f"_{key}_" in f"_{best}_" for key in keys) else None


def _named_by_package(files: Sequence[SourceFile]) -> dict[str, str]:
    """Which file is of which type, as a datapackage.json says."""
    package = next((file for file in files if file.name.rsplit("/", 1)[-1].lower() == _PACKAGE), None)
    if package is None:
        return {}
    with package.open() as stream:
        content = stream.read(16 * 1024**2)
    try:
        read = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except ValueError:
        return {}
    resources = read.get("resources") if isinstance(read, dict) else None
    named = {}
    for resource in resources if isinstance(resources, list) else ():
        if (
            isinstance(resource, dict)
            and isinstance(resource.get("path"), str)
            and isinstance(resource.get("name"), str)
        ):
            named[resource["path"].rsplit("/", 1)[-1].lower()] = resource["name"]
    return named


def _row_of(name: str, named: Mapping[str, str]) -> Mapping[str, Any]:
    """The row of the table of names for a file or sheet: by the package's name, else by its own."""
    plain = name.rsplit("/", 1)[-1].lower()
    rows: Mapping[str, Any] = table()["tables"]
    for candidate in (named.get(plain, ""), plain.rsplit(".", 1)[0] if "." in plain else plain):
        row: Mapping[str, Any] | None = rows.get(snake(candidate))
        if row is not None:
            return row
    return {}
