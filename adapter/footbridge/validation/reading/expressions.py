"""Takes the FHIRPath of an issue apart, to find its place in a text."""

import functools
import re
from typing import NamedTuple

_STEP = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?:\[(?P<index>\d+)\])?")
LONGEST = 200  # characters of a path that is remembered
_OF_TYPE = re.compile(r"\.ofType\((?P<type>[A-Za-z0-9]+)\)")


class Step(NamedTuple):
    """A child's JSON name and its position ``at``, None where it does not repeat."""

    name: str
    at: int | None


def steps(expression: str) -> tuple[Step, ...]:
    """The steps below the root: ``Task.value.ofType(Quantity)`` -> ``(Step("valueQuantity", None),)``."""
    if "." not in expression:
        return ()
    return (_steps if len(expression) <= LONGEST else _steps.__wrapped__)(expression)


@functools.lru_cache(maxsize=4096)
def _steps(expression: str) -> tuple[Step, ...]:
    if ".ofType(" in expression:
        expression = _OF_TYPE.sub(lambda match: match["type"][:1].upper() + match["type"][1:], expression)
    found = []
    for part in expression.split(".")[1:]:
        match = _STEP.match(part)
        if match is None:
            break
        name, index = match.groups()
        found.append(Step(name, int(index) if index else None))
    return tuple(found)
