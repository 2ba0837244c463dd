"""What a part of a service's text is for: what is given, or whom it is for, what to bring, who else gives it.

A role is a row of ``mappings/directory/clause-roles.json``: its markers (``proof of``, ``refers to``) and how far they
reach. What a role reaches never counts (``never``, and ``denied`` where the service says that it does not give it), or
says little beside what the service gives (``beside``).
``standing`` finds it in a text.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

STATEMENT: Final = 10_000
"""Words that a role reaches which goes to the end of its statement."""

GIVEN: Final = 0
BESIDE: Final = 1
NEVER: Final = 2
DENIED: Final = 3
_COUNTS: Final = {"beside": BESIDE, "never": NEVER, "denied": DENIED}


@dataclass(frozen=True, slots=True, eq=False)
class Role:
    """A role with its reach.

    ``after`` and ``before``: how many words, or ``STATEMENT``. ``opening``: only where a statement begins with the
    marker. ``until_offer``: no further than a word that says what is given, as ``provides``. ``clause``: no further
    than a comma or a bracket. ``keeps``: categories whose phrases stay as they are: they say who people are.
    ``led_by``: only in a statement that begins with one of these words, and then back over commas.
    """

    name: str
    counts: int
    after: int = 0
    before: int = 0
    opening: bool = False
    until_offer: bool = False
    clause: bool = False
    keeps: frozenset[str] = frozenset()
    led_by: frozenset[str] = frozenset()

    @property
    def in_name(self) -> bool:
        """Whether it is heeded in a name, where ``for seniors`` is what the service is."""
        return self.counts == DENIED

    @classmethod
    def of(cls, row: Mapping[str, Any], fold: Callable[[str], tuple[str, ...]]) -> "Role":
        """The role of a row of the table; ``fold`` gives a phrase in folded words."""
        after, before = (
            STATEMENT if row.get(side) == "statement" else row.get(side, 0) for side in ("after", "before")
        )
        flags = {name: bool(row.get(name)) for name in ("opening", "until_offer", "clause")}
        keeps = frozenset(row.get("keeps", ()))
        return cls(
            row["role"],
            _COUNTS[row["counts"]],
            after,
            before,
            **flags,
            keeps=keeps,
            led_by=frozenset(word for text in row.get("led_by", ()) for word in fold(text)),
        )
