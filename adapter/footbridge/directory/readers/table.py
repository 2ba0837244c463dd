"""Any table or spreadsheet, by a column mapping: the user's, or a vendor's that is recognised by its columns."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from footbridge.directory.errors import DirectoryError
from footbridge.directory.files import SourceFile
from footbridge.directory.readers import ReadOptions, delimited, json_tables, shapes
from footbridge.directory.readers.column_mapping import ColumnMapping, RecordSpec, TableSpec, folded, load, shipped
from footbridge.directory.readers.column_values import RowReader
from footbridge.directory.readers.hidden_columns import hiding_columns, texts_of, without_hidden
from footbridge.directory.readers.hsds_children import Children
from footbridge.directory.readers.hsds_names import HsdsNames
from footbridge.directory.readers.hsds_objects import identity_of
from footbridge.directory.readers.staging import CoreObject, Staging, derived_id
from footbridge.directory.readers.tally import Tally
from footbridge.directory.records import Finding, Kind, Record
from footbridge.i18n import _

HIDDEN: Final = frozenset({"exclude-website", "exclude-directory", "deleted"})
_CORE: Final[tuple[Kind, ...]] = ("organization", "location", "service", "service_at_location")


class TableReader:
    """Reads tables of any columns."""

    format = "csv"

    def recognises(self, files: Sequence[SourceFile]) -> bool:
        """Whether the columns of a table are those of a vendor whose mapping is shipped."""
        return recognised(files) is not None

    def read(self, files: Sequence[SourceFile], options: ReadOptions) -> Iterator[Record | Finding]:
        """Records in the order of the rows, and findings between them.

        Raises:
            DirectoryError: there is no table, no mapping knows its columns, the mapping has an error, or a file is cut.
        """
        chosen = chosen_tables(files)
        if not chosen:
            raise DirectoryError(
                _("There is no table in this source. Tables are .csv, .tsv, .xlsx, .xls or .ods files.")
            )
        mapping = load(options.mapping) if options.mapping is not None else recognised(chosen)
        if mapping is None:
            raise DirectoryError(
                _(
                    "The columns of this table are not known. It needs --mapping FILE: `footbridge directory columns "
                    "FILE` proposes one (docs/reference/directory-columns.md)."
                )
            )
        tally = Tally()
        with Staging(tally) as staging:
            reading = _Reading(mapping, staging, tally)
            for file in sorted(chosen, key=lambda each: each.name):
                for table in tables_of(file, tally):
                    yield from reading.table(table)
            if not reading.read:
                asked = "; ".join(f"{each.name}: {', '.join(each.recognise)}" for each in mapping.tables)[:600]
                raise DirectoryError(
                    _(
                        "No table has the columns that the mapping {mapping!r} asks for: {columns}",
                        mapping=mapping.name,
                        columns=asked,
                    )
                )
            if options.complete:
                yield from reading.named()
            yield from staging.records_of(reading.children.complete)
            yield from reading.children.left()
        yield from tally.findings()


def chosen_tables(files: Sequence[SourceFile]) -> list[SourceFile]:
    """The files that are tables: by their names, else those of JSON, else the only one, whatever it is called."""
    tables = [file for file in files if delimited.is_table(file)]
    return tables or [file for file in files if json_tables.is_table(file)] or (list(files) if len(files) == 1 else [])


def tables_of(file: SourceFile, tally: Tally) -> Iterator[delimited.Table]:
    """The tables of a file: delimited text, sheets, or a list of JSON objects."""
    if not json_tables.is_table(file):
        yield from delimited.tables(file, tally)
    elif (table := json_tables.table(file, tally, flat=True)) is not None:
        yield table


def recognised(files: Sequence[SourceFile]) -> ColumnMapping | None:
    """The shipped mapping that knows most of the tables' columns."""
    found = [names for file in files if delimited.is_table(file) for names in delimited.columns(file)]
    found += [json_tables.columns(file) for file in files if json_tables.is_table(file)]
    best: ColumnMapping | None = None
    most = 0
    for mapping in shipped():
        asked = sum(len(spec.recognise) for names in found if (spec := mapping.table_for(names)) is not None)
        if asked > most:
            best, most = mapping, asked
    return best


