"""The phrases of the keyword table, and where they stand in a text.

A phrase is folded words (``words``). Of all that fit at a place the longest is taken, whatever kind it is, so that
``dog food`` takes ``food`` away. Looked up by its first word, then by its second: most words of a text begin nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from footbridge.directory.taxonomy.words import WORD, composed, folded

STATEMENT: Final = 10_000  # words that a denial reaches which goes to the end of its statement
MAX_REMEMBERED: Final = 20_000  # words as they are written whose folded form is kept


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """A row of the table in folded words.

    ``categories`` with ``weight``: what it speaks for. ``after`` and ``before``: how many words it denies, to the end
    of the statement for ``STATEMENT``; ``until_offer``: no further than a word that says what is offered. ``ends``: it
    ends a statement, as ``but`` does; ``offers``: it is such a word, as ``provides``. With none of these it is passed
    over.
    """

    words: tuple[str, ...]
    categories: tuple[str, ...] = ()
    weight: int = 0
    after: int = 0
    before: int = 0
    until_offer: bool = False
    ends: bool = False
    offers: bool = False

    def ends_reach_of(self, denial: "Phrase") -> bool:
        """Whether a denial says nothing about what comes beyond this phrase."""
        return self.ends or (self.offers and denial.until_offer)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A phrase in a text: its first word, and the one after its last."""

    start: int
    end: int
    phrase: Phrase


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """A text in words: those that count, folded; all as they are written; and which of these the former are."""

    words: list[str]
    written: list[str]
    places: Sequence[int]


class _Folded(dict[str, str]):
    """Folded form by word as it is written; empty for a word that does not count."""

    def __init__(self, dropped: frozenset[str]) -> None:
        super().__init__()
        self._dropped = dropped

    def __missing__(self, word: str) -> str:
        if len(self) >= MAX_REMEMBERED:
            self.clear()
        plain = folded(word)
        self[word] = found = "" if plain in self._dropped else plain
        return found


class PhraseTable:
    """All phrases of a table, ready to be looked for; threads may share it."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._folded = _Folded(frozenset(table["dropped"]))
        self._single: dict[str, Phrase] = {}
        self._longer: dict[str, dict[str, list[Phrase]]] = {}
        for phrase in self._phrases(table):
            first, *rest = phrase.words
            if rest:
                self._longer.setdefault(first, {}).setdefault(rest[0], []).append(phrase)
            else:
                self._single[first] = phrase
        for by_second in self._longer.values():
            for rows in by_second.values():
                rows.sort(key=lambda phrase: -len(phrase.words))
        self._first = frozenset([*self._single, *self._longer])

    def cut(self, text: str) -> "Cut":
        """The words of a text."""
        written = WORD.findall(text)
        plain = list(map(self._folded.__getitem__, written))
        if "" not in plain:
            return Cut(plain, written, range(len(plain)))
        kept = [place for place, word in enumerate(plain) if word]
        return Cut([plain[place] for place in kept], written, kept)

    def find(self, words: list[str]) -> list[Found]:
        """The phrases in folded words, from left to right; none overlaps another."""
        found: list[Found] = []
        free = 0
        for place in [place for place, word in enumerate(words) if word in self._first]:
            if place >= free and (phrase := self._at(words, place)):
                free = place + len(phrase.words)
                found.append(Found(place, free, phrase))
        return found

    def _at(self, words: list[str], place: int) -> Phrase | None:
        word = words[place]
        if (by_second := self._longer.get(word)) and place + 1 < len(words):
            for phrase in by_second.get(words[place + 1], ()):
                size = len(phrase.words)
                if size == 2 or tuple(words[place : place + size]) == phrase.words:
                    return phrase
        return self._single.get(word)

    def words(self, text: str) -> tuple[str, ...]:
        """A phrase as the table has it, in folded words."""
        return tuple(self.cut(composed(text)).words)

    def _phrases(self, table: Mapping[str, Any]) -> Iterator[Phrase]:
        yield from self._speaking(table)
        for rows in table["passed_over"].values():
            yield from (Phrase(self.words(text)) for text in rows)
        for rows in table["ends"].values():
            yield from (Phrase(self.words(text), ends=True) for text in rows)
        for rows in table["offers"].values():
            yield from (Phrase(self.words(text), offers=True) for text in rows)
        for denial in table["denials"]:
            after, before = denial.get("after", 0), denial.get("before", 0)
            reach = STATEMENT if after == "statement" else after
            for text in denial["phrases"]:
                until = denial.get("until_offer", False)
                yield Phrase(self.words(text), after=reach, before=before, until_offer=until)

    def _speaking(self, table: Mapping[str, Any]) -> Iterator[Phrase]:
        """The phrases of categories; one that several have stands for all of them, with its greatest weight."""
        found: dict[tuple[str, ...], Phrase] = {}
        for category, by_language in table["categories"].items():
            for by_strength in by_language.values():
                for strength, rows in by_strength.items():
                    weight = table["strengths"][strength]
                    for text in rows:
                        words = self.words(text)
                        known = found.get(words, Phrase(words))
                        names = dict.fromkeys((*known.categories, category))
                        found[words] = Phrase(words, tuple(names), max(weight, known.weight, key=abs))
        yield from found.values()
