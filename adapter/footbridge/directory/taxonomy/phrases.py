"""The phrases of the keyword table, and where they stand in a text.

A phrase is folded words (``words``). Of all that fit at a place the longest is taken, whatever kind it is, so that
``dog food`` takes ``food`` away. Looked up by its first word, then by its second: most words of a text begin nothing.
"""

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Final

from footbridge.directory.taxonomy.roles import Role
from footbridge.directory.taxonomy.words import WORD, composed, folded

_BRACES: Final = re.compile("[{}]")
_WORD_OF: Final = itemgetter(0)
MAX_REMEMBERED: Final = 20_000  # words as they are written that are kept with what is known of them


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """A row of the tables in folded words.

    ``categories`` with ``weight``: what it speaks for; ``money``: it says that money is given, for whatever purpose.
    ``gives``: it begins with a word that says so, as ``provides meals`` does.
    ``plain``: a name that has it says what is given, with no other word to bear it out.
    ``role``: what the words about it are for. ``ends``: it ends a statement, as ``but`` does; ``offers``: it says that
    something is given, as ``provides``; ``lists``: a list of services follows; ``no_need``: in a name, that the service
    meets no need, as ``museum``. Where it does not ``speaks``, it is passed over.
    """

    words: tuple[str, ...]
    categories: tuple[str, ...] = ()
    weight: int = 0
    money: bool = False
    gives: bool = False
    plain: bool = False
    role: Role | None = None
    ends: bool = False
    offers: bool = False
    lists: bool = False
    no_need: bool = False
    speaks: bool = True


Found = tuple[int, int, Phrase]
"""A phrase in a text: the place of its first word, that after its last, and the phrase."""

_Longer = dict[str, tuple[Phrase | None, dict[str, list[Phrase]]]]
"""By its second word: the phrase of two words, and by their third those that are longer, the longest first."""
_Entry = tuple[str, Phrase | None, _Longer | None]
"""A folded word, the phrase that it is by itself, and the longer ones that begin with it."""


@dataclass(slots=True, eq=False)
class Cut:
    """A text in words: as written; by what the tables know of each (None where it does not count); folded."""

    written: list[str]
    known: list[_Entry | None]
    entries: list[_Entry]
    words: list[str]


class _Known(dict[str, _Entry | None]):
    """What the tables know of a word as it is written; None for one that does not count."""

    def __init__(self, dropped: frozenset[str]) -> None:
        super().__init__()
        self._dropped = dropped
        self.single: dict[str, Phrase] = {}
        self.longer: dict[str, _Longer] = {}

    def __missing__(self, word: str) -> _Entry | None:
        if len(self) >= MAX_REMEMBERED:
            self.clear()
        plain = folded(word)
        single, longer = self.single.get(plain), self.longer.get(plain)
        begins = {} if single and longer is None else longer
        self[word] = found = None if plain in self._dropped else (plain, single, begins)
        return found


class PhraseTable:
    """All phrases of the two tables, ready to be looked for; threads may share it."""

    def __init__(self, table: Mapping[str, Any], roles: Mapping[str, Any]) -> None:
        known = self._known = _Known(frozenset(table["dropped"]))
        for phrase in sorted(self._phrases(table, roles), key=lambda phrase: -len(phrase.words)):
            first, *rest = phrase.words
            if not rest:
                known.single[first] = phrase
                continue
            by_second = known.longer.setdefault(first, {})
            _, by_third = by_second.setdefault(rest[0], (None, {}))
            if len(rest) == 1:
                by_second[rest[0]] = (phrase, by_third)
            else:
                by_third.setdefault(rest[1], []).append(phrase)
        known.clear()

    def cut(self, text: str) -> Cut:
        """The words of a text."""
        written = WORD.findall(text)
        known = list(map(self._known.__getitem__, written))
        entries = list(filter(None, known))
        return Cut(written, known, entries, list(map(_WORD_OF, entries)))

    def find(self, cut: Cut) -> list[Found]:
        """The phrases of a text, from left to right; none overlaps another. Those passed over are left out."""
        found: list[Found] = []
        words = cut.words
        following = [*words[1:], ""] if words else []
        place, free, last = -1, 0, len(words) - 2
        for (_word, phrase, by_second), second in zip(cut.entries, following, strict=True):
            place += 1
            if by_second is None or place < free:
                continue
            if second in by_second:
                two, by_third = by_second[second]
                phrase = two or phrase  # noqa: PLW2901 - the longest that fits
                if by_third and place < last and (rows := by_third.get(words[place + 2])):
                    for row in rows:
                        size = len(row.words)
                        if size == 3 or tuple(words[place : place + size]) == row.words:
                            phrase = row  # noqa: PLW2901 - see above
                            break
            if phrase:
                free = place + len(phrase.words)
                if phrase.speaks:
                    found.append((place, free, phrase))
        return found

    def words(self, text: str) -> tuple[str, ...]:
        """A phrase as the table has it, in folded words."""
        return tuple(self.cut(composed(text)).words)

    def _phrases(self, table: Mapping[str, Any], roles: Mapping[str, Any]) -> Iterator[Phrase]:
        yield from self._speaking(table, roles)
        yield from (Phrase(self.words(text), speaks=False) for text in _both(table["passed_over"]))
        yield from (Phrase(self.words(text), ends=True) for text in _both(roles["ends"]))
        yield from (Phrase(self.words(text), offers=True) for text in _both(roles["offers"]))
        yield from (Phrase(self.words(text), offers=True, lists=True) for text in _both(roles["lists"]))
        for row in roles["roles"]:
            role = Role.of(row, self.words)
            yield from (Phrase(self.words(text), role=role) for text in _both(row["markers"]))

    def _speaking(self, table: Mapping[str, Any], roles: Mapping[str, Any]) -> Iterator[Phrase]:
        """The phrases of categories; one that several have stands for all of them, with its greatest weight."""
        money = {self.words(text) for text in _both(table["money"])}
        no_need = {self.words(text) for text in _both(table["no_need"])}
        plain = {self.words(text) for text in _both(table["plain"])}
        offers = {self.words(text) for text in _both(roles["offers"])}
        strong = table["strengths"]["strong"]
        found: dict[tuple[str, ...], Phrase] = {}
        for category, by_language in table["categories"].items():
            for by_strength in by_language.values():
                for strength, rows in by_strength.items():
                    weight = table["strengths"][strength]
                    for text in _both({"": rows}):
                        words = self.words(text)
                        known = found.get(words, Phrase(words))
                        names = tuple(dict.fromkeys((*known.categories, category)))
                        most = max(weight, known.weight, key=abs)
                        gives = words[:1] in offers
                        sure = most >= strong or words in plain
                        found[words] = Phrase(words, names, most, words in money, gives, sure, no_need=words in no_need)
        yield from found.values()
        yield from (Phrase(words, no_need=True) for words in no_need - found.keys())


def _both(rows: Mapping[str, list[str]]) -> Iterator[str]:
    """The phrases of both languages, each with what its braces stand for."""
    for by_language in rows.values():
        for text in by_language:
            yield from spelled_out(text) if "{" in text else (text,)


def spelled_out(text: str) -> Iterator[str]:
    """All that a phrase of the tables stands for: ``{find|keep} housing`` is two, ``{|new} home`` too."""
    parts = [part.split("|") if place % 2 else [part] for place, part in enumerate(_BRACES.split(text))]
    return map("".join, itertools.product(*parts))
