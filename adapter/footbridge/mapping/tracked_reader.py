"""Reading a resource so that what was not read can be told afterwards.

A ``Cursor`` stands at one place of a resource and marks each value that is taken through it. When all is
read, ``unread`` names the highest places of which nothing was taken.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

Path = tuple[str | int, ...]


class Cursor:
    """A place in a resource.

    Attributes:
        value: the JSON that stands there.
        path: keys and indices from the root of the resource.
    """

    __slots__ = ("_taken", "path", "value")

    def __init__(self, value: Any, path: Path = (), taken: set[Path] | None = None) -> None:  # noqa: ANN401 - JSON
        self.value = value
        self.path = path
        self._taken: set[Path] = set() if taken is None else taken

    def take(self) -> Any:  # noqa: ANN401 - JSON
        """The value, and all below it counts as read."""
        self._taken.add(self.path)
        return self.value

    def child(self, name: str) -> "Cursor | None":
        """The place under a name, None when there is none or it is empty."""
        if not isinstance(self.value, dict):
            return None
        value = self.value.get(name)
        return None if value is None or value in ({}, []) else Cursor(value, (*self.path, name), self._taken)

    def at(self, *names: str) -> "Cursor | None":
        """The place under a chain of names."""
        here: Cursor | None = self
        for name in names:
            here = here.child(name) if here is not None else None
        return here

    def get(self, name: str) -> Any:  # noqa: ANN401 - JSON
        """The value under a name, read; None when there is none."""
        found = self.child(name)
        return None if found is None else found.take()

    def text(self, name: str) -> str | None:
        """The text under a name, read; None when there is none or it is no text."""
        found = self.child(name)
        return found.take() if found is not None and isinstance(found.value, str) else None

    def peek(self, name: str) -> Any:  # noqa: ANN401 - JSON
        """The plain value under a name, not counted as read; None for none, an object or a list."""
        found = self.value.get(name) if isinstance(self.value, dict) else None
        return found if isinstance(found, str | bool | int | float) else None

    def each(self, name: str) -> "Iterator[Cursor]":
        """The objects of a list; a single object counts as a list of one."""
        return (one for one in self._items(name) if isinstance(one.value, dict))

    def texts(self, name: str) -> list[str]:
        """The texts of a list, read."""
        return [str(one.take()) for one in self._items(name) if isinstance(one.value, str)]

    def _items(self, name: str) -> "Iterator[Cursor]":
        found = self.child(name)
        if found is None:
            return
        if not isinstance(found.value, list):
            yield found
            return
        for index, value in enumerate(found.value):
            yield Cursor(value, (*found.path, index), self._taken)

    def pass_over(self, name: str, *expected: str) -> None:
        """Count the text under a name as read when it is one of those that say nothing new."""
        if self.peek(name) in expected:
            self.get(name)


def unread(root: Cursor, ignore: Callable[[Path, str, Any, bool], bool]) -> Iterator[Path]:
    """The highest places of which nothing was read; ``ignore`` tells those that say nothing of their own.

    It gets the path, its names without the indices (``code.coding.code``), the value, and whether to look at the parts
    of the place, too; where something was read they come one by one.
    """
    taken = root._taken  # noqa: SLF001 - the other half of this class
    above = _above(taken)
    waiting: list[tuple[Path, str, Any]] = [] if () in taken else [((), "", root.value)]
    while waiting:
        path, name, value = waiting.pop()
        is_whole = path not in above
        if path and ignore(path, name, value, is_whole):
            continue
        if path and is_whole:
            yield path
            continue
        parts: Iterable[tuple[str | int, Any]] = ()
        if isinstance(value, dict):
            parts = reversed(value.items())
        elif isinstance(value, list):
            parts = zip(range(len(value) - 1, -1, -1), reversed(value), strict=True)
        for step, part in parts:
            below = (*path, step)
            if below not in taken:
                waiting.append((below, _name_of(name, step), part))


def _above(taken: Iterable[Path]) -> set[Path]:
    """Every place above one that was taken."""
    above: set[Path] = set()
    for path in taken:
        here = path
        while here:
            here = here[:-1]
            if here in above:
                break
            above.add(here)
    return above


def _name_of(name: str, step: str | int) -> str:
    if isinstance(step, int):
        return name
    return f"{name}.{step}" if name else step


def expression(prefix: str, path: Path) -> str:
    """A place as FHIRPath: ``Bundle.entry[3].resource.code.coding[1]``."""
    parts = [prefix]
    for step in path:
        if isinstance(step, int):
            parts[-1] += f"[{step}]"
        else:
            parts.append(step.removeprefix("_"))
    return ".".join(parts)