class _Reading:
    """Stages the records of one source."""

    def __init__(self, mapping: ColumnMapping, staging: Staging, tally: Tally) -> None:
        self.mapping, self.staging, self.tally = mapping, staging, tally
        self.names = HsdsNames(tally)
        self.children = Children(staging, self.names)
        self.read = 0
        self._scope = 0
        self._kinds_named = {one.kind for table in mapping.tables for one in table.records if one.named}
        self._given: set[tuple[str, str]] = set()
        self._named: dict[tuple[str, str], tuple[CoreObject, str]] = {}

    def table(self, table: delimited.Table) -> Iterator[Finding]:
        """Stage the rows of a table."""
        spec = self.mapping.table_for(table.columns)
        if spec is None:
            yield Finding("table.unknown-columns", table.path, found=", ".join(table.columns)[:200])
            return
        self.read += 1
        used: set[str] = set()
        unused: dict[str, tuple[int, int]] = {}  # in how many rows a column makes nothing, and the first of them
        plain = {name: folded(name) for name in table.columns}
        kind: Kind | None = "service" if any(record.kind == "service" for record in spec.records) else None
        flags = hiding_columns(table.columns, spec)
        for row in table.rows:
            if row.excess:
                yield Finding("table.row-too-long", table.path, row.line, kind, found=row.excess)
                continue
            cells = without_hidden(row.cells, flags)
            if len(cells) < len(row.cells):
                self.tally.add("table.cell-not-public", table.name, table.path, row.line)
            reader = RowReader(cells, self.tally, table.path, row.line)
            if any(reader.applies(condition) for condition in spec.skip):
                self.tally.add("table.row-skipped", spec.name, table.path, row.line)
                continue
            for name, cell in row.cells.items():
                if len(cell) == delimited.CUT:
                    self.tally.add("table.cut-at-255", name, table.path, row.line)
            yield from self._row(spec, reader, table.path, row.line)
            reader.tell_unread()
            used |= reader.used
            for name in cells:
                if plain[name] not in reader.used:
                    times, first = unused.get(name, (0, row.line))
                    unused[name] = (times + 1, first)
        known = {folded(name) for name in spec.ignore}
        used |= {folded(text) for text in texts_of(spec.model_dump(exclude={"ignore"}))}
        for name, (times, first) in sorted(unused.items()):
            if plain[name] in used:
                self.tally.put(("table.cell-not-used", name, None, times, table.path, first), 0)
            else:
                rule = "table.column-left-out" if plain[name] in known else "table.column-not-mapped"
                self.tally.add(rule, name, table.path)

    def named(self) -> Iterator[Finding]:
        """Stage the records that no row of their own gives, and that others name."""
        for key, (item, name) in self._named.items():
            if key not in self._given:
                self.staging.add(item)
                yield Finding("table.record-by-name", item.path, item.line, item.kind, item.native_id, "name", name)

    def _row(self, spec: TableSpec, reader: RowReader, path: str, line: int) -> Iterator[Finding]:
        self._scope += 1
        kinds = 0
        hidden = _hidden(spec, reader)
        for record in spec.records:
            if all(reader.applies(condition) for condition in record.when):
                kinds += not record.named
                rows = reader.inner(record.each) if record.each is not None else iter([reader])
                for inner in rows:
                    is_read = self._record(record, inner, path, line, hidden=hidden)
                    reader.note(record.each or "", inner, is_read=is_read)
        if not kinds:
            yield Finding("table.row-kind-unknown", path, line, found=self._kind_of_row(spec, reader))

    def _kind_of_row(self, spec: TableSpec, reader: RowReader) -> str | None:
        columns = [condition.column for record in spec.records for condition in record.when]
        return next((f"{column}: {reader.text(column) or '(empty)'}"[:200] for column in columns), None)

    def _record(self, record: RecordSpec, reader: RowReader, path: str, line: int, *, hidden: set[str] | None) -> bool:
        """Stage a record, or a child of one; False where the row has none.

        Of a row whose service is hidden, a place or organization that has no id of its own (or the service's) is not
        kept either, but where it withholds something: that is taken out of other records.
        """
        data, filled = reader.members(record.members)
        for name, items in record.lists.items():
            children = [child for item in items for child in reader.items(item)]
            if children:
                data[name] = children
                filled = True
        if reader.if_own([data]) == []:
            return False
        for name in [name for name in data if name.endswith("_id")]:
            data[name] = shapes.native_id(data[name]) or data[name]  # spaces around an id are none of it
        native_id = shapes.native_id(reader.value(record.id)) if record.id is not None else None
        if not (filled or native_id) or any(name not in data for name in record.needs):
            return False
        _mark(record, reader, data)
        if native_id is not None:
            data["id"] = native_id
        if record.of:
            self._child(record, reader, data, path, line)
            return True
        identity = identity_of(record.kind, data)
        kind: Kind = next(each for each in _CORE if each == record.kind)
        derived = native_id is None
        own = native_id is None or native_id in (hidden or ())
        if hidden is not None and own and kind in {"organization", "location"} and not _withholds(data):
            return True
        if native_id is None:
            native_id = _joined_id(data) or derived_id(kind, identity, data)
        item = CoreObject(kind, native_id, data, identity, self._scope, path, line, derived)
        if record.named:
            self._named.setdefault((kind, native_id), (item, str(data.get("name", ""))))
            return True
        if kind in self._kinds_named:
            self._given.add((kind, native_id))
        self.staging.add(item)
        return True

    def _child(self, record: RecordSpec, reader: RowReader, data: dict[str, Any], path: str, line: int) -> None:
        parents = ((parent, shapes.native_id(reader.cell(column))) for parent, column in record.of.items())
        first = next(((parent, found) for parent, found in parents if found is not None), None)
        self.children.attach(record.kind, data, [first] if first else [], path, line)


