"""Makes the states that ``regular`` follows through a text out of a parsed regular expression."""

import importlib
from collections.abc import Callable
from typing import Any

MOST_STATES = 2_000
Nodes = Any  # the parser's own tree
Test = Callable[[str], bool]
State = tuple[str, Any, int]  # its kind, what that needs, the state after it

PARSER: Any = importlib.import_module("re._parser")  # the only way to a parsed expression; there is none in public
CATEGORIES: dict[str, Test] = {
    "CATEGORY_DIGIT": str.isdecimal,
    "CATEGORY_SPACE": str.isspace,
    "CATEGORY_WORD": lambda char: char.isalnum() or char == "_",
}


class UnknownNode(Exception):  # noqa: N818 - reads as the state that it names
    """Something that only Python's matcher can do."""


class Builder:
    """Makes the states of an expression: (kind, detail, the next state)."""

    def __init__(self) -> None:
        self.states: list[State] = []

    def built(self, nodes: Nodes) -> list[State]:
        """All states; the last one is reached by a match."""
        self._sequence(nodes)
        self._put("match", None)
        return self.states

    def _put(self, kind: str, detail: Any) -> int:  # noqa: ANN401 - as the kind has it
        if len(self.states) >= MOST_STATES:
            raise UnknownNode
        self.states.append((kind, detail, len(self.states) + 1))
        return len(self.states) - 1

    def _sequence(self, nodes: Nodes) -> None:
        for name, detail in nodes:
            kind = str(name)
            if kind == "SUBPATTERN":
                if detail[1] or detail[2]:
                    raise UnknownNode
                self._sequence(detail[3])
            elif kind == "BRANCH":
                self._branch(detail[1])
            elif kind in {"MAX_REPEAT", "MIN_REPEAT"}:
                self._repeat(*detail)
            elif kind == "AT":
                self._put("at", str(detail))
            else:
                self._put("char", _test(kind, detail))

    def _branch(self, rows: list[Nodes]) -> None:
        start = self._put("split", [])
        ends = []
        for row in rows:
            self.states[start][1].append(len(self.states))
            self._sequence(row)
            ends.append(self._put("split", []))
        for end in ends:
            self.states[end][1].append(len(self.states))

    def _repeat(self, least: int, most: int, body: Nodes) -> None:
        for _ in range(least):
            self._sequence(body)
        if most >= PARSER.MAXREPEAT:
            start = self._put("split", [])
            self.states[start][1].append(len(self.states))
            self._sequence(body)
            self._put("split", [start])
            self.states[start][1].append(len(self.states))
            return
        starts = []
        for _ in range(most - least):
            starts.append(self._put("split", [len(self.states) + 1]))
            self._sequence(body)
        for start in starts:
            self.states[start][1].append(len(self.states))


def _test(kind: str, detail: Any) -> Test:  # noqa: ANN401 - the parser's own tree
    """What a character must be."""
    if kind == "ANY":
        return lambda _: True
    if kind == "LITERAL":
        return lambda char: ord(char) == detail
    if kind == "NOT_LITERAL":
        return lambda char: ord(char) != detail
    if kind != "IN":
        raise UnknownNode
    rows = [(str(name), value) for name, value in detail]
    negated = any(name == "NEGATE" for name, _ in rows)
    tests = [_part(name, value) for name, value in rows if name != "NEGATE"]
    return lambda char: any(test(char) for test in tests) != negated


def _part(name: str, value: Any) -> Test:  # noqa: ANN401 - the parser's own tree
    if name == "RANGE":
        return lambda char: value[0] <= ord(char) <= value[1]
    if name != "CATEGORY":
        return _test(name, value)
    category = str(value)
    test = CATEGORIES.get(category.replace("_NOT_", "_"))
    if test is None:
        raise UnknownNode
    wanted = "_NOT_" not in category
    return lambda char: test(char) == wanted
