"""What the engine asks about codes."""

from typing import Protocol


class Terminology(Protocol):
    """Value sets and code systems. None always means that it cannot be decided from what is loaded."""

    def member(self, value_set: str, system: str | None, code: str, version: str | None = None) -> bool | None:
        """Whether a code is in a value set; ``system`` None asks for the code in any system of it."""

    def known_code(self, system: str, code: str, version: str | None = None) -> bool | None:
        """Whether a code system has a code."""

    def displays(self, system: str, code: str) -> tuple[str, ...] | None:
        """The texts that a code system has for a code."""
