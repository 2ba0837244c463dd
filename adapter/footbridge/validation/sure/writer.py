"""Writes Python functions: source text in, function out; values are handed over by name, never as text."""

from collections.abc import Callable, Iterable
from typing import Any

Function = Callable[..., bool]


class Writer:
    """One namespace of generated functions."""

    def __init__(self) -> None:
        self._names: dict[str, Any] = {}
        self._known: dict[int, tuple[str, object]] = {}  # by id, which stays theirs as they are kept

    def const(self, value: object) -> str:
        """A name under which generated code finds a value; one name for one object."""
        found = self._known.get(id(value))
        if found is None:
            found = self._known[id(value)] = (f"k{len(self._known)}", value)
            self._names[found[0]] = value
        return found[0]

    def late(self, make: Callable[[], Function | None]) -> str:
        """A name of a function that is made when it is first called; where none can be made nothing is sure."""

        def first(*given: Any) -> bool:  # noqa: ANN401 - whatever the function takes
            found = make() or never
            self._names[name] = found  # generated code finds it at once from now on
            return found(*given)

        name = self.const(first)
        return name

    def function(self, title: str, parameters: str, lines: Iterable[str]) -> Function:
        """Compile a function from the lines of its body."""
        body = "\n".join(f"    {line}" for line in lines)
        made: dict[str, Any] = {}
        # The text is made of our own templates and of quoted keys; whatever a definition says is a constant by name.
        exec(compile(f"def made({parameters}):\n{body}\n", f"<sure {title[:80]}>", "exec"), self._names, made)  # noqa: S102
        found: Function = made["made"]
        return found


def never(*_: Any) -> bool:  # noqa: ANN401 - whatever the function takes
    """What is sure of nothing."""
    return False
