"""The crosswalk from 211 codes to SDOH categories: ours, a versioned FHIR ConceptMap, and a user's rows over it.

``mappings/directory/taxonomy-gravity.json`` (https://hl7.org/fhir/R4/conceptmap.html) is a proposal of this project.
A row holds for its code and all codes below it; the longest code that fits decides, with all of its targets. A row
whose target has no code (``unmatched``) decides too: the code serves no category.

The setting FOOTBRIDGE_CROSSWALK names a file of a 211's own (``own_crosswalk``): its rows replace ours by code.
"""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from footbridge.data import read_json
from footbridge.directory.taxonomy.codes import ancestors
from footbridge.directory.taxonomy.own_crosswalk import read_own
from footbridge.settings import settings

TRANSLATION: Final = "http://hl7.org/fhir/StructureDefinition/translation"
PRIMARY: Final = "primary"
_REMEMBERED: Final = 10_000  # codes


@dataclass(frozen=True, slots=True)
class Row:
    """What the table says of a 211 code: its categories, plain cases first, and its label by language.

    ``categories`` is empty where the table says that the code serves no category of its own.
    """

    code: str
    categories: tuple[str, ...]
    labels: Mapping[str, str]
    own: bool = False


class Crosswalk:
    """Rows by code, and the version of the table that they come from."""

    def __init__(self, version: str, rows: Iterable[Row]) -> None:
        self.version = version
        self._rows = {row.code: row for row in rows}
        self._deciding: dict[str, Row | None] = {}  # by code, as far as was asked: a directory has some thousand

    def row(self, code: str) -> Row | None:
        """The row that decides on a code in its plain form: its own, or that of the nearest code above; else None."""
        if code in self._deciding:
            return self._deciding[code]
        found = next((self._rows[one] for one in (code, *ancestors(code)) if one in self._rows), None)
        if len(self._deciding) < _REMEMBERED:
            self._deciding[code] = found
        return found

    def label(self, code: str, language: str = "en") -> str | None:
        """Our short label of exactly this code, in ``en`` or ``fr``; never a term of the taxonomy itself."""
        found = self._rows.get(code)
        return None if found is None else found.labels.get(language)

    def rows(self) -> tuple[Row, ...]:
        """All rows, by code."""
        return tuple(self._rows[code] for code in sorted(self._rows))

    def with_own(self, own: Mapping[str, tuple[str, ...]]) -> "Crosswalk":
        """The crosswalk with a user's rows in place of those of the same code."""
        changed = [Row(code, found, self._labels(code), own=True) for code, found in own.items()]
        return Crosswalk(f"{self.version}+own", [*self._rows.values(), *changed])

    def _labels(self, code: str) -> Mapping[str, str]:
        return self._rows[code].labels if code in self._rows else {}


def crosswalk() -> Crosswalk:
    """The crosswalk that holds: ours, with the rows of the file that FOOTBRIDGE_CROSSWALK names.

    The file is read once in a process.

    Raises:
        ConfigurationError: the file cannot be used; lists its faults by line.
    """
    return with_file(settings().crosswalk)


@functools.lru_cache(maxsize=4)
def with_file(path: Path | None) -> Crosswalk:
    """Our crosswalk with the rows of a user's file, where there is one. Raises as ``crosswalk``."""
    return shipped() if path is None else shipped().with_own(read_own(path))


@functools.cache
def shipped() -> Crosswalk:
    """The crosswalk that comes with Footbridge, without a user's rows."""
    resource = read_json("mappings", "directory", "taxonomy-gravity.json")
    return Crosswalk(resource["version"], map(_row, resource["group"][0]["element"]))


def _row(element: Mapping[str, Any]) -> Row:
    targets = sorted(element["target"], key=lambda target: target.get("comment") != PRIMARY)
    categories = tuple(target["code"] for target in targets if "code" in target)
    return Row(element["code"], categories, dict(_labels(element)))


def _labels(element: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    yield "en", element["display"]
    for extension in element["_display"]["extension"]:
        if extension["url"] == TRANSLATION:
            parts = {part["url"]: part for part in extension["extension"]}
            yield parts["lang"]["valueCode"], parts["content"]["valueString"]
