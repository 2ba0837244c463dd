"""Misspelt words: what of the directory's own words, or of our tables, was meant.

Distances are those of optimal string alignment (an insertion, deletion, substitution or swap counts one), by
https://rapidfuzz.github.io/RapidFuzz/. What is farther off may still sound the same (``sounds``): it was written by
ear.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

from footbridge.directory.search.sounds import consonants, sound

MOST = 3  # words that one is read as at most
_SHORTEST = 3  # characters of a word that is corrected
_SAME_FIRST = 5  # characters up to which the first letter must be right
_TWO_FROM = 8  # characters from which two errors are forgiven
_HEARD_FROM = 4  # characters from which the same sound will do
_CONSONANTS = 4  # that a word must have, for the same consonants to do


class Vocabulary:
    """The words that a misspelt one may stand for, and how many services have each. Never changes."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self.counts = counts
        self.words: Sequence[str] = list(counts)
        self._sounds: dict[str, list[str]] | None = None

    def sounding(self, key: str) -> Sequence[str]:
        """The words that have a sound, or these consonants with ``=`` before them."""
        if self._sounds is None:
            found: defaultdict[str, list[str]] = defaultdict(list)
            for word in self.words:
                if len(word) >= _SHORTEST and word.isalpha():
                    heard = sound(word)
                    found[heard].append(word)
                    found[f"={consonants(heard)}"].append(word)
            self._sounds = dict(found)
        return self._sounds.get(key, ())


def corrections(word: str, vocabulary: Vocabulary) -> list[str]:
    """The likeliest words that a misspelt one stands for, best first; empty where none is near enough.

    Fewer errors go before more, the same first letter before another, a frequent word before a rare one.
    """
    if len(word) < _SHORTEST or word.isdigit():
        return []
    counts = vocabulary.counts
    found = _written(word, vocabulary.words)
    if min(found.values(), default=2.0) > 1:
        found = {**found, **_heard(word, vocabulary)}
    ranked = sorted((errors, -counts.get(other, 0), other) for other, errors in found.items() if other != word)
    if not ranked:
        return []
    best = ranked[0][0]
    frequent = max(-count for errors, count, _ in ranked if errors == best)
    return [other for errors, count, other in ranked if errors == best and -count * 5 >= frequent][:MOST]


def _written(word: str, vocabulary: Sequence[str]) -> dict[str, float]:
    """Words with few other letters, and how far off each is; another first letter counts half an error more."""
    most = 2 if len(word) >= _TWO_FROM else 1
    near = process.extract(word, vocabulary, scorer=OSA.distance, score_cutoff=most, limit=None, processor=None)
    return {
        other: errors + (0.5 if other[0] != word[0] else 0.0)
        for other, errors, _ in near
        if len(other) >= _SHORTEST and (other[0] == word[0] or len(word) > _SAME_FIRST)
    }


def _heard(word: str, vocabulary: Vocabulary) -> dict[str, float]:
    """Words that sound the same; where there is none, those with the same consonants."""
    if len(word) < _HEARD_FROM or not word.isalpha():
        return {}
    heard = sound(word)
    if same := vocabulary.sounding(heard):
        return dict.fromkeys(same, 1.0)
    left = consonants(heard)
    return dict.fromkeys(vocabulary.sounding(f"={left}"), 2.0) if len(left) >= _CONSONANTS else {}


def split(word: str, counts: Mapping[str, int]) -> tuple[str, str] | None:
    """The two known words that were written as one (``foodbank``), the most frequent pair; None where there is none."""
    pairs = [
        (min(counts[word[:place]], counts[word[place:]]), word[:place], word[place:])
        for place in range(3, len(word) - 2)
        if word[:place] in counts and word[place:] in counts
    ]
    return max(pairs)[1:] if pairs else None
