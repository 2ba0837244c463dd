"""Makes faulty resources out of good ones, one fault each, for ``benchmarks.differential``.

A family of faults is a module here; it yields ``(kind, steps, edit)``: the name of the fault, where it is (JSON keys
and indices from the resource down), and a function that makes it in a copy.
"""

import copy
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Json = Any
Steps = tuple[str | int, ...]
Edit = Callable[[Json], None]
Fault = tuple[str, Steps, Edit]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One faulty resource: its source, the kind of its fault, the place of that fault."""

    source: str
    kind: str
    steps: Steps
    resource: Json

    @property
    def name(self) -> str:
        """A name that tells one mutant from all others of a run."""
        return f"{self.source}/{self.kind}@{'.'.join(map(str, self.steps))}"


def places(value: Json, steps: Steps = ()) -> Iterator[tuple[Steps, Json]]:
    """Every value of a resource, with its steps, the resource itself first."""
    yield steps, value
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*steps, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, (*steps, index))


def at(resource: Json, steps: Sequence[str | int]) -> Json:
    """The value at these steps."""
    for step in steps:
        resource = resource[step]
    return resource


def putting(steps: Steps, value: Json) -> Edit:
    """An edit that replaces a value."""

    def edit(resource: Json) -> None:
        at(resource, steps[:-1])[steps[-1]] = copy.deepcopy(value)

    return edit


def removing(steps: Steps) -> Edit:
    """An edit that takes a value out."""

    def edit(resource: Json) -> None:
        del at(resource, steps[:-1])[steps[-1]]

    return edit


def sample(
    source: str, resource: Json, faults: Iterator[Fault], *, per_kind: int, chance: random.Random
) -> Iterator[Mutant]:
    """Up to ``per_kind`` mutants of each kind of fault, picked by chance."""
    kinds: dict[str, list[Fault]] = {}
    for fault in faults:
        kinds.setdefault(fault[0], []).append(fault)
    for rows in kinds.values():
        for kind, steps, edit in chance.sample(rows, min(per_kind, len(rows))):
            changed = copy.deepcopy(resource)
            edit(changed)
            if changed != resource:
                yield Mutant(source, kind, steps, changed)
