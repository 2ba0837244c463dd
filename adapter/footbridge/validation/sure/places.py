"""The sure functions of one place of a profile, each written when it is first asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from footbridge.validation.core.plan import ProfileChild
from footbridge.validation.sure.asked import Asked
from footbridge.validation.sure.recall import Coded
from footbridge.validation.sure.writer import Function, Writer, never

Json = Any
Lines = list[str] | None
ALWAYS = frozenset({"resourceType"})  # a name that each resource has
IS_OBJECT = "if v.__class__ is not dict: return False"


@dataclass(frozen=True, slots=True)
class Step:
    """One element: the lines that return False unless it is well, None where that is never sure.

    ``known`` is what is remembered of its values, None where nothing is.
    """

    child: ProfileChild
    lines: Lines
    known: Coded | None


class Asking:
    """One element: its function, which is written at its first call, and what is remembered of its values."""

    __slots__ = ("child", "function", "known")

    def __init__(self, step: Step, write: Callable[[], Function | None]) -> None:
        self.child = step.child
        self.known = step.known
        self.function: Function | None = None if step.lines is None else self._first(write)

    def _first(self, write: Callable[[], Function | None]) -> Function:
        def first(value: Json, asked: Asked) -> bool:
            self.function = write() or never
            return self.function(value, asked)

        return first


class PlaceFunctions:
    """The functions of one place, each None where that is never sure.

    A function has the parameters ``v`` (the value) and ``c`` (``asked.Asked``).
    """

    def __init__(self, writer: Writer, title: str, rules: Lines, steps: Sequence[Step]) -> None:
        self._writer = writer
        self._title = title
        self._rules = rules
        self._steps = steps

    @cached_property
    def whole(self) -> Function | None:
        """Of all that the place asks."""
        return self._joined("whole", self._rules, [step.lines for step in self._steps])

    @cached_property
    def rules(self) -> Function | None:
        """Of its rules."""
        return self._joined("rules", self._rules, ())

    @cached_property
    def steps(self) -> tuple[Asking, ...]:
        """Of each element, with what is remembered of its values."""
        return tuple(map(self._asking, self._steps))

    @cached_property
    def together(self) -> Function | None:
        """Of the rules, and of all elements but those in ``left``."""
        return self._joined("together", self._rules, [_unless_left(step) for step in self._steps if step.lines])

    @cached_property
    def left(self) -> tuple[tuple[frozenset[str], Asking], ...]:
        """Elements that are to be asked though ``together`` is sure, where one of the names is in the object."""
        left = (step for step in self._steps if step.known is not None or step.lines is None)
        return tuple((_names_left(step), self._asking(step)) for step in left)

    def _asking(self, step: Step) -> Asking:
        return Asking(step, lambda: self._joined(step.child.name, [], [step.lines]))

    def _joined(self, title: str, rules: Lines, several: Sequence[Lines]) -> Function | None:
        if rules is None:
            return None
        lines = [*rules, *([IS_OBJECT] if several else ())]
        for more in several:
            if more is None:
                return None
            lines += more
        return self._writer.function(f"{self._title}: {title}", "v, c", [*lines, "return True"])


def _unless_left(step: Step) -> Lines:
    """The lines of an element, for an object in which it is not left."""
    if step.known is None or step.lines is None:
        return step.lines
    absent = " and ".join(f"{name!r} not in v" for name in sorted(step.known.names))
    return [f"if {absent}:", *(f"    {line}" for line in step.lines)]


def _names_left(step: Step) -> frozenset[str]:
    return step.known.names if step.known is not None and step.lines is not None else ALWAYS
