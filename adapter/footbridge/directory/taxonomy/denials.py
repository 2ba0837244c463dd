"""Which phrases of a text are denied: ``does not provide``, ``refers to``, ``donations of``, ``not available``."""

from collections.abc import Iterator
from typing import Final

from footbridge.directory.taxonomy.phrases import Found
from footbridge.directory.taxonomy.words import HARD, SOFT

LIST_GAP: Final = 3
"""Words between two members of a list that one denial is about: ``no food, housing or other shelter``."""


def denied(words: list[str], found: list[Found]) -> set[int]:
    """The places in ``found`` of the phrases of a category that another phrase denies."""
    places: set[int] = set()
    for place, row in enumerate(found):
        if row.phrase.after:
            places.update(_after(words, found, place))
        if row.phrase.before:
            places.update(_before(words, found, place))
    return places


def _after(words: list[str], found: list[Found], place: int) -> Iterator[int]:
    """What a denial reaches: within its words, and on along a list."""
    denial = found[place].phrase
    reach = found[place].end + denial.after
    for later in range(place + 1, len(found)):
        row = found[later]
        if row.phrase.ends_reach_of(denial) or row.start >= reach or _ends(words, found[place].end, row.start):
            return
        if row.phrase.categories:
            yield later
            reach = max(reach, row.end + LIST_GAP)


def _before(words: list[str], found: list[Found], place: int) -> Iterator[int]:
    """As ``_after``, back from the denial; a comma before it ends it: ``free meals, donations welcome``."""
    denial, start = found[place].phrase, found[place].start
    reach = start - denial.before
    if words[start - 1] in SOFT:
        return
    for earlier in range(place - 1, -1, -1):
        row = found[earlier]
        if row.phrase.ends_reach_of(denial) or row.end <= reach or _ends(words, row.end, start):
            return
        if row.phrase.categories:
            yield earlier
            reach = min(reach, row.start - LIST_GAP)


def _ends(words: list[str], start: int, end: int) -> bool:
    """Whether a statement ends between two words."""
    return any(word in HARD for word in words[start:end])
