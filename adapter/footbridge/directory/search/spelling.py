"""The words of a question as they were meant: misspelt, written as one, or written apart.

A word that few services have is read as one that more have, or that our tables have, when the two are near enough
(``corrections``). Abbreviations in capitals are what they are.
"""

from collections.abc import Sequence
from itertools import pairwise

from sqlalchemy import Connection

from footbridge.directory.search.concepts import known_stems, known_words
from footbridge.directory.search.corrections import Vocabulary, corrections, split
from footbridge.directory.search.levels import Word, look_up
from footbridge.directory.search.snapshot import Snapshot
from footbridge.directory.search.words import fold, is_real, stems

FEW = 2  # services: a word that so few have may be misspelt
_TIMES_FEW = 10  # as many must have the other word, for that
_ABBREVIATION = 5  # letters that one has at most


def join(connection: Connection, snapshot: Snapshot, found: Sequence[Word]) -> None:
    """Two words that the directory, or a table of ours, has as one count as that too: ``wheel chair``."""
    counts = _vocabulary(connection, snapshot).counts
    pairs = [(one, other) for one, other in pairwise(found) if f"{one.text}{other.text}" in counts]
    joined = [Word(text, (text,), frozenset(stems(text))) for one, other in pairs for text in [one.text + other.text]]
    look_up(connection, snapshot, joined)
    for (one, other), both in zip(pairs, joined, strict=True):
        for word in (one, other):
            word.stems |= both.stems
            word.levels.extend(both.levels)


def correct(connection: Connection, snapshot: Snapshot, found: Sequence[Word], text: str) -> list[Word]:
    """The words of a question, those that are misspelt as what they were meant to be.

    Args:
        connection: of the search.
        snapshot: of the directory.
        found: the words, looked up.
        text: of the question, as it was written.
    """
    short = _abbreviations(text)
    result: list[Word] = []
    for word in found:
        is_right = word.text in short or is_real(word.text) or not known_stems().isdisjoint(word.stems)
        if is_right or word.services.bit_count() > FEW:
            result.append(word)
        else:
            result.extend(_corrected(connection, snapshot, word))
    return result


def _corrected(connection: Connection, snapshot: Snapshot, word: Word) -> list[Word]:
    vocabulary = _vocabulary(connection, snapshot)
    counts = vocabulary.counts
    own = word.services.bit_count()
    pair = None if own else split(word.text, counts)
    others = corrections(word.text, vocabulary)
    if pair and (not others or _is_far(word.text, others[0])):
        parts = [Word(part, (part,), frozenset(stems(part))) for part in pair]
        look_up(connection, snapshot, parts)
        return parts
    if own:  # a rare name stays a name: what resembles it must be far more frequent
        others = [other for other in others if counts[other] >= _TIMES_FEW * own]
    if not others:
        return [word]
    read = Word(word.text, tuple(others), frozenset(stem for other in others for stem in stems(other)))
    look_up(connection, snapshot, [read])
    read.levels.extend(word.levels)
    return [read]


def _is_far(word: str, other: str) -> bool:
    return abs(len(word) - len(other)) > 1 or word[0] != other[0]


def _abbreviations(text: str) -> frozenset[str]:
    """The short words in capitals of a text that is not all in capitals, or has one word; folded."""
    written = text.split()
    capitals = [word for word in written if word.isupper() and word.isalpha() and len(word) <= _ABBREVIATION]
    return frozenset(map(fold, capitals)) if len(capitals) < len(written) or len(written) == 1 else frozenset()


def _vocabulary(connection: Connection, snapshot: Snapshot) -> Vocabulary:
    """All words that there are, with those of our tables, which count as one service more."""

    def make() -> Vocabulary:
        counts: dict[str, int] = dict.fromkeys(sorted(known_words()), 1)
        for part in snapshot.parts:
            for word, count in part.part(connection, "vocabulary").items():
                counts[word] = counts.get(word, 0) + count
        return Vocabulary(counts)

    found: Vocabulary = snapshot.made("vocabulary", make)
    return found
