"""Regular expressions that a definition brings along, in bounded time whatever the expression and the text.

Python's own matcher runs where it cannot take long. Elsewhere all ways through the expression are followed at once,
step by step through the text (K. Thompson, Regular Expression Search Algorithm, CACM 11(6), 1968). What neither can do
is left undecided: expressions that look around or back, on texts that may make Python's matcher run for long.
"""

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from footbridge.validation.fhirpath.errors import Undecided, execution
from footbridge.validation.fhirpath.regular_states import CATEGORIES, PARSER, Builder, Nodes, State, UnknownNode

CHEAP = 30_000_000  # steps of Python's matcher, at the worst
MOST_STEPS = 500_000  # of ours: states times characters
MANY = 16  # repeats from here on count as without end
Known = TypeVar("Known")


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression.

    python  as Python's own matcher has it
    cost    the ways through it and its repeats without end; None where Python may need exponential time
    states  for our own matcher; None where that cannot do it
    """

    python: re.Pattern[str]
    cost: tuple[int, int] | None
    states: tuple[State, ...] | None

    def is_cheap(self, text: str) -> bool:
        """Whether Python's matcher cannot take long on a text."""
        return self.cost is not None and self.cost[0] * (len(text) + 1) ** (self.cost[1] + 1) <= CHEAP

    def search(self, text: str) -> bool:
        """Whether it matches somewhere. Raises Undecided."""
        return self.python.search(text) is not None if self.is_cheap(text) else self._run(text, whole=False)

    def fullmatch(self, text: str) -> bool:
        """Whether it matches the whole text. Raises Undecided."""
        return self.python.fullmatch(text) is not None if self.is_cheap(text) else self._run(text, whole=True)

    def substitute(self, template: str, text: str) -> str:
        """Every match replaced. Raises Undecided where that may take long, and re.error for a bad template."""
        if not self.is_cheap(text):
            raise Undecided("what its regular expression replaces, on so long a text")
        return self.python.sub(template, text)

    def _run(self, text: str, *, whole: bool) -> bool:
        states = self.states
        if states is None or len(states) * len(text) > MOST_STEPS:
            raise Undecided("what its regular expression matches, on so long a text")
        active: set[int] = set()
        last = len(states) - 1
        for at, char in enumerate(text):
            if not whole or at == 0:
                active.add(0)
            reached = _closed(states, active, text, at)
            if last in reached and not whole:
                return True
            active = {states[one][2] for one in reached if states[one][0] == "char" and states[one][1](char)}
        if not whole or not text:
            active.add(0)
        return last in _closed(states, active, text, len(text))


def _closed(states: tuple[State, ...], active: set[int], text: str, at: int) -> set[int]:
    """The states that are reached without a character."""
    found: set[int] = set()
    waiting = list(active)
    while waiting:
        one = waiting.pop()
        if one in found:
            continue
        found.add(one)
        kind, detail, after = states[one]
        if kind == "split":
            waiting += detail
        elif kind == "at" and _is_at(detail, text, at):
            waiting.append(after)
    return found


def _is_at(place: str, text: str, at: int) -> bool:
    if place in {"AT_BEGINNING", "AT_BEGINNING_STRING"}:
        return at == 0
    if place == "AT_END":
        return at == len(text) or (at == len(text) - 1 and text[at] == "\n")
    if place == "AT_END_STRING":
        return at == len(text)
    word = CATEGORIES["CATEGORY_WORD"]
    edge = (at > 0 and word(text[at - 1])) != (at < len(text) and word(text[at]))
    return edge == (place == "AT_BOUNDARY")


@functools.lru_cache(maxsize=512)
def pattern(expression: str) -> Expression:
    """A compiled regular expression; a point matches any character. A bad one is an execution error."""
    try:
        python = re.compile(expression, re.DOTALL)
        tree = PARSER.parse(expression, re.DOTALL)
    except (re.error, OverflowError, RecursionError, MemoryError):
        raise execution("The regular expression does not parse") from None
    return Expression(python, _known(lambda: _cost(tree)), _known(lambda: _states(python, tree)))


def _known(make: Callable[[], Known]) -> Known | None:
    try:
        return make()
    except (UnknownNode, RecursionError):
        return None


def _states(python: re.Pattern[str], tree: Nodes) -> tuple[State, ...]:
    if python.flags & (re.IGNORECASE | re.ASCII | re.MULTILINE):
        raise UnknownNode
    return tuple(Builder().built(tree))


def _cost(nodes: Nodes) -> tuple[int, int]:
    """The ways through an expression at one place of a text, and how many repeats without end follow each other.

    Raises UnknownNode where a repeat holds what can be gone through in several ways.
    """
    ways, depth = 1, 0
    for name, detail in nodes:
        kind = str(name)
        if kind.endswith("REPEAT"):
            least, most, body = detail
            if most > 1 and _varies(body):
                raise UnknownNode
            inner = _cost(body)
            ways *= inner[0] * (1 if most >= MANY else most - least + 1)
            depth += inner[1] + (1 if most >= MANY else 0)
        elif kind == "BRANCH":
            rows = [_cost(row) for row in detail[1]]
            ways *= sum(row[0] for row in rows)
            depth += max(row[1] for row in rows)
        elif (body := _within(kind, detail)) is not None:
            inner = _cost(body)
            ways, depth = ways * inner[0], depth + inner[1]
    return ways, depth


def _within(kind: str, detail: Any) -> Nodes | None:  # noqa: ANN401 - the parser's own tree
    """What a group or an assertion holds; None for what holds nothing."""
    if kind == "SUBPATTERN":
        return detail[3]
    if kind in {"ASSERT", "ASSERT_NOT"}:
        return detail[1]
    if kind == "GROUPREF_EXISTS":
        raise UnknownNode
    return detail if kind == "ATOMIC_GROUP" else None


def _varies(nodes: Nodes) -> bool:
    """Whether there are several ways through it."""
    for name, detail in nodes:
        kind = str(name)
        repeat = kind.endswith("REPEAT")
        if kind == "BRANCH" or (repeat and detail[0] != detail[1]):
            return True
        inner = detail[2] if repeat else _within(kind, detail)
        if inner is not None and _varies(inner):
            return True
    return False
