"""Strict mode for HSDS tables: the fields of an official ``datapackage.json`` decide, row by row.

Table Schema (https://specs.frictionlessdata.io/table-schema/): type, format, the constraints of a field, and the
primary key: of several rows with one key the first that breaks nothing stays. Foreign keys do not refuse a row (the
standard's own example has rows whose parents are not there): readers report those as orphans. The file is CC BY-SA and
is not shipped: the user names it. A finding names the column and the rule, never the value.
"""

import datetime as dt
import hashlib
import json
import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from footbridge.directory.errors import DirectoryError
from footbridge.directory.readers.delimited import Row, Table
from footbridge.directory.records import Finding
from footbridge.i18n import _

_EMAIL: Final = re.compile(r"^[^@\s]+@[^@\s]+$")


class TableSchemas:
    """The tables of one datapackage.json.

    Raises:
        DirectoryError: no file is named, or it describes no tables.
    """

    def __init__(self, place: Path | None) -> None:
        if place is None:
            raise DirectoryError(
                _(
                    "Strict mode needs the official datapackage.json of HSDS, which is not part of "
                    "Footbridge: name it with --schemas (https://github.com/openreferral/specification)."
                )
            )
        if place.is_dir():
            place = next(iter(sorted(place.glob("datapackage*.json"))), place)
        try:
            resources = json.loads(place.read_bytes())["resources"]
            self._tables = {
                key.lower(): (resource["schema"]["fields"], _keys(resource["schema"]))
                for resource in resources
                for key in (resource["name"], Path(resource["path"]).stem)
                if "schema" in resource
            }
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DirectoryError(
                _("{name}: describes no tables. Name the datapackage.json of HSDS.", name=place.name)
            ) from error

        self._seen: dict[tuple[str, tuple[str, ...]], set[bytes]] = {}

    def check(self, table: Table, row: Row) -> Iterator[Finding]:
        """What breaks the schema in a row; a table that it does not describe breaks nothing."""
        fields, keys = self._tables.get(table.name.lower(), ((), ()))
        is_broken = False
        for given in fields:
            name = given["name"]
            broken = _broken(given, row.cells.get(name))
            if broken:
                is_broken = True
                yield Finding("hsds.schema", table.path, row.line, None, row.cells.get("id"), name, found=broken)
        if not is_broken:
            yield from self._repeated(keys, table, row)

    def _repeated(self, keys: Sequence[tuple[str, ...]], table: Table, row: Row) -> Iterator[Finding]:
        """A key that a row before this one has."""
        marks = []
        for columns in keys:
            cells = [row.cells.get(name) for name in columns]
            if None in cells:
                continue
            mark = hashlib.blake2b("\x1f".join(map(str, cells)).encode(), digest_size=8).digest()
            seen = self._seen.setdefault((table.name.lower(), columns), set())
            if mark in seen:
                yield Finding(
                    "hsds.schema",
                    table.path,
                    row.line,
                    None,
                    row.cells.get("id"),
                    columns[0],
                    found=f"unique: {', '.join(columns)}",
                )
                return
            marks.append((seen, mark))
        for seen, mark in marks:
            seen.add(mark)


def _keys(schema: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    """The columns that say which row is which: of the primary key, and those that are unique by themselves."""
    key = schema.get("primaryKey") or []
    primary = (key,) if isinstance(key, str) else tuple(key)
    alone = [(field["name"],) for field in schema["fields"] if field.get("constraints", {}).get("unique") is True]
    return tuple(dict.fromkeys(one for one in (primary, *alone) if one))


def _broken(given: Mapping[str, Any], cell: str | None) -> str | None:
    constraints = given.get("constraints", {})
    if cell is None:
        return "required" if constraints.get("required") else None
    allowed = constraints.get("enum") or given.get("enum")
    if allowed and cell not in allowed:
        return f"enum: {json.dumps(allowed)}"[:200]
    if rule := _beyond(constraints, cell):
        return rule
    for rule in (given.get("type"), given.get("format")):
        check = _CHECKS.get(str(rule))
        if check is not None and not _passes(check, cell):
            return str(rule)
    return None


def _beyond(constraints: Mapping[str, Any], cell: str) -> str | None:
    """The constraint of length, size or pattern that a cell breaks (Table Schema, "Constraints")."""
    for name, breaks in _BOUNDS.items():
        bound = constraints.get(name)
        if bound is None:
            continue
        try:
            if breaks(cell, bound):
                return f"{name}: {bound}"[:200]
        except (ValueError, TypeError, re.error):
            continue  # no number: its type says so
    return None


def _passes(check: Callable[[str], object], cell: str) -> bool:
    try:
        return bool(check(cell)) or check is float
    except ValueError:
        return False


_CHECKS: Final[Mapping[str, Callable[[str], object]]] = {
    "number": float,
    "integer": lambda cell: str(int(cell)),
    "boolean": lambda cell: cell.lower() in {"true", "false", "1", "0"},
    "date": dt.date.fromisoformat,
    "time": lambda cell: str(dt.time.fromisoformat(cell)),
    "datetime": dt.datetime.fromisoformat,
    "uuid": uuid.UUID,
    "email": _EMAIL.match,
    "uri": lambda cell: urlsplit(cell).scheme,
}

_BOUNDS: Final[Mapping[str, Callable[[str, Any], bool]]] = {
    "minLength": lambda cell, bound: len(cell) < int(bound),
    "maxLength": lambda cell, bound: len(cell) > int(bound),
    "minimum": lambda cell, bound: float(cell) < float(bound),
    "maximum": lambda cell, bound: float(cell) > float(bound),
    "pattern": lambda cell, bound: re.fullmatch(str(bound), cell) is None,
}
