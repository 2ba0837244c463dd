"""What the engine asks about codes."""

from typing import Protocol


class Terminology(Protocol):
    """Value sets and code systems. None always means that it cannot be decided from what is loaded."""

    @property
    def is_closed(self) -> bool:
        """Whether the same is answered every time: no server is asked."""

    def member(self, value_set: str, system: str | None, code: str, version: str | None = None) -> bool | None:
        """Whether a code is in a value set; ``system`` None asks for the code in any system of it."""

    def few(self, value_set: str, most: int) -> tuple[str, ...]:
        """The codes of a value set that has at most so many; empty where it has more, or not all can be told."""

    def known_code(self, system: str, code: str, version: str | None = None) -> bool | None:
        """Whether a code system has a code."""

    def displays(self, system: str, code: str) -> tuple[str, ...] | None:
        """The texts that a code system has for a code."""

    def wordings(self, system: str, code: str, language: str) -> tuple[str, ...]:
        """What a code may be called in a language; empty when the code is not at hand."""

    def is_inactive(self, system: str, code: str) -> bool:
        """Whether a code that is at hand is not to be used any more."""

    def all_codes(self, system: str) -> set[str] | None:
        """Every code of a system; None where not all of them are at hand."""

    def is_circular(self, value_set: str) -> bool:
        """Whether a value set imports itself, by others or right away."""

    def spelled(self, system: str, code: str) -> str | None:
        """A code as its system spells it; None where it is not at hand."""

    def is_odd(self, system: str, code: str) -> bool:
        """Whether a code that is at hand is not to be used any more, or is spelled in another way; remembered."""
