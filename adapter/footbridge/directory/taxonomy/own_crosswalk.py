"""Reads a 211's own crosswalk: a FHIR ConceptMap, or a table (CSV) with the columns code and category.

A code with several categories has several lines in a table, or a cell with ``;`` between them; an empty category says
that the code serves none. In a ConceptMap of that shape a target without a code, or one that is ``unmatched`` or
``disjoint``, says the same (https://hl7.org/fhir/R4/valueset-concept-map-equivalence.html). Every fault is told with
its line, and a file with a fault is refused whole.
"""

import csv
import functools
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from footbridge.data import read_json
from footbridge.directory.taxonomy.codes import facts, normalised
from footbridge.errors import ConfigurationError
from footbridge.i18n import _, joined

MAX_BYTES: Final = 10_000_000
MAX_FAULTS: Final = 20  # that are told at once
NO_CATEGORY: Final = frozenset({"unmatched", "disjoint"})
SHOWN: Final = 40  # characters of a wrong value

Rows = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Pair:
    """One line of a table, or one target of a ConceptMap; no category: the code serves none."""

    line: int
    code: str
    category: str | None


@dataclass(frozen=True, slots=True)
class _Fault:
    line: int
    text: str


def read_own(path: Path) -> Rows:
    """The rows of the file: 211 code -> categories, in the order of the file.

    Raises:
        ConfigurationError: it cannot be read, or has faults; each is told with its line.
    """
    text = _text(path)
    found = list(_map_pairs(text) if text.lstrip().startswith("{") else _table_pairs(text))
    faults = [row for row in found if isinstance(row, _Fault)]
    pairs = [row for row in found if isinstance(row, _Pair)]
    rows: dict[str, list[str]] = {}
    for pair in pairs:
        code, wrong = normalised(pair.code), _wrong(pair)
        if wrong or code is None:
            faults.append(_Fault(pair.line, wrong or ""))
            continue
        there = rows.setdefault(code, [])
        if pair.category and pair.category not in there:
            there.append(pair.category)
    if not pairs and not faults:
        faults.append(_Fault(1, _("there is no row; write a 211 code and a category in each line")))
    if faults:
        raise ConfigurationError(_told(path, faults))
    return {code: tuple(categories) for code, categories in rows.items()}


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(
            _(
                "The crosswalk {name} cannot be read ({strerror}): FOOTBRIDGE_CROSSWALK must name a file.",
                name=path.name,
                strerror=error.strerror,
            )
        ) from None
    if len(content) > MAX_BYTES:
        raise ConfigurationError(
            _("The crosswalk {name} is larger than {max_bytes} bytes.", name=path.name, max_bytes=MAX_BYTES)
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(
            _("The crosswalk {name}, line {line}: save it as UTF-8.", name=path.name, line=line)
        ) from None


def _told(path: Path, faults: list[_Fault]) -> str:
    first = sorted(faults, key=lambda fault: fault.line)[:MAX_FAULTS]
    lines = [_("line {line}: {error}", line=fault.line, error=fault.text) for fault in first]
    more = [_("and {count} more", count=len(faults) - len(first))] if len(faults) > len(first) else []
    told = joined([*lines, *more], "; ")
    return _("The crosswalk {name} cannot be used. {errors}.", name=path.name, errors=told)


def _wrong(pair: _Pair) -> str | None:
    """What is wrong with a pair, and how to mend it."""
    if normalised(pair.code) is None:
        return _("{code} is not a 211 code, such as BD-1800.2000", code=_shown(pair.code))
    if pair.category is not None and pair.category not in _categories():
        return _(
            "{category} is not a category; the categories are those of terminology/categories.json",
            category=_shown(pair.category),
        )
    return None


def _shown(value: str) -> str:
    return repr(value if len(value) <= SHOWN else value[:SHOWN] + "…")


@functools.cache
def _categories() -> frozenset[str]:
    return frozenset(row["code"] for row in read_json("terminology", "categories.json")["categories"])


def _table_pairs(text: str) -> Iterator[_Pair | _Fault]:
    first = re.search(r"[,;\t]", text)
    separator = first.group() if first else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for cells in reader:
            yield from _line_pairs([cell.strip() for cell in cells], reader.line_num)
    except csv.Error as error:
        yield _Fault(reader.line_num, _("this is not CSV ({error})", error=str(error)))


def _line_pairs(cells: list[str], line: int) -> Iterator[_Pair | _Fault]:
    if not any(cells) or cells[0].startswith("#") or (line == 1 and "code" in cells[0].casefold()):
        return
    if len(cells) != 2:
        yield _Fault(line, _("there are {count} columns; write two: a 211 code and a category", count=len(cells)))
        return
    for category in [part.strip() for part in cells[1].split(";")]:
        yield _Pair(line, cells[0], category or None)


def _map_pairs(text: str) -> Iterator[_Pair | _Fault]:
    try:
        resource = json.loads(text)
    except json.JSONDecodeError as error:
        yield _Fault(error.lineno, _("this is not JSON ({error})", error=error.msg))
        return
    except RecursionError:
        yield _Fault(1, _("this is nested too deeply"))
        return
    if resource.get("resourceType") != "ConceptMap":
        yield _Fault(1, _('this is not a FHIR ConceptMap; "resourceType" must be "ConceptMap"'))
        return
    lines = _Lines(text)
    for group in _objects(resource.get("group")):
        if group.get("source") not in {None, facts()["system"]}:
            yield _Fault(lines.last, _("the source of each group must be {system}", system=facts()["system"]))
        for element in _objects(group.get("element")):
            yield from _element_pairs(element, lines)


def _element_pairs(element: Mapping[str, Any], lines: "_Lines") -> Iterator[_Pair | _Fault]:
    code = element.get("code")
    if not isinstance(code, str):
        yield _Fault(lines.last, _("the element after this line has no code"))
        return
    line = lines.of(code)
    targets = _objects(element.get("target"))
    if not targets:
        yield _Fault(
            line, _("{code} has no target; one without a code says that it serves no category", code=_shown(code))
        )
    for target in targets:
        name = target.get("code")
        none = name is None or target.get("equivalence") in NO_CATEGORY
        yield _Pair(line if none else lines.of(str(name)), code, None if none else str(name))


def _objects(value: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401 - any JSON
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


class _Lines:
    """In which line of a JSON text the codes of its elements and targets stand, asked for in their order."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._from = 0
        self.last = 1

    def of(self, code: str) -> int:
        """The line of the next member ``code`` with this value; the line before where it is written otherwise."""
        written = rf'"code"\s*:\s*{re.escape(json.dumps(code, ensure_ascii=False))}'
        if found := re.compile(written).search(self._text, self._from):
            self.last += self._text.count("\n", self._from, found.end())
            self._from = found.end()
        return self.last
