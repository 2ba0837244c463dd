"""Column mappings: which columns of a table make which member of which record, as JSON that a user can write.

``docs/reference/directory-columns.md`` explains it with examples. Those of vendors are in
``mappings/directory/columns/`` and are recognised by their columns. A mapping is checked as a whole when it is read: a
member that HSDS 3.1 does not have, or a list of the wrong type, is an error that says where.
"""

import functools
import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from footbridge import data as data_files
from footbridge.directory.errors import DirectoryError
from footbridge.directory.readers.hsds_types import types
from footbridge.directory.readers.shapes import Json
from footbridge.directory.records import RESTRICTIONS
from footbridge.i18n import _, _n

_MOST_ERRORS = 8  # that are told at once
_CORE = ("organization", "location", "service", "service_at_location")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Condition(_Part):
    """When a row, or a flag, applies: ``is`` reads yes and no in any words, ``in`` and ``matches`` ignore case."""

    column: str
    is_: Literal["true", "false"] | None = Field(None, alias="is")
    in_: list[str] | None = Field(None, alias="in")
    matches: str | None = None
    filled: bool | None = None

    @model_validator(mode="after")
    def _one_test(self) -> Self:
        if sum(each is not None for each in (self.is_, self.in_, self.matches, self.filled)) != 1:
            raise ValueError("needs exactly one of is, in, matches, filled")
        if self.matches is not None:
            try:
                re.compile(self.matches)
            except re.error as error:
                raise ValueError(f"matches is not a regular expression: {error}") from error
        return self


class Value(_Part):
    """A member's value: of one column, of the first that is filled, of several joined, or a constant."""

    column: str | None = None
    first: list[str] | None = None
    columns: list[str] | None = None
    join: str = " "
    constant: str | None = None
    values: dict[str, str] = {}  # what a cell means, in lower case; others stay as they are
    default: str | None = None  # where the cells are empty
    only: bool = False  # with values: another cell gives nothing
    parsed: bool = False  # the cell holds a list: its entries are joined
    prefix: str = ""
    counts: bool = True  # false: the member alone makes no object (a country in every row)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if sum(each is not None for each in (self.column, self.first, self.columns, self.constant)) != 1:
            raise ValueError("needs exactly one of column, first, columns, constant")
        return self


class Split(_Part):
    """A list in one cell: its entries go to the member ``to``, or by ``pattern`` with a named group for each member."""

    column: str
    at: str = ";"
    to: str | None = None
    pattern: str | None = None


class Terms(_Part):
    """Taxonomy terms in cells: codes and names in the same order; ``linked`` joins a code with those that narrow it."""

    codes: str | None = None
    names: list[str] = []  # the first column that has as many entries as the codes
    at: str = ";"
    linked: str | None = "*"
    taxonomy: str | None = None


class Withheld(Condition):
    """A flag that withholds the object in which it stands."""

    reason: Literal["confidential", "reason-withheld", "internal"] = "confidential"


class Restriction(Condition):
    """A flag that restricts the record."""

    restriction: str

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.restriction not in RESTRICTIONS:
            raise ValueError(f"restriction must be one of {', '.join(RESTRICTIONS)}")
        return self


class Item(_Part):
    """One child, or several: for each of ``repeat`` (put where {} is), each entry of a cell, or each object in it."""

    members: dict[str, str | Value] = {}
    lists: dict[str, list["Item"]] = {}
    needs: list[str] = []
    withheld: list[Withheld] | Literal["confidential", "reason-withheld", "internal"] = []
    repeat: list[str] = []
    split: Split | None = None
    each: str | None = None
    at: str = ";,"  # where ``each`` is plain text and no list of objects: any of these is between two entries
    terms: Terms | None = None


