"""Yes, no, or why it cannot be told, and how such answers combine."""

from collections.abc import Iterable


class Why(str):
    """Why a question could not be decided, as a clause that ends a sentence."""

    __slots__ = ()


Answer = bool | Why


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
