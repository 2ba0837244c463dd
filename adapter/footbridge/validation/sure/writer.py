"""Writes Python functions: source text in, function out; values are handed over by name, never as text."""

from collections.abc import Callable, Iterable
from typing import Any

Function = Callable[..., bool]


class Writer:
    """One namespace of generated functions."""

    def __init__(self) -> None:
        self._names: dict[str, Any] = {}
        self._known: dict[int, str] = {}

    def const(self, value: object) -> str:
        """A name under which generated code finds a value; one name for one object."""
        name = self._known.get(id(value))
        if name is None:
            name = self._known[id(value)] = f"k{len(self._known)}"
            self._names[name] = value  # kept, so that its id is no other's
        return name

    def function(self, title: str, parameters: str, lines: Iterable[str]) -> Function:
        """Compile a function from the lines of its body."""
        body = "\n".join(f"    {line}" for line in lines)
        made: dict[str, Any] = {}
        # The text is made of our own templates and of quoted keys; whatever a definition says is a constant by name.
        exec(compile(f"def made({parameters}):\n{body}\n", f"<sure {title[:80]}>", "exec"), self._names, made)  # noqa: S102
        found: Function = made["made"]
        return found
