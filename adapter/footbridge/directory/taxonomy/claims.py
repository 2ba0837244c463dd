"""Which categories the phrases of a service are enough for.

What is given decides: the name, the sentences up to the first that gives something, lists of services. What stands
beside it (whom it is for, extras, later sentences) adds little. Where the name speaks for a category, another one needs
more than one phrase of the description.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from footbridge.directory.taxonomy.phrases import Found, Phrase

MAX_EVIDENCE: Final = 5  # phrases that are shown for a category

Shown = Callable[[Found], str]
"""Gives a phrase as its text has it."""


@dataclass(slots=True)
class _Points:
    """Points of one category by phrase, each where it weighs most; the phrases that speak for it, to be shown."""

    given: dict[Phrase, int] = field(default_factory=dict)
    beside: dict[Phrase, int] = field(default_factory=dict)
    named: int = 0
    spots: list[tuple[Found, Shown]] = field(default_factory=list)

    def total(self, most: int | None) -> int:
        """All points; a phrase that stands beside what is given has ``most`` at most, if that is set."""
        total = sum(self.given.values())
        for phrase, points in self.beside.items():
            if phrase not in self.given:
                total += points if most is None else min(points, most)
        return total


class Claims:
    """Points by category, from all texts of a service."""

    def __init__(self, rules: Mapping[str, Any]) -> None:
        self._needed: Mapping[str, int] = rules["needed"]
        self._named: int = rules["named"]
        self._most: int = rules["beside"]["most"]
        self._purposes: Mapping[str, Any] = rules["purposes"]
        self._by_category: dict[str, _Points] = {}
        self.denied = False
        """Whether the service says of something that it is not given."""
        self.no_need = False
        """Whether the name says that the service meets no need."""

    def add(self, row: Found, points: int, shown: Shown, *, beside: bool = False, named: bool = False) -> None:
        """Count a phrase for each of its categories."""
        for category in row.phrase.categories:
            known = self._by_category.get(category)
            if known is None:
                known = self._by_category[category] = _Points()
            counted = known.beside if beside else known.given
            if abs(points) > abs(counted.get(row.phrase, 0)):
                counted[row.phrase] = points
            if named:
                known.named += points
            if points > 0:
                known.spots.append((row, shown))

    def given(self) -> bool:
        """Whether what is given is enough for a category."""
        needed = self._needed["no_need" if self.no_need else "given"]
        return any(sum(points.given.values()) >= needed for points in self._by_category.values())

    def sure(self) -> list[str]:
        """The categories of the service, the surest first."""
        if not self._by_category:
            return []
        given = self.given()
        needed = self._needed["no_need" if self.no_need else "given" if given else "beside"]
        by_name = any(points.named >= self._named for points in self._by_category.values())
        second = max(needed, self._needed["second"]) if by_name else needed
        most = self._most if given else None
        totals = {name: points.total(most) for name, points in self._by_category.items()}
        enough = [
            name
            for name, points in self._by_category.items()
            if totals[name] >= (needed if points.named > 0 else second)
        ]
        if len(enough) < 2:
            return enough
        enough = self._of_money(enough) if self._purposes["money_for"] in enough else enough
        return sorted(enough, key=lambda name: -totals[name])

    def words_for(self, category: str) -> list[str]:
        """The phrases that speak for a category, each once, as they are written."""
        shown: dict[str, str] = {}
        for row, as_written in self._by_category[category].spots:
            text = as_written(row)
            shown.setdefault(text.casefold(), text)
            if len(shown) == MAX_EVIDENCE:
                break
        return list(shown.values())

    def _of_money(self, enough: list[str]) -> list[str]:
        """Money for one purpose is help with that; money for many is help with money, and with none of them."""
        money = self._purposes["money_for"]
        counted = self._by_category[money].given
        if any(points > 0 and not phrase.money for phrase, points in counted.items()):
            return enough
        purposes = [name for name in enough if name in self._purposes["categories"]]
        dropped = [money] if 0 < len(purposes) < self._purposes["many"] else purposes
        return [name for name in enough if name not in dropped]
