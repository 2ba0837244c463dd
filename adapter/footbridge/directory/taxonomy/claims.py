"""Which categories the phrases of a service are enough for.

What is given decides: the name, the sentences up to the first that gives something, lists of services. What stands
beside it (whom it is for, extras, later sentences) adds little. Where the name speaks for a category, another one needs
more than one phrase of the description.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from footbridge.directory.taxonomy.phrases import Found, Phrase

MAX_EVIDENCE: Final = 5  # phrases that are shown for a category

Shown = Callable[[Found], str]
"""Gives a phrase as its text has it."""


class _Points:
    """Points of one category by phrase, each where it weighs most; the phrases that speak for it, to be shown."""

    __slots__ = ("beside", "given", "given_sum", "late", "named", "spots")

    def __init__(self) -> None:
        self.given: dict[Phrase, int] = {}
        self.beside: dict[Phrase, int] = {}
        self.given_sum = self.named = 0
        self.late = True
        self.spots: list[tuple[Found, Shown]] = []

    @property
    def lone(self) -> bool:
        """Whether one phrase alone speaks for it, late in the text, or in a name that does not say it plainly."""
        if (not self.late and self.named <= 0) or len(self.given) > 1 or len(self.beside) > 1:
            return False
        phrases = {*self.given, *self.beside}
        return len(phrases) == 1 and (self.late or not phrases.pop().plain)

    def total(self, most: int | None) -> int:
        """All points; a phrase that stands beside what is given has ``most`` at most, if that is set."""
        total = self.given_sum
        if not self.beside:
            return total
        for phrase, points in self.beside.items():
            if phrase not in self.given:
                total += points if most is None else min(points, most)
        return total


@dataclass(frozen=True, slots=True)
class ClaimRules:
    """Points that a category needs, as the table has them (``about`` in ``keywords.json`` explains them)."""

    given: int
    beside: int
    second: int
    no_need: int
    named: int
    most: int
    money_for: str
    many: int
    purposes: frozenset[str]

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> "ClaimRules":
        """The rules of a table."""
        money = table["purposes"]
        own = {"named": table["named"], "most": table["beside"]["most"], "money_for": money["money_for"]}
        return cls(**table["needed"], **own, many=money["many"], purposes=frozenset(money["categories"]))


class Claims:
    """Points by category, from all texts of a service."""

    def __init__(self, rules: ClaimRules) -> None:
        self._rules = rules
        self._by_category: dict[str, _Points] = {}
        self.denied = False
        """Whether the service says of something that it is not given."""
        self.no_need = False
        """Whether the name says that the service meets no need."""

    def add(
        self,
        row: Found,
        points: int,
        shown: Shown,
        beside: bool = False,
        *,
        named: bool = False,
        late: bool = False,
    ) -> None:
        """Count a phrase for each of its categories; ``late``: it stands in a later sentence than the first."""
        phrase = row[2]
        for category in phrase.categories:
            known = self._by_category.get(category)
            if known is None:
                known = self._by_category[category] = _Points()
            if not beside:
                before = known.given.get(phrase, 0)
                if abs(points) > abs(before):
                    known.given[phrase] = points
                    known.given_sum += points - before
            elif abs(points) > abs(known.beside.get(phrase, 0)):
                known.beside[phrase] = points
            if named:
                known.named += points
            if not late:
                known.late = False
            if points > 0:
                known.spots.append((row, shown))

    def given(self) -> bool:
        """Whether what is given is enough for a category."""
        needed = self._rules.no_need if self.no_need else self._rules.given
        return max([points.given_sum for points in self._by_category.values()], default=0) >= needed

    def sure(self) -> list[str]:
        """The categories of the service, the surest first."""
        if not self._by_category:
            return []
        rules, given = self._rules, self.given()
        needed = rules.no_need if self.no_need else rules.given if given else rules.beside
        by_name = max([points.named for points in self._by_category.values()]) >= rules.named
        second = max(needed, rules.second) if by_name else needed
        most = rules.most if given else None
        totals = {name: points.total(most) for name, points in self._by_category.items()}
        enough = [
            name
            for name, points in self._by_category.items()
            if totals[name] >= (needed if points.named > 0 else second) and not points.lone
        ]
        if len(enough) < 2:
            return enough
        enough = self._of_money(enough) if rules.money_for in enough else enough
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
        rules = self._rules
        counted = self._by_category[rules.money_for].given
        if any(points > 0 and not phrase.money for phrase, points in counted.items()):
            return enough
        purposes = [name for name in enough if name in rules.purposes]
        dropped = [rules.money_for] if 0 < len(purposes) < rules.many else purposes
        return [name for name in enough if name not in dropped]