class RecordSpec(_Part):
    """One record of a row, or with ``of`` a child of another table's record."""

    kind: str
    id: str | Value | None = None
    of: dict[str, str] = {}
    when: list[Condition] = []
    members: dict[str, str | Value] = {}
    lists: dict[str, list[Item]] = {}
    needs: list[str] = []
    withheld: list[Withheld] = []
    restrictions: list[Restriction] = []
    notes: list[str] = []
    each: str | None = None
    named: bool = False  # the row only names the record: it is made where no row of its own gives it

    @model_validator(mode="after")
    def _by_hsds(self) -> Self:
        if self.kind not in types() or (self.kind not in _CORE and not self.of):
            raise ValueError(f"kind {self.kind!r} must be one of {', '.join(_CORE)}; a child needs 'of'")
        _check_members(self.kind, self.members, self.lists)
        return self


class TableSpec(_Part):
    """One kind of table: recognised when it has all columns of ``recognise``."""

    name: str
    recognise: list[str]
    skip: list[Condition] = []
    records: list[RecordSpec]
    ignore: list[str] = []  # columns that are known, and hold nothing for a directory


class ColumnMapping(_Part):
    """All tables of a source."""

    name: str
    source: str
    tables: list[TableSpec]

    def table_for(self, columns: Iterable[str]) -> TableSpec | None:
        """The table that has these columns; of several the one that asks for most."""
        there = {folded(name) for name in columns}
        fitting = [table for table in self.tables if {folded(name) for name in table.recognise} <= there]
        return max(fitting, key=lambda table: len(table.recognise), default=None)


def folded(column: str) -> str:
    """A column's name as it is compared: without case, and with single spaces."""
    return " ".join(column.split()).casefold()


def load(place: Path) -> ColumnMapping:
    """A mapping that the user names.

    Raises:
        DirectoryError: it cannot be read, or has an error; says where.
    """
    try:
        read: Json = json.loads(place.read_text("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise DirectoryError(
            _("{name}: cannot be read as a column mapping (JSON): {error}.", name=place.name, error=str(error))
        ) from error
    return _checked(read, place.name)


@functools.cache
def shipped() -> Sequence[ColumnMapping]:
    """The mappings of vendors, in the order of their names."""
    folder = data_files.folder("mappings").joinpath("directory", "columns")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".json"))
    return tuple(_checked(data_files.read_json("mappings", "directory", "columns", name), name) for name in names)


def _checked(read: Json, name: str) -> ColumnMapping:
    shared = read.pop("shared", {}) if isinstance(read, dict) else {}
    try:
        return ColumnMapping.model_validate(_with_shared(read, shared if isinstance(shared, dict) else {}))
    except ValidationError as error:
        said = [
            _(
                "at {where}: {message}",
                where=".".join(str(part) for part in one["loc"]) or _("the beginning"),
                message=str(one["msg"]).removeprefix("Value error, "),
            )
            for one in error.errors()[:_MOST_ERRORS]
        ]
        left = error.error_count() - len(said)
        said += [_n("{count} more error", "{count} more errors", left)] if left else []
        raise DirectoryError(
            _("{name}: the column mapping has errors: {errors}.", name=name, errors="; ".join(said))
        ) from error


def _with_shared(value: Json, shared: dict[str, Any]) -> Json:
    """The mapping with each ``#name`` replaced by that part of ``shared``; a list of lists becomes one list."""
    if isinstance(value, str) and value.startswith("#") and value[1:] in shared:
        return shared[value[1:]]
    if isinstance(value, dict):
        return {name: _with_shared(inner, shared) for name, inner in value.items()}
    if isinstance(value, list):
        found: list[Any] = []
        for inner in value:
            resolved = _with_shared(inner, shared)
            found.extend(resolved if isinstance(inner, str) and isinstance(resolved, list) else [resolved])
        return found
    return value


def _check_members(kind: str, members: Iterable[str], lists: dict[str, list[Item]]) -> None:
    spec = types()[kind]
    unknown = [name for name in members if name not in spec.members and name not in spec.one]
    if unknown:
        raise ValueError(f"{kind} has no member {unknown[0]!r}; it has {', '.join(sorted(spec.members))}")
    for name, items in lists.items():
        if name not in spec.lists:
            raise ValueError(f"{kind} has no list {name!r}; it has {', '.join(sorted(spec.lists))}")
        for item in items:
            _check_members(spec.lists[name], item.members, item.lists)
            if item.split is not None and item.split.to is not None:
                _check_members(spec.lists[name], [item.split.to], {})
