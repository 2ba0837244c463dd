"""Guesses the SDOH categories of a service from its words, English or French, where no code decides.

``mappings/directory/keywords.json`` has phrases by category and strength, phrases to pass over (``dog food``), and
names of services that meet no need (``museum``); ``clause-roles.json`` the words that tell what a part of a sentence is
for (``standing``). A phrase in the name counts more than one in the description, what is given more than what stands
beside it (``claims``). The organization's name counts only where the service's own words say nothing, and deny nothing.
"""

import functools
from collections.abc import Mapping
from itertools import compress, pairwise
from typing import Any, Final

from footbridge.data import read_json
from footbridge.directory.model import CategoryMatch
from footbridge.directory.taxonomy.claims import ClaimRules, Claims
from footbridge.directory.taxonomy.phrases import Cut, Found, PhraseTable
from footbridge.directory.taxonomy.roles import BESIDE, DENIED, GIVEN
from footbridge.directory.taxonomy.standing import IN_LIST, Reading
from footbridge.directory.taxonomy.words import WORD, composed

LONGEST: Final = 6_000  # characters of one text that are read
_NAMES: Final = ("name", "alternate_name")
_SENTENCES: Final = "description"  # the field whose sentences are told apart
_APART: Final = frozenset([*_NAMES, _SENTENCES, "organization"])


class KeywordTable:
    """The two tables, ready to be asked; threads may share it."""

    def __init__(self, table: Mapping[str, Any], roles: Mapping[str, Any]) -> None:
        self.version: str = table["version"]
        self._rules = ClaimRules.of(table)
        self._phrases = PhraseTable(table, roles)
        self._fields: Mapping[str, int] = table["fields"]
        self._far: int = table["beside"]["after"]
        self._head_within: int = table["head"]["within"]
        self._else_most: int = table["head"]["else_most"]
        self._offer_within: int = table["head"]["offer_within"]
        self._strong: int = table["strengths"]["strong"]
        self._medium: int = table["strengths"]["medium"]
        self._joins = frozenset(word for text in roles["joins"] for word in self._phrases.words(text))

    def guess(self, texts: Mapping[str, str]) -> tuple[CategoryMatch, ...]:
        """The categories that the texts speak for, the surest first, each with the words that were found.

        Args:
            texts: by field of the table (``name``, ``alternate_name``, ``terms``, ``description``, ``organization``;
                ``statement`` for what is said of a person, not of a service). Of a ``description`` the sentences are
                told apart; all that another one says is given.
        """
        claims = Claims(self._rules)
        for place in _NAMES:
            if place in texts:
                self._read_name(texts[place], self._fields[place], claims, named=True)
        if _SENTENCES in texts:
            self._read_sentences(texts[_SENTENCES], claims)
        for place in [place for place in texts if place not in _APART]:
            self._read_name(texts[place], self._fields[place], claims)
        sure = claims.sure()
        if not sure and not claims.denied and "organization" in texts:
            self._read_name(texts["organization"], self._fields["organization"], claims)
            sure = claims.sure()
        return tuple([CategoryMatch(code=name, basis="keyword", evidence=claims.words_for(name)) for name in sure])

    def _read_name(self, text: str, factor: int, claims: Claims, *, named: bool = False) -> None:
        """Count what a name says, or a list of terms: all of it is given."""
        read = self._read(text, claims, name=True)
        if read:
            claims.no_need |= named and True in [phrase.no_need for _, _, phrase in read.found]
            for row, weight in self._weighed(read):
                claims.add(row, factor * weight, read.shown, named=named)

    def _read_sentences(self, text: str, claims: Claims) -> None:
        """Count what a description says: given, up to the first sentence that gives something, else beside it."""
        read = self._read(text, claims, name=False)
        if not read:
            return
        factor, sentences, heads = self._fields[_SENTENCES], read.reading.sentences, read.reading.heads
        last, decided = 0, False
        for (row, weight), place in zip(self._weighed(read), read.given, strict=True):
            sentence, first = sentences[place], row[0]
            if sentence > last:
                last, decided = sentence, decided or claims.given()
            beside = sentence != IN_LIST and (decided or first >= self._far)
            counted = weight if heads[place] or weight < self._else_most else self._else_most
            if counted == self._medium and sentence <= 0 and read.is_offered(place, self._offer_within):
                counted = self._strong
            claims.add(row, factor * counted, read.shown, beside, late=sentence > 0 and first > self._head_within)
        for row, standing in zip(read.found, read.reading.standings, strict=True) if read.beside else ():
            if standing == BESIDE:
                claims.add(row, factor * min(row[2].weight, self._else_most), read.shown, beside=True, late=True)

    def _read(self, text: str, claims: Claims, *, name: bool) -> "_Read | None":
        whole = composed(text[:LONGEST])
        cut = self._phrases.cut(whole)
        found = self._phrases.find(cut)
        for _, _, phrase in found:
            if phrase.categories or phrase.no_need:
                break
        else:
            return None
        reading = Reading(cut.words, found, name=name, head=self._head_within)
        if DENIED in reading.standings:
            claims.denied = True
        return _Read(whole, cut, found, reading)

    def _weighed(self, read: "_Read") -> list[tuple[Found, int]]:
        """What is given with its weight: a medium one is strong in a list with a strong one (``food and shelter``)."""
        rows = [read.found[place] for place in read.given]
        weights = [row[2].weight for row in rows]
        if self._medium in weights and self._strong in weights:
            words = read.cut.words
            for one, other in [*pairwise(range(len(rows))), *pairwise(reversed(range(len(rows))))]:
                if weights[one] == self._strong and weights[other] == self._medium:
                    first, last = sorted((one, other))
                    between = words[rows[first][1] : rows[last][0]]
                    if between and self._joins.issuperset(between):
                        weights[other] = self._strong
        return list(zip(rows, weights, strict=True))


