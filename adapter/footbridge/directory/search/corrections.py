"""Misspelt words: what of the directory's own words, or of our tables, was meant.

Distances are those of optimal string alignment (an insertion, deletion, substitution or swap counts one), by
https://rapidfuzz.github.io/RapidFuzz/.
"""

from collections.abc import Mapping, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

MOST = 3  # words that one is read as at most
_SHORTEST = 3  # characters of a word that is corrected
_SAME_FIRST = 5  # characters up to which the first letter must be right
_TWO_FROM = 8  # characters from which two errors are forgiven


def corrections(word: str, vocabulary: Sequence[str], counts: Mapping[str, int]) -> list[str]:
    """The likeliest words that a misspelt one stands for, best first; empty where none is near enough.

    Fewer errors go before more, the same first letter before another, a frequent word before a rare one.
    """
    if len(word) < _SHORTEST or word.isdigit():
        return []
    most = 2 if len(word) >= _TWO_FROM else 1
    near = process.extract(word, vocabulary, scorer=OSA.distance, score_cutoff=most, limit=None, processor=None)
    ranked = sorted(
        (int(errors) + (0.5 if other[0] != word[0] else 0.0), -counts.get(other, 0), other)
        for other, errors, _ in near
        if other != word and len(other) >= _SHORTEST and (other[0] == word[0] or len(word) > _SAME_FIRST)
    )
    if not ranked:
        return []
    best = ranked[0][0]
    frequent = max(-count for errors, count, _ in ranked if errors == best)
    return [other for errors, count, other in ranked if errors == best and -count * 5 >= frequent][:MOST]


def split(word: str, counts: Mapping[str, int]) -> tuple[str, str] | None:
    """The two known words that were written as one (``foodbank``), the most frequent pair; None where there is none."""
    pairs = [
        (min(counts[word[:place]], counts[word[place:]]), word[:place], word[place:])
        for place in range(3, len(word) - 2)
        if word[:place] in counts and word[place:] in counts
    ]
    return max(pairs)[1:] if pairs else None
