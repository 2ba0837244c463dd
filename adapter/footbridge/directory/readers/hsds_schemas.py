"""Strict mode for HSDS JSON: the official JSON Schemas decide, from a path that the user names.

The schemas are CC BY-SA and are not shipped (https://github.com/openreferral/specification, ``schema/``). The path is a
folder of them, in which they name each other (``phone.json``), or one JSON file with the required members and the
properties of each object. A finding names the member and the rule, never the value: it may be one to be withheld.
"""

import datetime as dt
import itertools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from footbridge.directory.errors import DirectoryError
from footbridge.directory.readers.shapes import Json
from footbridge.directory.records import Finding, Kind
from footbridge.i18n import _

if TYPE_CHECKING:
    from jsonschema import FormatChecker
    from jsonschema.protocols import Validator

_BASE: Final = "https://schemas.invalid/"  # never fetched: the registry below holds every schema
_MOST: Final = 20
_CORE: Final[tuple[Kind, ...]] = ("organization", "location", "service", "service_at_location")


class DocumentSchemas:
    """The schemas of one path, ready to check objects.

    Raises:
        DirectoryError: no path is named, or it holds no schema of a service.
    """

    def __init__(self, place: Path | None) -> None:
        from referencing import Registry, Resource  # noqa: PLC0415 - only strict mode needs it
        from referencing.jsonschema import DRAFT202012  # noqa: PLC0415

        if place is None:
            raise DirectoryError(
                _(
                    "Strict mode needs the official HSDS schemas, which are not part of Footbridge: name "
                    "their folder or file with --schemas (https://github.com/openreferral/specification, "
                    "folder schema)."
                )
            )
        schemas = _load(place)
        if "service" not in schemas:
            raise DirectoryError(
                _("{name}: holds no schema of a service. Name the folder schema of HSDS 3.x.", name=place.name)
            )
        resources = [
            (f"{_BASE}{name}.json", Resource.from_contents(schema, default_specification=DRAFT202012))
            for name, schema in schemas.items()
        ]
        self._registry = Registry().with_resources(resources)
        self._names = frozenset(schemas)
        self._checker = _formats()
        self._validators: dict[str, Validator] = {}

    def check(self, kind: str, value: Json, path: str, line: int | None) -> Iterator[Finding]:
        """What breaks the schema of its type: at most ``_MOST`` findings. A type without a schema breaks nothing."""
        if kind not in self._names:
            return
        native_id = value.get("id") if isinstance(value, Mapping) and isinstance(value.get("id"), str) else None
        try:
            errors = list(itertools.islice(self._validator(kind).iter_errors(value), _MOST))
        except RecursionError:
            yield Finding("hsds.too-deep", path, line, found=kind)
            return
        for error in errors:
            member = ".".join(str(part) for part in error.absolute_path) or None
            expected = json.dumps(error.validator_value, ensure_ascii=False, default=str)
            rule = f"{error.validator}: {expected}" if len(expected) < 160 else str(error.validator)
            if error.validator == "required" and isinstance(error.instance, Mapping):
                wanted: Json = error.validator_value
                missing = [name for name in wanted if name not in error.instance]
                rule = f"required: {', '.join(missing)}"
            known: Kind | None = next((name for name in _CORE if name == kind), None)
            yield Finding("hsds.schema", path, line, known, native_id, member, found=rule[:200])

    def _validator(self, kind: str) -> "Validator":
        from jsonschema import Draft202012Validator  # noqa: PLC0415 - only strict mode needs it

        if kind not in self._validators:
            self._validators[kind] = Draft202012Validator(
                {"$ref": f"{_BASE}{kind}.json"}, registry=self._registry, format_checker=self._checker
            )
        return self._validators[kind]


def _load(place: Path) -> dict[str, dict[str, Any]]:
    try:
        if place.is_dir():
            read = {path.stem: json.loads(path.read_bytes()) for path in sorted(place.glob("*.json"))}
            return {
                name: {**schema, "$id": f"{_BASE}{name}.json"} for name, schema in read.items() if _is_schema(schema)
            }
        given = json.loads(place.read_bytes())
    except (OSError, ValueError) as error:
        raise DirectoryError(
            _("{name}: cannot be read as JSON Schemas. Name a folder of them, or one file.", name=place.name)
        ) from error
    if not isinstance(given, dict):
        raise DirectoryError(
            _("{name}: holds no schemas. Name a folder of JSON Schemas, or one file.", name=place.name)
        )
    return {
        name: _from_facts(name, row) for name, row in given.items() if isinstance(row, dict) and "properties" in row
    }


def _is_schema(given: Json) -> bool:
    return isinstance(given, dict) and isinstance(given.get("properties"), dict)


def _from_facts(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """A JSON Schema of ``{required, properties: {name: {type, format, enum, items, $ref}}}``, refs by file name."""
    properties = {}
    for member, given in row["properties"].items():
        rule = {key: given[key] for key in ("type", "format", "enum", "$ref") if key in given}
        if isinstance(given.get("items"), str):
            rule["items"] = {"$ref": given["items"]}
        properties[member] = rule
    schema: dict[str, Any] = {"$id": f"{_BASE}{name}.json", "type": "object", "properties": properties}
    if row.get("required"):
        schema["required"] = row["required"]
    return schema


def _formats() -> "FormatChecker":
    from jsonschema import FormatChecker  # noqa: PLC0415 - only strict mode needs it

    checker = FormatChecker()  # knows uuid, email, date and time
    checker.checks("uri")(lambda value: not isinstance(value, str) or bool(urlsplit(value).scheme))
    checker.checks("date-time", raises=ValueError)(_is_instant)
    return checker


def _is_instant(value: object) -> bool:
    if not isinstance(value, str):
        return True
    dt.datetime.fromisoformat(value)
    return "T" in value.upper()
