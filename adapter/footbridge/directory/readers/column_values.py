"""Records and children of one row, as a column mapping says."""

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from footbridge.directory.readers import shapes
from footbridge.directory.readers.column_mapping import Condition, Item, Restriction, Terms, Value, Withheld, folded
from footbridge.directory.readers.delimited import CUT
from footbridge.directory.readers.hsds_types import table
from footbridge.directory.readers.shapes import Json
from footbridge.directory.readers.tally import Tally

_LITERAL: Final = 512 * 1024  # characters of a cell that holds objects
_ENTRIES: Final = 5_000


class RowReader:
    """Reads one row; ``inner`` rows are the objects in one of its cells."""

    def __init__(
        self, cells: Mapping[str, Any], tally: Tally, path: str, line: int | None, outer: "RowReader | None" = None
    ) -> None:
        self._outer = outer  # its columns are seen too
        self._cells = {folded(name): cell for name, cell in cells.items()}
        self._tally, self._path, self._line = tally, path, line
        self.used: set[str] = set()
        self.is_text = False  # an entry of a cell that is no object
        self._texts: dict[str, bool] = {}  # cells that should hold objects and have text: whether something was read

    def cell(self, column: str) -> Json:
        """The cell under a column, None when it is empty or there is no such column."""
        name = folded(column)
        self.used.add(name)
        value = self._cells.get(name)
        if shapes.empty(value):
            return self._outer.cell(column) if self._outer is not None and name not in self._cells else None
        return value

    def text(self, column: str) -> str | None:
        """The cell as text."""
        value = self.cell(column)
        return None if value is None else str(shapes.scalar(value))

    def value(self, given: str | Value) -> str | None:
        """The value of a member."""
        if isinstance(given, str):
            return self.text(given)
        if given.constant is not None:
            return given.constant
        text = self._source(given)
        if text is None:
            text = given.default
        elif given.values:
            text = given.values.get(text.strip().casefold(), None if given.only else text)
        return f"{given.prefix}{text}" if text else None

    def _source(self, given: Value) -> str | None:
        if given.column is not None and given.parsed:
            parts = [row.text("value") for row in self.inner(given.column)]
            return "; ".join(part for part in parts if part) or None
        if given.column is not None:
            return self.text(given.column)
        if given.first is not None:
            return next((found for name in given.first if (found := self.text(name)) is not None), None)
        parts = [self.text(name) for name in given.columns or ()]
        return given.join.join(dict.fromkeys(part for part in parts if part)) or None

    def applies(self, condition: Condition) -> bool | None:
        """Whether a condition holds; None when the cell is neither yes nor no."""
        value = self.cell(condition.column)
        if condition.filled is not None:
            return (value is not None) == condition.filled
        if value is None:
            return False
        text = str(value).strip()
        if condition.in_ is not None:
            return text.casefold() in {each.casefold() for each in condition.in_}
        if condition.matches is not None:
            return re.search(condition.matches, text, re.IGNORECASE) is not None
        flag = shapes.truth(table(), value)
        return None if flag is None else flag == (condition.is_ == "true")

    def marked(self, conditions: Iterable[Withheld | Restriction]) -> Iterator[str]:
        """What the flags of a row say; one that is neither yes nor no restricts: nobody is harmed by that."""
        for condition in conditions:
            holds = self.applies(condition)
            if holds is None:
                self._count("table.flag-unclear", condition.column)
            if holds is not False:
                yield condition.reason if isinstance(condition, Withheld) else condition.restriction

    def inner(self, column: str, at: str = ";,") -> Iterator["RowReader"]:
        """The objects in a cell: JSON, or what Python writes for a list; else the entries between ``at``."""
        value = self.cell(column)
        if isinstance(value, str):
            value = self._parsed(column, value, at)
        items = value if isinstance(value, list) else [value]
        for item in items[:_ENTRIES]:
            if not shapes.empty(item):
                row = RowReader(
                    item if isinstance(item, dict) else {"value": item}, self._tally, self._path, self._line, self
                )
                row.is_text = not isinstance(item, dict)
                yield row

    def if_own(self, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What was made of an entry: of one that is text only where its text was read (it is the column ``value``)."""
        return found if not self.is_text or "value" in self.used else []

    def note(self, column: str, entry: "RowReader", *, is_read: bool) -> None:
        """Note whether anything was made of an entry of a cell."""
        if entry.is_text:
            self._texts[column] = self._texts.get(column, False) or is_read

    def tell_unread(self) -> None:
        """Count the cells whose text is neither a list of objects nor of any use as text; call it after the row."""
        for column, is_read in self._texts.items():
            if not is_read:
                self._count("table.cell-not-read", column)

    def members(self, members: Mapping[str, str | Value]) -> tuple[dict[str, Any], bool]:
        """The members of an object, and whether any is more than a constant."""
        data: dict[str, Any] = {}
        filled = False
        for name, given in members.items():
            value = self.value(given)
            if value is None:
                continue
            if name == "byday":
                value = shapes.weekdays(table(), value)
            filled = filled or isinstance(given, str) or (given.constant is None and given.counts)
            data[name] = value
        return data, filled

    def items(self, item: Item) -> Iterator[dict[str, Any]]:
        """The children that an item of a list makes."""
        if item.each is not None:
            one = item.model_copy(update={"each": None})
            for row in self.inner(item.each, item.at):
                found = row.if_own(list(row.items(one)))
                self.note(item.each, row, is_read=bool(found))
                yield from found
        elif item.terms is not None:
            yield from self._terms(item.terms)
        elif item.repeat:
            for number in item.repeat:
                yield from self.items(_numbered(item, number))
        elif item.split is not None:
            yield from self._split(item)
        else:
            yield from self._one(item, {})

    def _one(self, item: Item, found: dict[str, Any]) -> Iterator[dict[str, Any]]:
        data, filled = self.members(item.members)
        for name, items in item.lists.items():
            children = [child for inner in items for child in self.items(inner)]
            if children:
                data[name] = children
                filled = True
        data |= found
        if not (filled or found) or any(name not in data for name in item.needs):
            return
        reasons = [item.withheld] if isinstance(item.withheld, str) else list(self.marked(item.withheld))
        if reasons:
            data["withheld"] = reasons[0]
        yield data

    def _split(self, item: Item) -> Iterator[dict[str, Any]]:
        split = item.split
        if split is None:
            return
        for entry in self._entries(split.column, split.at):
            if split.pattern is None:
                yield from self._one(item, {split.to or "name": entry})
                continue
            match = re.fullmatch(split.pattern, entry)
            if match is not None:
                found = {name: value for name, value in match.groupdict().items() if value}
                if "byday" in found:
                    found["byday"] = shapes.weekdays(table(), found["byday"])
                yield from self._one(item, found)
            elif any(each.isdigit() for each in entry):
                self._count("table.entry-not-read", split.column)

    def _entries(self, column: str, separator: str) -> list[str]:
        """The entries of a cell; of one that was cut the last is not trusted."""
        cell = self.text(column)
        if cell is None:
            return []
        entries = cell.split(separator)
        if len(cell) == CUT and len(entries) > 1:
            entries = entries[:-1]
        return [plain for entry in entries[:_ENTRIES] if (plain := entry.strip())]

    def _terms(self, terms: Terms) -> Iterator[dict[str, Any]]:
        codes = self._entries(terms.codes, terms.at) if terms.codes else []
        names = self._names_of_terms(terms, codes)
        seen: set[tuple[str, str | None]] = set()
        for at, entry in enumerate(codes or names):
            name = names[at] if codes and names else None
            if (entry, name) in seen:  # one term is said once
                continue
            seen.add((entry, name))
            parts = [part for text in entry.split(terms.linked) if (part := text.strip())] if terms.linked else []
            first, *linked = parts or [entry]
            term = {"taxonomy": terms.taxonomy} if terms.taxonomy else {}
            term["code" if codes else "name"] = first
            if codes and names:
                term["name"] = (names[at].split(terms.linked)[0] if terms.linked else names[at]).strip()
            yield {"taxonomy_term": term, "linked": linked} if linked else {"taxonomy_term": term}

    def _names_of_terms(self, terms: Terms, codes: list[str]) -> list[str]:
        columns = {column: found for column in terms.names if (found := self._entries(column, terms.at))}
        chosen = next((name for name, found in columns.items() if len(found) == len(codes) or not codes), None)
        if columns and chosen is None:
            self._count("table.terms-not-paired", terms.codes or "")
        for name, found in columns.items():
            if chosen is not None and found != columns[chosen]:
                self._count("table.names-not-used", name)
        return columns[chosen] if chosen is not None else []

    def _parsed(self, column: str, text: str, at: str) -> Json:
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            pass
        try:
            if len(text) <= _LITERAL and text.lstrip()[:1] in {"[", "{"}:
                return ast.literal_eval(text)  # constants only: nothing is run
        except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
            pass
        if text.lstrip()[:1] in {"[", "{"}:
            self._count("table.cell-not-read", column)
            return None
        return [part.strip() for part in re.split(f"[{re.escape(at)}]", text) if part.strip()]

    def _count(self, rule: str, column: str) -> None:
        self._tally.add(rule, column, self._path, self._line)


def _numbered(item: Item, number: str) -> Item:
    """The item with ``{}`` in its columns replaced."""
    text = item.model_copy(update={"repeat": []}).model_dump_json(by_alias=True, exclude_defaults=True)
    return Item.model_validate_json(text.replace("{}", number))