def _hidden(spec: TableSpec, reader: RowReader) -> set[str] | None:
    """The ids of the row's services where none of them is ever shown; None for a row that shows one, or has none."""
    services = [one for one in spec.records if one.kind == "service" and one.each is None and not one.of]
    there = [one for one in services if all(reader.applies(condition) for condition in one.when)]
    hiding = [[row for row in one.restrictions if row.restriction in HIDDEN] for one in there]
    if not there or not all(any(reader.applies(row) is not False for row in rows) for rows in hiding):
        return None
    ids = (shapes.native_id(reader.value(one.id)) for one in there if one.id is not None)
    return {one for one in ids if one is not None}


def _withholds(value: Any) -> bool:  # noqa: ANN401 - any JSON
    if isinstance(value, dict):
        return "withheld" in value or any(_withholds(inner) for inner in value.values())
    return isinstance(value, list) and any(_withholds(inner) for inner in value)


def _mark(record: RecordSpec, reader: RowReader, data: dict[str, Any]) -> None:
    """Set what the row withholds and restricts, and the notes of its editors."""
    for reason in reader.marked(record.withheld):
        shapes.mark(data, {"withheld": reason})
    for restriction in reader.marked(record.restrictions):
        shapes.mark(data, {"restriction": restriction})
    notes = [{"text": text, "withheld": "internal"} for column in record.notes if (text := reader.text(column))]
    if notes:
        data["notes"] = notes


def _joined_id(data: Mapping[str, Any]) -> str | None:
    """The id of a service at a location that has none of its own."""
    if {"service_id", "location_id"} <= data.keys():
        return f"{data['service_id']}@{data['location_id']}"
    return None
