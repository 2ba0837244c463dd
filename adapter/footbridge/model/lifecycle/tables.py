"""The tables of ``mappings/lifecycle/``, read and checked once a process."""

import functools
from collections.abc import Mapping

from footbridge.data import read_json
from footbridge.model.lifecycle.checking import check
from footbridge.model.lifecycle.compiling import compile_machine
from footbridge.model.lifecycle.table import Machine, Role

MACHINES = ("referral", "patient", "follow-up")


@functools.cache
def roles() -> Mapping[str, Role]:
    """The roles of ``actors.json`` by name."""
    return {
        name: Role(name, frozenset(row["speaksFor"]), row["lagging"], row["about"])
        for name, row in read_json("mappings", "lifecycle", "actors.json")["roles"].items()
    }


@functools.cache
def machines() -> Mapping[str, Machine]:
    """The three machines by name; raises ConfigurationError when a table contradicts itself."""
    dialects = read_json("mappings", "lifecycle", "dialects.json")
    loaded = {}
    for name in MACHINES:
        raw = read_json("mappings", "lifecycle", f"{name}.json")
        loaded[name] = compile_machine(raw, dialects[name], roles())
        check(raw, loaded[name], frozenset(roles()), read_json("mappings", "lifecycle", "codes.json"))
    return loaded


def machine(name: str) -> Machine:
    """One of the three machines; raises KeyError for another name."""
    return machines()[name]


def machine_for(kind: str) -> Machine:
    """The machine of a prescription's kind (``signpost``, ...); raises KeyError when no table names it."""
    for candidate in machines().values():
        if kind in candidate.kinds:
            return candidate
    raise KeyError(kind)
