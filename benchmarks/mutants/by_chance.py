"""Faults that no rule names: values moved, swapped, cut and mixed, by a generator with a seed."""

import random
from collections.abc import Iterator

from benchmarks.mutants import Edit, Fault, Json, Steps, at, places, putting

EACH = 40


def faults(resource: Json, others: list[Json], chance: random.Random) -> Iterator[Fault]:
    """Faults by chance; ``others`` are the resources that values may be taken from."""
    known = [steps for steps, _ in places(resource) if steps and steps[0] != "resourceType"]
    strings = [steps for steps in known if isinstance(at(resource, steps), str)]
    for _ in range(EACH):
        left, right = chance.choice(known), chance.choice(known)
        if left[: len(right)] != right and right[: len(left)] != left:
            yield "swap by chance", left, _swapping(left, right)
        yield "copy by chance", left, putting(left, at(resource, right))
        steps = chance.choice(strings)
        text = at(resource, steps)
        cut = chance.randrange(max(1, len(text)))
        yield "cut by chance", steps, putting(steps, text[:cut] + text[cut + 1 :])
        yield "letter by chance", steps, putting(steps, text[:cut] + chance.choice(" ~/|é9A\n") + text[cut:])
        other = chance.choice(others)
        key = chance.choice(list(other))
        if key not in {"resourceType", "id"}:
            yield "element of another", (key,), putting((key,), other[key])


def _swapping(left: Steps, right: Steps) -> Edit:
    def edit(resource: Json) -> None:
        first, second = at(resource, left), at(resource, right)
        at(resource, left[:-1])[left[-1]] = second
        at(resource, right[:-1])[right[-1]] = first

    return edit
