"""Objects under any of HSDS's names, read as those of HSDS 3.1 by the table ``mappings/directory/hsds-aliases.json``.

The table holds every name and shape: older members, lists that were an object, coordinates that were nested. This
module holds the kinds of rows that the table may have. Values stay as they are; only what carries them is renamed.
Texts come without control characters: ``hsds_documents`` and ``text`` see to that.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from footbridge.directory.readers import shapes
from footbridge.directory.readers.hsds_types import ObjectType, Relation, Step, hiding, is_id, table, types
from footbridge.directory.readers.shapes import Json
from footbridge.directory.readers.tally import Tally

MEMBERS: Final = 2_000  # of one object; the widest has some hundred
DEPTH: Final = 16  # objects in objects; HSDS itself needs five
_RESERVED: Final = {"restrictions", "notes"}  # members of ours: a source's own go by another name
Related = list[tuple[Relation, Any]]


@dataclass(slots=True)
class Named:
    """An object under the names of HSDS 3.1, and the core objects that stood in it, with their place."""

    data: dict[str, Any]
    related: Related = field(default_factory=list)


class HsdsNames:
    """Reads objects of one source; ``tally`` counts what was renamed, unknown or of another shape."""

    def __init__(self, tally: Tally, *, cells: bool = False) -> None:
        self.table = table()
        self.types = types()
        self.tally = tally
        self.line: int | None = None  # of the document that is read, for what is counted
        self.cells = cells  # values are cells of a table, where a list is one text

    def read(self, kind: str, raw: Mapping[str, Any], path: str) -> Named:
        """An object of this type (a core or child type of the table); ``path`` says where it stands."""
        related: Related = []
        return Named(self._object(self.types[kind], raw, path, 0, related), related)

    def children(
        self,
        kind: str,
        value: Json,
        path: str,
        depth: int = 0,
        *,
        single: bool = False,
    ) -> list[dict[str, Any]]:
        """The objects of a child list, or a ``single`` one, whatever carries them: a list, one object, or a text."""
        spec = self.types[kind]
        found: list[dict[str, Any]] = []
        items = [value] if single and not isinstance(value, list) else self._items(spec, value, path)
        for item in items:
            given = item if isinstance(item, dict) else {spec.text or "name": item}
            child = self._object(spec, given, path, depth + 1, None)
            if shapes.EACH in child:
                found.extend(shapes.spread_each(child))
            elif child:
                found.append(child)
        return found

    def _object(
        self, spec: ObjectType, raw: Mapping[str, Any], path: str, depth: int, related: Related | None
    ) -> dict[str, Any]:
        if depth > DEPTH:
            self.tally.add("hsds.too-deep", spec.name, path, self.line)
            return {}
        if len(raw) > MEMBERS:
            self.tally.add("hsds.too-many-members", spec.name, path, self.line)
            return {}
        data = dict(spec.constants)
        reading: _Reading | None = None
        for key, name, step, arg in spec.plan(raw):
            value = raw[key]
            if type(value) is str and step <= Step.ID and arg not in data:  # most members of most objects
                text = value.strip()
                if text:
                    data[arg] = value if step is Step.TEXT else text[: shapes.ID_LENGTH]
                continue
            if shapes.empty(value):
                continue
            if step is Step.CHILDREN and type(value) is list:
                found = self.children(arg, value, path, depth)
                if found:
                    data.setdefault(name, []).extend(found)
                continue
            if step is Step.RELATED and related is not None:
                related.append((arg, value))
                continue
            reading = reading or _Reading(self, spec, data, path, depth)
            reading.member(name, value)
        if reading is not None:
            reading.put_inline()
        return data

    def _items(self, spec: ObjectType, value: Json, path: str) -> Iterator[Any]:
        if isinstance(value, list):
            for item in value:
                if isinstance(item, list):
                    yield from (part for part in item if not shapes.empty(part) and not isinstance(part, list))
                elif not shapes.empty(item):
                    yield item
            return
        if isinstance(value, str):
            yield from shapes.split_cell(value, spec.cell if self.cells else None)
            return
        self.tally.add("hsds.shape", f"{spec.name}: {shapes.type_name(value)}", path, self.line, done="list")
        yield value


class _Reading:
    """The members of one object that need more than to be copied."""

    def __init__(self, names: HsdsNames, spec: ObjectType, data: dict[str, Any], path: str, depth: int) -> None:
        self.names, self.spec, self.data, self.path, self.depth = names, spec, data, path, depth
        self.inline: dict[str, dict[str, Any]] = {}
        self.hidden: set[str] = set()

    def member(self, key: str, value: Json) -> None:
        """Read one member under its name in the table."""
        spec, table_ = self.spec, self.names.table
        if key in table_["flags"] and key not in spec.members:
            shapes.set_flag(table_, key, value, self.data, lambda: self._count("hsds.flag-unclear", key))
        elif key in spec.members:
            self._put(key, key, value)
        elif key in spec.lists:
            self.data.setdefault(key, []).extend(self._list_of(spec.lists[key], value))
        elif key in spec.one:
            self._put_one(key, value)
        elif key in spec.values:
            self._put_all(shapes.by_truth(table_, spec.values[key], value))
        elif key in spec.aliases:
            self._alias(key, spec.aliases[key], value)
        elif key in spec.inline:
            self.inline.setdefault(spec.inline[key], {})[key] = value
        elif not self._hides(key, value):
            if key == "status":  # HSDS has it for services alone
                shapes.set_status(table_, shapes.scalar(value), self.data)
            self._count("hsds.unknown-member", key)
            self.data[f"source_{key}" if key in _RESERVED else key] = shapes.pruned(value)

    def _hides(self, key: str, value: Json) -> bool:
        """Whether a name says by its form that it, or another member of the object, is not for the public."""
        flag = hiding("flag").fullmatch(key)
        if flag is not None and shapes.truth(self.names.table, value) is not None:
            self.hidden |= {flag["member"]} if shapes.truth(self.names.table, value) else set()
            return True
        if hiding("value").fullmatch(key) is None or isinstance(value, bool):
            return False
        self.data[key] = {"value": shapes.pruned(value), "withheld": "confidential"}
        return True

    def _withhold(self) -> None:
        """Mark the members that a flag of the object hides: ``email``, or the addresses by ``address``."""
        for member in self.hidden & self.data.keys():
            self.data[member] = {"value": self.data[member], "withheld": "confidential"}
        for member in self.hidden:
            for child in self.data.get(f"{member}es" if member.endswith("s") else f"{member}s", ()):
                if isinstance(child, dict):
                    child["withheld"] = "confidential"

    def put_inline(self) -> None:
        """Set the children whose members stood in the object itself, and hide what a flag hides."""
        self._put_children()
        if self.hidden:
            self._withhold()

    def _put_children(self) -> None:
        for target, members in self.inline.items():
            if target not in self.spec.lists:
                self._put_one(target, members)
                continue
            found = self._list_of(self.spec.lists[target], members, single=True)
            listed = self.data.setdefault(target, [])
            text = self.names.types[self.spec.lists[target]].text
            if len(listed) == 1 and set(listed[0]) == {text} and found and text not in found[0]:
                listed[0].update(found[0])  # a street in one member, and its city beside it
            else:
                listed.extend(found)

    def _count(self, rule: str, key: str, done: str | None = None) -> None:
        self.names.tally.add(rule, f"{self.spec.name}.{key}"[:200], self.path, self.names.line, done=done)

    def _list_of(self, kind: str, value: Json, *, single: bool = False) -> list[dict[str, Any]]:
        return self.names.children(kind, value, self.path, self.depth, single=single)

    def _put_all(self, constants: Mapping[str, Any]) -> None:
        for name, constant in constants.items():
            self.data.setdefault(name, constant)

    def _put(self, target: str, key: str, value: Json) -> None:
        """Set a member that is a text or number."""
        data, table_ = self.data, self.names.table
        if isinstance(value, list | dict):
            self._count("hsds.shape", key, done="text")
        if target == "byday":
            value = shapes.weekdays(table_, value)
        text = shapes.scalar(value)
        if is_id(target):
            text = shapes.native_id(value)
            if text is None:
                self._count("hsds.id-not-text", key)
                return
        if shapes.empty(text):
            return
        if target == "status":
            shapes.set_status(table_, text, data)
        if target == "location_type":
            shapes.set_location_type(table_, text, data)
        if target not in data:
            data[target] = text
        elif shapes.same(data[target], text):
            return
        elif target in self.spec.joins:
            data[target] = f"{data[target]}{self.spec.joins[target]}{text}"
        else:
            self._count("hsds.two-names", f"{key} / {target}")
            data.setdefault(key if key != target else f"{key}_2", text)

    def _put_one(self, target: str, value: Json) -> None:
        """Set a member that is one object."""
        found = self._list_of(self.spec.one[target], value, single=True)
        if found:
            self.data.setdefault(target, found[0])

    def _alias(self, key: str, action: Json, value: Json) -> None:
        """Do what the table says for an older name."""
        data = self.data
        if isinstance(action, str):
            self._count("hsds.alias", key, done=action)
            self._put(action, key, value)
        elif "list" in action:
            self._count("hsds.alias", key, done=action["list"])
            found = self._list_of(action.get("as") or self.spec.lists[action["list"]], value)
            constants = action.get("with", {})
            data.setdefault(action["list"], []).extend({**constants, **child} for child in found)
        elif "one" in action:
            self._put_one(action["one"], value)
        elif "note" in action:
            texts = value if isinstance(value, list) else [value]
            notes = [{"text": str(shapes.scalar(text)), "withheld": action["note"]} for text in texts]
            data.setdefault("notes", []).extend(note for note in notes if note["text"])
        elif "rrule" in action:
            self._put_all(shapes.recurrence(value))
        elif "each" in action:
            data.setdefault(shapes.EACH, []).extend(self._list_of(self.spec.name, value))
        elif "values" in action:
            self._put_all(shapes.by_truth(self.names.table, action["values"], value))
        else:
            self._spread(key, action, value)

    def _spread(self, key: str, action: Mapping[str, Any], value: Json) -> None:
        pair = action.get("pair")
        if pair and isinstance(value, list) and len(value) == len(pair) and not isinstance(value[0], list | dict):
            value = dict(zip(pair, value, strict=True))
        for item in value if isinstance(value, list) else [value]:
            texts = [item] if "text" in action and not isinstance(item, bool | dict) else []
            if isinstance(item, dict):
                for inner, target in action.get("spread", {}).items():
                    if not shapes.empty(item.get(inner)):
                        self.data.setdefault(target, shapes.scalar(item[inner]))
                texts = [item[name] for name in action.get("text", ()) if not shapes.empty(item.get(name))]
            for text in texts[:1]:
                self._put(action["to"], key, text)
