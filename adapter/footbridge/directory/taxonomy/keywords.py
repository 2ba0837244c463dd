"""Guesses the SDOH categories of a service from its words, English or French: for records without a code that decides.

The table ``mappings/directory/keywords.json`` has phrases by category and strength, phrases to pass over (``dog
food``), and phrases that say that something is not offered (``denials``). A phrase in the name of a service counts more
than one in its description; a category needs the table's ``threshold``. The organization's name counts only where the
service's own words say nothing, and deny nothing.
"""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

from footbridge.data import read_json
from footbridge.directory.model import CategoryMatch
from footbridge.directory.taxonomy.denials import denied
from footbridge.directory.taxonomy.phrases import Cut, Found, Phrase, PhraseTable
from footbridge.directory.taxonomy.words import composed

LONGEST: Final = 6_000  # characters of one text that are read
MAX_EVIDENCE: Final = 5  # phrases that are shown for a category


class KeywordTable:
    """The table, ready to be asked; threads may share it."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.version: str = table["version"]
        self._phrases = PhraseTable(table)
        self._fields: Mapping[str, int] = table["fields"]
        self._threshold: int = table["threshold"]
        self._far: int = table["far"]["after"]
        self._far_weight: int = table["far"]["most"]
        self._strong: int = table["strengths"]["strong"]
        self._medium: int = table["strengths"]["medium"]
        self._joins = frozenset(word for text in table["joins"] for word in self._phrases.words(text))

    def guess(self, texts: Mapping[str, str]) -> tuple[CategoryMatch, ...]:
        """The categories that the texts speak for, the surest first, each with the words that were found.

        Args:
            texts: by field of the table (``name``, ``alternate_name``, ``terms``, ``description``, ``organization``).
        """
        tally = _Tally()
        for place, text in texts.items():
            if place != "organization":
                self._count(text, self._fields[place], tally)
        sure = tally.sure(self._threshold)
        if not sure and not tally.denied and "organization" in texts:
            self._count(texts["organization"], self._fields["organization"], tally)
            sure = tally.sure(self._threshold)
        return tuple(CategoryMatch(code=name, basis="keyword", evidence=tally.words_for(name)) for name in sure)

    def _count(self, text: str, factor: int, tally: "_Tally") -> None:
        whole = composed(text[:LONGEST])
        cut = self._phrases.cut(whole)
        found = self._phrases.find(cut.words)
        spoken = [place for place, row in enumerate(found) if row.phrase.categories]
        if not spoken:
            return
        refused = denied(cut.words, found)
        tally.denied |= bool(refused)
        source = _Source(whole, cut)
        for row, weight in self._lifted(cut.words, [found[place] for place in spoken if place not in refused]):
            counted = min(weight, self._far_weight) if row.start >= self._far else weight
            for category in row.phrase.categories:
                tally.add(category, row, factor * counted, source)

    def _lifted(self, words: list[str], offered: list[Found]) -> Iterator[tuple[Found, int]]:
        """Each phrase with its weight: a medium one is strong in one list with a strong one (``food and shelter``)."""
        weights = [row.phrase.weight for row in offered]
        if self._medium in weights and self._strong in weights:
            for one, other in [*pairwise(range(len(offered))), *pairwise(reversed(range(len(offered))))]:
                if weights[one] == self._strong and weights[other] == self._medium:
                    first, last = sorted((one, other))
                    between = words[offered[first].end : offered[last].start]
                    if between and self._joins.issuperset(between):
                        weights[other] = self._strong
        return zip(offered, weights, strict=True)


class _Source:
    """A text, cut into words, to show those that were found."""

    def __init__(self, text: str, cut: Cut) -> None:
        self._text = text
        self._cut = cut
        self._spans: list[tuple[int, int]] = []  # of the first words as they are written, as far as was asked

    def shown(self, row: Found) -> str:
        """A phrase as the text has it, blanks evened."""
        first, last = self._cut.places[row.start], self._cut.places[row.end - 1]
        if first == last:
            return self._cut.written[first]
        position = self._spans[-1][1] if self._spans else 0
        for word in self._cut.written[len(self._spans) : last + 1]:
            start = self._text.index(word, position)
            position = start + len(word)
            self._spans.append((start, position))
        return " ".join(self._text[self._spans[first][0] : self._spans[last][1]].split())


@dataclass(slots=True)
class _Tally:
    """Points and words by category, from all texts of a service."""

    points: dict[str, dict[Phrase, int]] = field(default_factory=dict)
    spots: dict[str, list[tuple[Found, _Source]]] = field(default_factory=dict)
    denied: bool = False  # whether the service says of something that it is not offered

    def add(self, category: str, row: Found, points: int, source: _Source) -> None:
        """Count a phrase once for a category, where it weighs most."""
        known = self.points.setdefault(category, {})
        if abs(points) > abs(known.get(row.phrase, 0)):
            known[row.phrase] = points
        if points > 0:
            self.spots.setdefault(category, []).append((row, source))

    def sure(self, threshold: int) -> list[str]:
        """The categories with so many points, the surest first."""
        totals = {category: sum(found.values()) for category, found in self.points.items()}
        enough = [category for category, total in totals.items() if total >= threshold]
        return sorted(enough, key=lambda category: -totals[category]) if len(enough) > 1 else enough

    def words_for(self, category: str) -> list[str]:
        """The phrases that speak for a category, each once, as they are written."""
        shown: dict[str, str] = {}
        for row, source in self.spots[category]:
            text = source.shown(row)
            shown.setdefault(text.casefold(), text)
            if len(shown) == MAX_EVIDENCE:
                break
        return list(shown.values())


@functools.cache
def keyword_table() -> KeywordTable:
    """The table that comes with Footbridge."""
    return KeywordTable(read_json("mappings", "directory", "keywords.json"))