class _Read:
    """A text, cut into words, with its phrases and how each stands.

    ``given``: the places of the phrases of a category that are given; ``beside``: whether one stands beside them.
    """

    def __init__(self, text: str, cut: Cut, found: list[Found], reading: Reading) -> None:
        self.cut = cut
        self.found = found
        self.reading = reading
        standings = reading.standings
        self.given = [place for place, row in enumerate(found) if row[2].categories and standings[place] == GIVEN]
        self.beside = BESIDE in standings
        self._text = text
        self._places: list[int] = []  # of the words that count, among all, as soon as one is to be shown

    def is_offered(self, place: int, within: int) -> bool:
        """Whether a word of offers stands before a phrase, with so few words between: ``provides fresh food``."""
        if not place:
            return False
        _, end, before = self.found[place - 1]
        return before.offers and self.found[place][0] - end <= within

    def shown(self, row: Found) -> str:
        """A phrase as the text has it, blanks evened."""
        if not self._places:
            self._places = list(compress(range(len(self.cut.known)), self.cut.known))
        first, last = self._places[row[0]], self._places[row[1] - 1]
        written = self.cut.written[first : last + 1]
        plain = " ".join(written)
        if plain in self._text:
            return plain
        start = sum(map(len, self.cut.written[:first])) - 1
        while (start := self._text.find(written[0], start + 1)) >= 0:
            position = start
            for word in written:
                between = self._text.find(word, position)
                if between < 0 or WORD.search(self._text, position, between):
                    break
                position = between + len(word)
            else:
                return " ".join(self._text[start:position].split())
        return plain


@functools.cache
def keyword_table() -> KeywordTable:
    """The tables that come with Footbridge, for what is written about a service."""
    return KeywordTable(_shipped("keywords"), _shipped("clause-roles"))


@functools.cache
def keyword_table_for_persons() -> KeywordTable:
    """The same for what is written about a person: what one cannot pay, or no longer has, is a need.

    A clinician's one word, as ``hungry``, says it plainly.
    """
    table, roles = _shipped("keywords"), _shipped("clause-roles")
    heeded = [row for row in roles["roles"] if row.get("of_person")]
    plain = [
        text
        for by_language in table["categories"].values()
        for by_strength in by_language.values()
        for rows in by_strength.values()
        for text in rows
    ]
    return KeywordTable({**table, "plain": {"": plain}}, {**roles, "roles": heeded})


def _shipped(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = read_json("mappings", "directory", f"{name}.json")
    return found
