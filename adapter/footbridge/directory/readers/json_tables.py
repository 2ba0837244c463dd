"""Tables that are written as JSON: a list of rows, a list in an envelope, lines of NDJSON, or the features of a map.

Systems that keep HSDS in tables often export each table as a list of JSON objects, and open-data portals give any table
so. A feature of GeoJSON (https://www.rfc-editor.org/rfc/rfc7946#section-3.2) or of an ArcGIS service is a row too: its
properties, and the position of its point. Rows come one at a time; a file is bounded as ``hsds_documents`` says.
"""

import itertools
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from footbridge.directory.errors import DirectoryError
from footbridge.directory.files import SourceFile
from footbridge.directory.readers import delimited, shapes
from footbridge.directory.readers.hsds_documents import documents
from footbridge.directory.readers.tally import Tally
from footbridge.directory.readers.text import beginning
from footbridge.directory.records import Finding
from footbridge.i18n import _

ENDINGS: Final = (".json", ".ndjson", ".jsonl", ".ldjson", ".geojson")
_LISTS: Final = ("features", "data", "results", "records", "Records", "items", "rows", "contents", "content", "value")
_SAMPLE: Final = 500  # rows whose columns are the columns of the table: JSON leaves out what is empty
_HEAD_ROWS: Final = 20
_DEPTH: Final = 3


def is_table(file: SourceFile) -> bool:
    """Whether a file may be one, by its name."""
    return file.name.lower().endswith(ENDINGS)


def table(file: SourceFile, tally: Tally, *, flat: bool) -> delimited.Table | None:
    """The table of a file, None where it has no row; the ``line`` of a row is its number.

    Args:
        file: the file.
        tally: told of what is no row, and of the encoding.
        flat: cells are texts: of an object in a cell each member is a column (``address.city``), and a list is one
            text. Else values stay as they are.

    Raises:
        DirectoryError: it is not JSON, or it is cut.
    """
    rows = _rows(file, tally, flat=flat)
    first = list(itertools.islice(rows, _SAMPLE))
    columns = list(dict.fromkeys(name for row in first for name in row.cells))
    name = file.name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return delimited.Table(file.name, name, columns, itertools.chain(first, rows)) if columns else None


def columns(file: SourceFile) -> list[str]:
    """The columns of the first rows in its first 64 KiB; nothing where it does not begin as a list of objects."""
    text = beginning(file)
    at = text.find("{") if text.lstrip()[:1] == "[" else _list_begins(text)
    decode = json.JSONDecoder(strict=False).raw_decode
    found: dict[str, None] = {}
    for _number in range(_HEAD_ROWS):
        if at < 0:
            break
        try:
            value, end = decode(text, at)
        except (ValueError, RecursionError):
            break  # the sample ends in it
        if isinstance(value, dict):
            found.update(dict.fromkeys(_cells(value)))
        at = text.find("{", end)
    return list(found)


def _list_begins(text: str) -> int:
    """Where the first object is: of the list in an envelope, or of the first line."""
    for name in _LISTS:
        member = text.find(f'"{name}"')
        colon, begins = text.find(":", member), text.find("[", member)
        if member >= 0 and colon >= 0 and begins >= 0 and not text[colon + 1 : begins].strip():
            return text.find("{", begins)
    return text.find("{")


def _rows(file: SourceFile, tally: Tally, *, flat: bool) -> Iterator[delimited.Row]:
    number = 0
    for value in _values(file, tally):
        number += 1
        if not isinstance(value, dict):
            tally.add("hsds.not-an-object", f"row: {shapes.type_name(value)}", file.name, number)
            continue
        row = _of_feature(value) if _is_feature(value) else value
        cells = _cells(row) if flat else {name: cell for name, cell in row.items() if not shapes.empty(cell)}
        if cells:
            yield delimited.Row(number, cells)


def _values(file: SourceFile, tally: Tally) -> Iterator[Any]:
    for one in documents(file, _LISTS):
        if isinstance(one, Finding):
            tally.add(one.rule, one.found or "", one.path, one.line, one.done)
            continue
        try:
            value = one.parsed()
        except ValueError:
            raise DirectoryError(
                _("{name}: line {line} is not JSON, or is cut. Get the whole file.", name=file.name, line=one.line)
            ) from None
        if one.container is None and isinstance(value, dict) and (listed := _listed(value)) is not None:
            yield from listed
        elif isinstance(value, list):
            yield from value
        elif one.container is None and one.line is None and not _may_be_row(value, one.pointer):
            continue  # what stands beside the list of a large file
        else:
            yield value


def _listed(value: Mapping[str, Any]) -> list[Any] | None:
    return next((value[name] for name in _LISTS if isinstance(value.get(name), list)), None)


def _may_be_row(value: Any, pointer: str) -> bool:  # noqa: ANN401 - any JSON
    """An item of a list, or an object that is a row itself and not what describes a list."""
    return bool(pointer) or (isinstance(value, dict) and "type" not in value and len(value) > 1)


def _is_feature(value: Mapping[str, Any]) -> bool:
    return "geometry" in value and isinstance(value.get("properties", value.get("attributes")), dict)


def _of_feature(value: Mapping[str, Any]) -> dict[str, Any]:
    """The properties of a feature, its id, and the position of its point in degrees."""
    row = dict(value.get("properties") or value.get("attributes") or {})
    names = {name.casefold() for name in row}  # a mapping does not tell ID from id
    if not shapes.empty(value.get("id")) and "id" not in names:
        row["id"] = value["id"]
    geometry = value["geometry"] if isinstance(value["geometry"], dict) else {}
    pair = geometry.get("coordinates") if geometry.get("type") == "Point" else [geometry.get("x"), geometry.get("y")]
    if isinstance(pair, list) and len(pair) >= 2 and all(_is_number(one) for one in pair[:2]):
        longitude, latitude = pair[:2]
        if abs(longitude) <= 180 and abs(latitude) <= 90:  # else metres of a projection
            row |= {} if names & {"latitude", "longitude"} else {"longitude": longitude, "latitude": latitude}
    return row


def _is_number(value: Any) -> bool:  # noqa: ANN401 - any JSON
    return isinstance(value, int | float) and not isinstance(value, bool)


def _cells(row: Mapping[str, Any], prefix: str = "", depth: int = 0) -> dict[str, str]:
    """The row as texts under names of columns."""
    if depth == 0 and _is_feature(row):
        row = _of_feature(row)
    cells: dict[str, str] = {}
    for name, value in row.items():
        column = f"{prefix}{name}"
        if shapes.empty(value):
            continue
        if isinstance(value, dict) and depth < _DEPTH:
            cells |= _cells(value, f"{column}.", depth + 1)
        elif isinstance(value, list) and any(isinstance(one, dict | list) for one in value):
            cells[column] = json.dumps(shapes.pruned(value), ensure_ascii=False)
        else:
            text = shapes.scalar(value)
            cells[column] = str(text).lower() if isinstance(text, bool) else str(text)
    return cells
