"""Rows of tables with a canary in every column that a column mapping reads (``mappings/directory/columns``, or one's own)."""

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from support.canaries import Canaries

from footbridge.directory.readers.column_mapping import (
    Condition,
    Item,
    RecordSpec,
    TableSpec,
    Value,
)

Row = dict[str, str]


def columns_of(part: RecordSpec | Item, stem: str = "") -> dict[str, str]:
    """The columns of a record or child that hold values, with the member that each goes to."""
    found: dict[str, str] = {}
    for member, value in part.members.items():
        found |= dict.fromkeys(named(value), member)
    if isinstance(part, Item):
        if part.each:
            return {part.each: "each"}
        if part.split:
            found[part.split.column] = part.split.to or "split"
        if part.terms:
            found |= dict.fromkeys([name for name in (part.terms.codes, *part.terms.names) if name], "terms")
    for items in part.lists.values():
        for item in items:
            found |= columns_of(item)
    if isinstance(part, Item) and part.repeat:
        found = {name.replace("{}", one): member for one in part.repeat for name, member in found.items()}
    return found


def named(value: str | Value) -> Iterable[str]:
    if isinstance(value, str):
        return [value]
    return [name for name in (value.column, *(value.first or ()), *(value.columns or ())) if name]


def items_of(part: RecordSpec | Item, path: str = "") -> Iterator[tuple[str, Item]]:
    """All children of a record at any depth, with where they stand."""
    for name, items in part.lists.items():
        for number, item in enumerate(items):
            yield f"{path}{name}[{number}]", item
            yield from items_of(item, f"{path}{name}[{number}].")


def holds(condition: Condition) -> Row:
    """A cell for which a condition holds."""
    if condition.is_ is not None:
        return {condition.column: "Yes" if condition.is_ == "true" else "No"}
    if condition.in_ is not None:
        return {condition.column: condition.in_[0]}
    if condition.matches is not None:
        said = condition.matches.split("|")[0].replace('"?', "").replace("\\b", "").replace("^", "").replace("$", "")
        return {condition.column: said}
    return {condition.column: "yes" if condition.filled else ""}


def row_of(canaries: Canaries, table: TableSpec, about: str) -> tuple[Row, dict[str, int]]:
    """A row with every column that is read, and the number of the canary in each."""
    row: Row = {}
    numbers: dict[str, int] = {}
    fixed = {condition.column for record in table.records for condition in record.when}
    for record in table.records:
        ids = set(named(record.id)) if record.id else set()
        ids |= set(record.of.values())
        for column, member in {**columns_of(record), **dict.fromkeys(record.notes, "notes")}.items():
            if column in row or column in ids or column in fixed or member.endswith("_id") or member == "id":
                continue
            numbers[column] = len(canaries.about)
            row[column] = _cell(canaries, member, f"{about} {table.name}.{column}")
    return row, numbers


def _cell(canaries: Canaries, member: str, about: str) -> str:
    if member == "number":
        return canaries.phone(about)
    if member == "email":
        return canaries.mail(about)
    if member in {"url", "website"}:
        return canaries.link(about)
    if member == "address_1":
        return canaries.street(about)
    if member == "postal_code":
        return canaries.postal(about)
    if member == "latitude":
        return canaries.position(about)
    if member == "longitude":
        return _plain(canaries, about, "-81.0")
    if member in {"assured_date", "last_modified", "status", "minimum_age", "maximum_age"}:
        return _plain(canaries, about, "")
    return canaries.text(about)


def _plain(canaries: Canaries, about: str, value: str) -> str:
    canaries.word(about)  # takes a number that nothing shows
    return value


def write(place: Path, rows: Sequence[Row]) -> Path:
    """A CSV file of rows."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with place.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    return place


def write_json(place: Path, rows: Sequence[dict[str, Any]]) -> Path:
    """The same as features of a map (https://www.rfc-editor.org/rfc/rfc7946#section-3.3)."""
    features = [{"type": "Feature", "properties": row, "geometry": None} for row in rows]
    place.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return place
