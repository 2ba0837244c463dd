"""Mappings of a user's own Ocean forms: the JSON files of the folder ``FOOTBRIDGE_OCEAN_FORMS``, one a form.

A file has the members of those in ``mappings/ocean/forms``: ``name``, maybe ``references`` (names of the form in
messages), and ``fields``, each with ``is``, ``linkId`` and ``text``. They go before the mappings that ship. A process
reads the folder once; after a change it is started again.
"""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from footbridge.errors import ConfigurationError
from footbridge.i18n import _
from footbridge.partners.ocean.loose import Json
from footbridge.partners.ocean.translate.tables import folded, table
from footbridge.settings import settings
from footbridge.terminology import category

CHART: Final = "chart"
TEXTS: Final = ("linkId", "text")


def own_forms() -> tuple[Mapping[str, Any], ...]:
    """The mappings, in the order of their files' names; none without the setting.

    Raises:
        ConfigurationError: the folder or a file cannot be read, or a member is wrong; says which.
    """
    place = settings().ocean_forms
    return () if place is None else _read(place)


@functools.lru_cache(maxsize=4)
def _read(place: Path) -> tuple[Mapping[str, Any], ...]:
    try:
        files = sorted(file for file in place.iterdir() if file.suffix == ".json")
        read = [(file.name, file.read_bytes()) for file in files]
    except OSError as error:
        raise ConfigurationError(_("FOOTBRIDGE_OCEAN_FORMS: {place} cannot be read.", place=str(place))) from error
    return tuple(_form(name, body) for name, body in read)


def _form(name: str, body: bytes) -> Mapping[str, Any]:
    try:
        form = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ConfigurationError(_("FOOTBRIDGE_OCEAN_FORMS: {name} is not JSON.", name=name)) from error
    if not isinstance(form, dict) or not _is_text(form.get("name")) or not _are_texts(form.get("references", [])):
        raise _wrong(name, "name, references")
    fields = form.get("fields")
    if not isinstance(fields, list) or not fields:
        raise _wrong(name, "fields")
    kinds = {row["is"] for row in table("questions")["fields"]} | {"note", CHART}
    for number, row in enumerate(fields):
        if not isinstance(row, dict) or row.get("is") not in kinds:
            raise _wrong(name, f"fields/{number}/is")
        if not all(_are_texts(row.get(member, [])) for member in TEXTS):
            raise _wrong(name, f"fields/{number}/linkId, text")
        options = row.get("options", {})
        if not isinstance(options, dict) or not all(_is_text(code) and category(code) for code in options.values()):
            raise _wrong(name, f"fields/{number}/options")
        row["options"] = {folded(answer): code for answer, code in options.items()}
    return form


def _wrong(name: str, place: str) -> ConfigurationError:
    words = _("FOOTBRIDGE_OCEAN_FORMS: {place} of {name} is missing or wrong.", place=place, name=name)
    return ConfigurationError(words)


def _is_text(value: Json) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _are_texts(value: Json) -> bool:
    return isinstance(value, list) and all(_is_text(one) for one in value)
