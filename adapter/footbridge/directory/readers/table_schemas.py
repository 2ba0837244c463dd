"""Strict mode for HSDS tables: the fields of an official ``datapackage.json`` decide, row by row.

Table Schema (https://specs.frictionlessdata.io/table-schema/): required, type, format, enum and the primary key. The
file is CC BY-SA and is not shipped: the user names it. A finding names the column and the rule, never the value.
"""

import datetime as dt
import json
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
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
                key.lower(): resource["schema"]["fields"]
                for resource in resources
                for key in (resource["name"], Path(resource["path"]).stem)
                if "schema" in resource
            }
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DirectoryError(
                _("{name}: describes no tables. Name the datapackage.json of HSDS.", name=place.name)
            ) from error

    def check(self, table: Table, row: Row) -> Iterator[Finding]:
        """What breaks the schema in a row; a table that it does not describe breaks nothing."""
        for given in self._tables.get(table.name.lower(), ()):
            name = given["name"]
            broken = _broken(given, row.cells.get(name))
            if broken:
                yield Finding("hsds.schema", table.path, row.line, None, row.cells.get("id"), name, found=broken)


def _broken(given: Mapping[str, Any], cell: str | None) -> str | None:
    constraints = given.get("constraints", {})
    if cell is None:
        return "required" if constraints.get("required") else None
    allowed = constraints.get("enum") or given.get("enum")
    if allowed and cell not in allowed:
        return f"enum: {json.dumps(allowed)}"[:200]
    for rule in (given.get("type"), given.get("format")):
        check = _CHECKS.get(str(rule))
        if check is not None and not _passes(check, cell):
            return str(rule)
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
