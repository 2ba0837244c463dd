"""What was said of the values of one element, by their hashes.

What is kept of a value is a hash, as a concept's text may be about a person; the issues and notes that are kept tell no
value. An element whose values seldom come again is not asked for any more. ``remembered`` says for which elements.
"""

from collections.abc import Callable
from itertools import count
from typing import Any

from footbridge.model.issues import Issue
from footbridge.validation.core.scope import Run, Scope, Unchecked
from footbridge.validation.sure.asked import Asked

Json = Any
Said = tuple[tuple[Issue, ...], tuple[Unchecked, ...]]
MOST = 20_000  # values of all elements together
TRIES = 1000  # values of an element after which half of them must have come again
NOTHING: Said = ((), ())


class Kept:
    """What was said of values, by element, value and surroundings; and the surroundings by numbers."""

    def __init__(self) -> None:
        self.said: dict[Any, Said] = {}
        self._around: dict[Any, int] = {}
        self._numbers = count(1)  # for threads too

    def around(self, asked: Asked, names: tuple[str, ...]) -> int:
        """The number of the surroundings (``Asked.around``), 0 where they are not compared."""
        around = asked.around(names)
        found = 0 if around is None else self._around.get(around)
        if found is None:
            if len(self._around) >= MOST:
                self._around.clear()  # numbers are never given twice
            found = self._around[around] = next(self._numbers)
        asked.numbers[names] = found
        return found

    def keep(self, key: Any, said: Said) -> None:  # noqa: ANN401 - as ``Remembered`` makes it
        """Keep it for the next time."""
        if len(self.said) >= MOST:
            self.said.clear()
        self.said[key] = said


class Remembered:
    """One element, of a type or in a profile."""

    __slots__ = ("_is_plain", "_kept", "_met", "_missed", "_names", "_number", "_seldom")

    def __init__(self, number: int, names: frozenset[str], kept: Kept, is_plain: Callable[[Json], bool]) -> None:
        self._number = number
        self._names = tuple(sorted(names))
        self._kept = kept
        self._is_plain = is_plain
        self._met = self._missed = 0
        self._seldom = False

    def _key(self, value: Json, asked: Asked) -> tuple[int, Any, int] | None:
        mark = asked.marks.get(id(value)) or asked.mark(value)
        around = asked.numbers.get(self._names)
        if around is None:
            around = self._kept.around(asked, self._names)
        return (self._number, mark, around) if mark and around else None

    def said(self, value: Json, asked: Asked) -> Said | None:
        """What was said of a value; ``NOTHING`` where there is nothing to say, None where that is not known."""
        key = None if self._seldom else self._key(value, asked)
        found = None if key is None else self._kept.said.get(key)
        if found is not None:
            self._met += 1
        return found

    def learnt(self, value: Json, scope: Scope, asked: Asked, walk: Callable[[Scope], None]) -> bool:
        """Ask what there is to say of a value, keep and report it; False, and nothing is reported, where it cannot.

        ``walk`` checks the element in the scope that it is given.
        """
        key = None if self._seldom else self._key(value, asked)
        if key is None:
            return False
        self._missed += 1
        self._seldom = self._met < self._missed and self._met + self._missed >= TRIES
        said = self._ask(value, scope, walk)
        if said is None:
            return False
        self._kept.keep(key, said)
        return reported(said, scope.run)

    def _ask(self, value: Json, scope: Scope, walk: Callable[[Scope], None]) -> Said | None:
        """What is said of a value; None where that is not to be kept."""
        rows = value if value.__class__ is list else [value]
        if not rows or not all(map(self._is_plain, rows)):
            return None
        run = scope.run.aside()
        walk(scope.beside(run))
        if run.full or run.mild < 0:
            return None
        said = (tuple(run.issues), tuple(run.unchecked.values()))
        return said if any(said) else NOTHING


class Coded:
    """An element in a profile: all JSON names that it may have, and those under which something is remembered."""

    __slots__ = ("_rows", "names")

    def __init__(self, names: frozenset[str], by_key: dict[str, Remembered]) -> None:
        self.names = names
        self._rows = tuple((key, "_" + key, one) for key, one in by_key.items())

    def there(self, holder: dict[str, Json]) -> tuple[Remembered, Json] | None:
        """What is remembered under the one name that the element has in an object, and its value there."""
        for key, extra, one in self._rows:
            value = holder.get(key)
            if value is not None:
                alone = extra not in holder if len(self.names) == 2 else len(self.names & holder.keys()) == 1
                return (one, value) if alone else None
        return None


def reported(said: Said, run: Run) -> bool:
    """Report what was said; False, and nothing is reported, where that may be more than is listed."""
    issues, unchecked = said
    if run.full or run.errors + len(issues) >= run.options.max_issues:
        return False
    if issues:
        run.report(issues)
    for row in unchecked:
        run.note(row)
    return True
