"""The words of a question and who has them: a level is one way to have a word, and what that is worth.

Weights: ``mappings/directory/search/weights.json``.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from footbridge.data import read_json
from footbridge.directory.search.concepts import stems_asked
from footbridge.directory.search.postings import services_with
from footbridge.directory.search.prepare import EXACT, NAME, ORGANIZATION, TERM, TEXT
from footbridge.directory.search.snapshot import Snapshot

_TIERS = ((EXACT, "exact-name"), (NAME, "name"), (TERM, "term"), (ORGANIZATION, "organization"), (TEXT, "text"))


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
    """The words that count, those that nothing matches, whether there was any text, the needs that it stands for."""

    words: tuple[Word, ...]
    unmatched: tuple[str, ...]
    asked: bool
    needs: tuple[str, ...] = ()


def look_up(connection: Connection, snapshot: Snapshot, some: Sequence[Word]) -> None:
    """Find who has some words as they are read, and write it to them."""
    expressions = []
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


def in_names(connection: Connection, snapshot: Snapshot, some: Sequence[str]) -> int:
    """The services that have each of some words in their name."""
    choices = [[f"{NAME}{stem}" for stem in sorted(stems_asked(word))] for word in some]
    return services_with(connection, snapshot, [[choices]])[0] if choices else 0


def services_of(connection: Connection, snapshot: Snapshot, some: Sequence[str]) -> tuple[int, int]:
    """How many services have each of some words: of a town or an organization; in their own name, terms and texts."""

    def choices(letters: str) -> list[list[str]]:
        return [[f"{letter}{stem}" for letter in letters for stem in sorted(stems_asked(word))] for word in some]

    found = services_with(connection, snapshot, [[choices(ORGANIZATION)], [choices(NAME + TERM + TEXT)]])
    return found[0].bit_count(), found[1].bit_count()
