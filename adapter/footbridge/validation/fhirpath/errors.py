"""What can go wrong with a FHIRPath expression.

FHIRPathError  the expression is refused: it does not parse, it names what the types do not have, or it
               asks for something that its values do not allow (https://hl7.org/fhirpath/N1/#evaluation).
Undecided      the expression is good, but an answer that it needs (a value set's content, a profile)
               is not to be had here; the caller reports the rule as unchecked.
"""

from typing import Literal

from footbridge.errors import FootbridgeError

Kind = Literal["syntax", "semantic", "execution"]


class FHIRPathError(FootbridgeError):
    """An expression was refused.

    ``kind`` is ``syntax`` (it does not parse), ``semantic`` (the types do not allow it, or it names an
    unknown function or variable) or ``execution`` (the values do not allow it). ``position`` is the
    character offset in the expression where it went wrong, None where no place is known.
    """

    def __init__(self, message: str, *, kind: Kind, position: int | None = None) -> None:
        self.kind = kind
        self.position = position
        place = "" if position is None else f" (at character {position + 1})"
        super().__init__(message + place)


class Undecided(FootbridgeError):  # noqa: N818 - reads as the state that it names
    """The result hangs on something unknown here; ``reason`` names it (a value set, a profile)."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def syntax(message: str, position: int | None = None) -> FHIRPathError:
    """An expression that does not parse."""
    return FHIRPathError(message, kind="syntax", position=position)


def semantic(message: str, position: int | None = None) -> FHIRPathError:
    """An expression that the types do not allow."""
    return FHIRPathError(message, kind="semantic", position=position)


def execution(message: str, position: int | None = None) -> FHIRPathError:
    """An expression that cannot be worked out on these values."""
    return FHIRPathError(message, kind="execution", position=position)
