"""The words of a question against the index: for each word, which services have it, where, and what that is worth.

A word is matched by the best of: the name as it is, a stem in the name, a synonym in the name, an everyday word for
the service's category, its source's term, its organization or town, a synonym anywhere, its description. Weights:
``mappings/directory/search/weights.json``. A word that no service has is read as the nearest that some have.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from footbridge.data import read_json
from footbridge.directory.search.bitmaps import Planes
from footbridge.directory.search.concepts import (
    Concept,
    Phrase,
    concepts_in,
    known_stems,
    known_words,
    stems_asked,
)
from footbridge.directory.search.corrections import corrections, split
from footbridge.directory.search.dialect import Expression
from footbridge.directory.search.postings import services_with
from footbridge.directory.search.prepare import EXACT, NAME, ORGANIZATION, TERM, TEXT
from footbridge.directory.search.snapshot import Snapshot
from footbridge.directory.search.words import content_words, is_weak, stems, words

MOST_WORDS = 16  # different words of a question; what comes after them is not looked at
MOST_CHARACTERS = 2000  # of a question
FEW = 2  # services: a word that so few have may be misspelt
_TIMES_FEW = 10  # as many must have the other word, for that
_TIERS = ((EXACT, "exact-name"), (NAME, "name"), (TERM, "term"), (ORGANIZATION, "organization"), (TEXT, "text"))


ANYWHERE = NAME + TERM + ORGANIZATION + TEXT


@functools.cache
def weights() -> dict[str, Any]:
    """The table of weights."""
    read: dict[str, Any] = read_json("mappings", "directory", "search", "weights.json")
    return read


@dataclass(frozen=True, slots=True)
class Level:
    """Services that have a word in one way.

    Attributes:
        reason: a code of ``reasons.json``.
        weight: what it is worth, before rarity.
        services: the bitmap.
        category: for ``need-word``.
        corrected: they have what the word was read as, not the word.
    """

    reason: str
    weight: int
    services: int
    category: str | None = None
    corrected: bool = False


@dataclass(slots=True)
class Word:
    """A word of the question: as it was written, what it was read as (itself, or corrections), who has it how.

    ``weak``: it says little; a service must have others, and need not have this one.
    """

    text: str
    read: tuple[str, ...]
    stems: frozenset[str]
    levels: list[Level] = field(default_factory=list)
    weak: bool = False

    @property
    def corrected(self) -> bool:
        """Whether it was read as something else."""
        return self.read != (self.text,)

    @property
    def services(self) -> int:
        """All that have it."""
        every = 0
        for level in self.levels:
            every |= level.services
        return every


@dataclass(frozen=True, slots=True)
class Question:
    """The words that count, those that nothing matches, and whether there was any text at all."""

    words: tuple[Word, ...]
    unmatched: tuple[str, ...]
    asked: bool


def match(connection: Connection, snapshot: Snapshot, text: str) -> Question:
    """Look the words of a question up; any text will do."""
    asked = list(dict.fromkeys(content_words(text[:MOST_CHARACTERS])))[:MOST_WORDS]
    if not asked:
        return Question((), tuple(dict.fromkeys(words(text[:MOST_CHARACTERS])))[:MOST_WORDS], bool(text.strip()))
    found = [Word(word, (word,), stems_asked(word)) for word in asked]
    _look_up(connection, snapshot, found)
    found = _correct(connection, snapshot, found)
    _add_concepts(connection, snapshot, found, text[:MOST_CHARACTERS])
    for word in found:
        word.levels.sort(key=lambda level: -level.weight)
    matched = tuple(word for word in found if word.services)
    strong = any(not is_weak(word.text) for word in matched)
    for word in matched:
        word.weak = strong and is_weak(word.text)
    return Question(matched, tuple(word.text for word in found if not word.services), asked=True)


def _look_up(connection: Connection, snapshot: Snapshot, some: Sequence[Word]) -> None:
    expressions: list[Expression] = []
    for word in some:
        for letter, _ in _TIERS:
            forms = word.read if letter == EXACT else sorted({stem for one in word.read for stem in stems_asked(one)})
            expressions.append([[[f"{letter}{form}" for form in forms]]])
    bitmaps = iter(services_with(connection, snapshot, expressions))
    for word in some:
        less = weights()["corrected"] if word.corrected else 0
        for _, reason in _TIERS:
            services = next(bitmaps)
            if services:
                word.levels.append(
                    Level(reason, weights()["levels"][reason] - less, services, corrected=word.corrected)
                )


def _correct(connection: Connection, snapshot: Snapshot, found: list[Word]) -> list[Word]:
    doubtful = [word for word in found if word.services.bit_count() <= FEW and not _is_known(word)]
    if not doubtful:
        return found
    counts = _counts(connection, snapshot)
    vocabulary = list(counts)
    result: list[Word] = []
    for word in found:
        if word not in doubtful:
            result.append(word)
            continue
        own = word.services.bit_count()
        pair = None if own else split(word.text, counts)
        others = corrections(word.text, vocabulary, counts)
        if pair and (not others or _is_far(word.text, others[0])):
            parts = [Word(part, (part,), frozenset(stems(part))) for part in pair]
            _look_up(connection, snapshot, parts)
            result.extend(parts)
            continue
        if own:  # a rare name stays a name: what resembles it must be far more frequent
            others = [other for other in others if counts[other] >= _TIMES_FEW * own]
        if others:
            read = Word(word.text, tuple(others), frozenset(stem for other in others for stem in stems(other)))
            _look_up(connection, snapshot, [read])
            read.levels.extend(word.levels)
            result.append(read)
        else:
            result.append(word)
    return result


def _is_far(word: str, other: str) -> bool:
    return abs(len(word) - len(other)) > 1 or word[0] != other[0]


def _is_known(word: Word) -> bool:
    return not known_stems().isdisjoint(word.stems)


def _counts(connection: Connection, snapshot: Snapshot) -> dict[str, int]:
    """How many services have a word, for all words that there are, those of our tables with one more."""
    if len(snapshot.parts) == 1:
        part = snapshot.parts[0]
        return dict(part.made("all words", lambda: _with_ours([part.part(connection, "vocabulary")])))
    return _with_ours([part.part(connection, "vocabulary") for part in snapshot.parts])


def _with_ours(vocabularies: Sequence[dict[str, int]]) -> dict[str, int]:
    counts: dict[str, int] = dict.fromkeys(sorted(known_words()), 1)
    for vocabulary in vocabularies:
        for word, count in vocabulary.items():
            counts[word] = counts.get(word, 0) + count
    return counts


def _add_concepts(connection: Connection, snapshot: Snapshot, found: Sequence[Word], text: str) -> None:
    """Synonyms and needs: they count for each word of the phrase that led to them."""
    sequence = _sequence(found, text)
    table = weights()["levels"]
    for one in concepts_in([of_word for of_word, _ in sequence]):
        places = sorted({place for number in one.places if (place := sequence[number][1]) is not None})
        less = weights()["corrected"] if any(found[place].corrected for place in places) else 0
        levels = (
            _need_levels(connection, snapshot, one.concept.category)
            if one.concept.category
            else _synonym_levels(connection, snapshot, one.concept, [sequence[number][0] for number in one.places])
        )
        for reason, name, services in levels:
            if services:
                level = Level(reason, table[name] - less, services, one.concept.category, corrected=less > 0)
                for place in places:
                    found[place].levels.append(level)


def _sequence(found: Sequence[Word], text: str) -> list[tuple[frozenset[str], int | None]]:
    """The stems of all words of a question in order, and which of those that count each is: none for a stop word."""
    place_of = {word.text: place for place, word in enumerate(found)}
    sequence: list[tuple[frozenset[str], int | None]] = []
    seen: set[int] = set()
    for word in words(text)[: 4 * MOST_WORDS]:
        place = place_of.get(word)
        if place is not None:
            seen.add(place)
        sequence.append((stems_asked(word) if place is None else found[place].stems, place))
    sequence.extend((word.stems, place) for place, word in enumerate(found) if place not in seen)  # parts of one word
    return sequence


def _need_levels(connection: Connection, snapshot: Snapshot, category: str) -> list[tuple[str, str, int]]:
    sure = snapshot.set(connection, f"sure:{category}")
    guessed = snapshot.set(connection, f"category:{category}") & ~sure
    return [("need-word", "need-word", sure), ("need-word", "need-word-guess", guessed)]


def _synonym_levels(
    connection: Connection, snapshot: Snapshot, concept: Concept, asked: Sequence[frozenset[str]]
) -> list[tuple[str, str, int]]:
    """The other phrases of a concept; a word that was asked for itself is no synonym of its own."""
    others = tuple(
        phrase
        for phrase in concept.phrases
        if len(phrase.words) > 1 or not any(phrase.words[0] & word for word in asked)
    )
    expressions = [_alternatives(others, NAME + TERM), _alternatives(others, ANYWHERE)]
    in_name, anywhere = services_with(connection, snapshot, expressions)
    return [("synonym", "synonym-name", in_name), ("synonym", "synonym", anywhere)]


@functools.lru_cache(maxsize=1024)
def _alternatives(phrases: tuple[Phrase, ...], letters: str) -> Expression:
    """Phrases as alternatives; each word of a phrase in one of the places that the letters name."""
    return [
        [[f"{letter}{stem}" for stem in sorted(word) for letter in letters] for word in phrase.words]
        for phrase in phrases
    ]


def rank(question: Question, size: int) -> Planes:
    """What the words are worth for each service, added up: each in its best way, times how rare it is.

    That a service has the category that a word stands for is worth something besides: two of the category differ by
    what their texts have.
    """
    planes = Planes()
    for word in question.words:
        factor = rarity(word, size)
        for levels in (
            [level for level in word.levels if level.category is None],
            [level for level in word.levels if level.category is not None],
        ):
            left = word.services
            for level in levels:
                planes.add(level.services & left, max(level.weight, 1) * factor)
                left &= ~level.services
    return planes


def rarity(word: Word, size: int) -> int:
    """How much a word says: more, the fewer services have it."""
    share = word.services.bit_count() / max(size, 1)
    return next(int(factor) for bound, factor in weights()["rarity"] if share <= bound)
