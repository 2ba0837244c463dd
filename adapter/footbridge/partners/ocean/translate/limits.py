"""Cuts texts and lists to what a prescription takes, and notes what that leaves out."""

from typing import Any, Final

from footbridge.partners.ocean.translate.plain import clean

SHORT: Final = 255
LONG: Final = 10_000
MOST: Final = 100
"""Of ``footbridge.model.prescription.values``: characters of a name, of a text, and entries of a list."""


class Lost(dict[str, None]):
    """What the prescription cannot hold, each once, in the order in which it was found; never a value."""

    def note(self, place: str) -> None:
        """Note a place of the message, as a path: ``Patient.address``."""
        self[place] = None


def short(value: str | None, place: str, lost: Lost) -> str | None:
    """A text of at most 255 characters, in one line; None where nothing is left."""
    found = " ".join(clean(value or "").split())
    if len(found) > SHORT:
        lost.note(place)
    return found[:SHORT].strip() or None


def pieces(value: str, size: int = LONG) -> list[str]:
    """A long text in parts of at most ``size`` characters, cut at the end of a line or a word where there is one."""
    rest, found = value.strip(), []
    while len(rest) > size:
        cut = max(rest.rfind("\n", size // 2, size), rest.rfind(" ", size // 2, size))
        cut = cut if cut > 0 else size
        found.append(rest[:cut].strip())
        rest = rest[cut:].strip()
    return [part for part in [*found, rest] if part]


def few(rows: list[Any], place: str, lost: Lost) -> list[Any]:
    """At most 100 entries."""
    if len(rows) > MOST:
        lost.note(place)
    return rows[:MOST]


def filled(**members: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """The members that have a value."""
    return {name: value for name, value in members.items() if value not in (None, [], {}, "")}
