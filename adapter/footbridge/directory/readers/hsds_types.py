"""The types of ``mappings/directory/hsds-aliases.json``, and for each set of member names a plan how to read them.

Objects of one source have few different sets of names, so that a plan is made once and used for thousands of objects.
"""

import enum
import functools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from footbridge import data as data_files

_UNKNOWN: Final = 1_000_000
_PLANS: Final = 5_000  # a hostile source may have another set of names in each object
_ID_MEMBERS: Final = frozenset({
    "id", "organization_id", "parent_organization_id", "service_id", "location_id", "service_at_location_id",
    "program_id", "contact_id", "phone_id", "taxonomy_term_id", "taxonomy_id", "parent_id", "unit_id", "link_id",
    "resource_id",
})  # fmt: skip
_READ_SPECIALLY: Final = frozenset({"byday", "status", "location_type"})


class Step(enum.IntEnum):
    """What is done with a member."""

    TEXT = 0  # a text or number goes to the member ``arg``
    ID = 1
    CHILDREN = 2  # a list of the type ``arg``
    RELATED = 3  # core objects; ``arg`` is a Relation
    OTHER = 4  # as the table says


@dataclass(frozen=True, slots=True)
class Relation:
    """How a core object stands in another; the table's ``about`` explains its members."""

    member: str
    kind: str
    back: str | None = None
    refers: str | None = None
    joined: bool = False
    address_only: bool = False
    constants: Mapping[str, Any] = field(default_factory=dict)


Plan = list[tuple[str, str, Step, Any]]  # the source's name, the table's name, the step, its argument


class ObjectType:
    """One type of the table, with the order in which members are read: today's names first, then the older ones."""

    def __init__(self, name: str, row: Mapping[str, Any], flags: Iterable[str]) -> None:
        self.name = name
        self.members = frozenset(row["members"])
        self.lists: Mapping[str, str] = row.get("lists", {})
        self.one: Mapping[str, str] = row.get("one", {})
        self.text: str | None = row.get("text")
        self.cell: str | None = row.get("cell")
        self.joins: Mapping[str, str] = row.get("join", {})
        self.aliases: Mapping[str, Any] = row.get("aliases", {})
        self.constants: Mapping[str, Any] = row.get("with", {})
        self.values: Mapping[str, Any] = row.get("values", {})
        self.inline = {old: target for target, names in row.get("inline", {}).items() for old in names}
        self.relations = {given: _relation(given, rel) for given, rel in row.get("relations", {}).items()}
        self._flags = frozenset(flags)
        names = [*row["members"], *self.lists, *self.one, *self.relations, *self.values, *self.aliases, *self.inline]
        self._rank = {given: at for at, given in reversed(list(enumerate(names)))}
        self._plans: dict[tuple[str, ...], Plan] = {}

    def plan(self, raw: Mapping[str, Any]) -> Plan:
        """The steps for an object with these members, the same for any order of them."""
        keys = tuple(raw)
        plan = self._plans.get(keys)
        if plan is None:
            steps = [self._step(key) for key in keys]
            plan = sorted(steps, key=lambda step: (self._rank.get(step[1], _UNKNOWN), step[1], step[0]))
            if len(self._plans) < _PLANS:
                self._plans[keys] = plan
        return plan

    def _named(self, name: str) -> str:
        """The name, without the ``x_`` by which tables mark columns of their own, where it is known so."""
        plain = name.removeprefix("x_")
        known = plain != name and name not in self._rank and plain not in _ID_MEMBERS
        return plain if known and (plain in self._rank or plain in self._flags) else name

    def _step(self, key: str) -> tuple[str, str, Step, Any]:
        name = key if key in self._rank else self._named(snake(key))
        if name in self._flags and name not in self.members:
            return key, name, Step.OTHER, None
        if name in self.members:
            if name in _READ_SPECIALLY:
                return key, name, Step.OTHER, None
            return key, name, Step.ID if name in _ID_MEMBERS else Step.TEXT, name
        if name in self.lists:
            return key, name, Step.CHILDREN, self.lists[name]
        if name in self.relations:
            return key, name, Step.RELATED, self.relations[name]
        return key, name, Step.OTHER, None


def is_id(member: str) -> bool:
    """Whether a member holds an id of this source."""
    return member in _ID_MEMBERS


@functools.cache
def table() -> dict[str, Any]:
    """The table of names."""
    read: dict[str, Any] = data_files.read_json("mappings", "directory", "hsds-aliases.json")
    return read


@functools.cache
def hiding(form: str) -> re.Pattern[str]:
    """What the names of members look like that keep a value from the public: a ``flag``, or a ``value``."""
    return re.compile(table()["hiding"][form])


@functools.cache
def types() -> dict[str, ObjectType]:
    """Each type of the table by its name."""
    return {name: ObjectType(name, row, table()["flags"]) for name, row in table()["objects"].items()}


@functools.lru_cache(maxsize=20_000)
def snake(key: str) -> str:
    """A name as HSDS writes names: ``organizationId`` and ``Organization ID`` are ``organization_id``."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key[:200].strip())
    return re.sub(r"[\s\-.]+", "_", words).lower()


def _relation(name: str, row: Mapping[str, Any]) -> Relation:
    return Relation(
        name,
        row["kind"],
        row.get("back"),
        row.get("as"),
        "by" in row,
        row.get("from") == "address",
        row.get("with", {}),
    )
