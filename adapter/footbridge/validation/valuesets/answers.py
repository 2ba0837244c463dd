"""Yes, no, or why it cannot be told, and how such answers combine."""

from collections.abc import Iterable
from dataclasses import dataclass, field


class Why(str):
    """Why a question could not be decided, as a clause that ends a sentence."""

    __slots__ = ()


Answer = bool | Why
DEEPEST = 100  # value sets that import one another in a row


@dataclass(frozen=True, slots=True)
class Imports:
    """The value sets whose imports led here in one question, and what was told of each on the way."""

    urls: tuple[str, ...] = ()
    told: dict[tuple[str, str | None], Answer] = field(default_factory=dict)

    def into(self, value_set: str) -> "Imports":
        """One further."""
        return Imports((*self.urls, value_set), self.told)


def any_of(answers: Iterable[Answer]) -> Answer:
    """True when one is; else why the first undecided one is; else False."""
    undecided: Why | None = None
    for answer in answers:
        if answer is True:
            return True
        if undecided is None and isinstance(answer, Why):
            undecided = answer
    return False if undecided is None else undecided


def all_of(answers: Iterable[Answer]) -> Answer:
    """False when one is; else why the first undecided one is; else True."""
    undecided: Why | None = None
    for answer in answers:
        if answer is False:
            return False
        if undecided is None and isinstance(answer, Why):
            undecided = answer
    return True if undecided is None else undecided


def negated(answer: Answer) -> Answer:
    """The other way round; what is undecided stays so."""
    return answer if isinstance(answer, Why) else not answer


def decided(answer: Answer) -> bool | None:
    """The answer with None for undecided."""
    return None if isinstance(answer, Why) else answer
