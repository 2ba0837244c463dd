"""What tells a value of a slice from others: tests on the values that a discriminator's path leads to.

``can_tell`` says which fixed values and patterns can: those that the HL7 validator takes, by
``profiles/slice-values.json``; of others it says that the slicing cannot be evaluated
(https://hl7.org/fhir/R4/profiling.html#discriminator).
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from footbridge.data import read_json
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.rules.equality import fits, same

Test = Callable[[list[Spot], Scope], bool | None]


@dataclass(frozen=True, slots=True)
class OneOf:
    """Some value is one of these texts."""

    wanted: tuple[str, ...]

    def __call__(self, found: list[Spot], _: Scope) -> bool:
        """Compare each."""
        return any(spot.value in self.wanted for spot in found)


NEVER = OneOf(())


@dataclass(frozen=True, slots=True, eq=False)
class IsSame:
    """Some value is the same, to the last element."""

    wanted: Any

    def __call__(self, found: list[Spot], _: Scope) -> bool:
        """Compare each."""
        return any(same(spot.value, self.wanted) for spot in found)


@dataclass(frozen=True, slots=True, eq=False)
class Fits:
    """Some value has all that the pattern has."""

    pattern: Any

    def __call__(self, found: list[Spot], _: Scope) -> bool:
        """Compare each."""
        return any(fits(spot.value, self.pattern) for spot in found)


@dataclass(frozen=True, slots=True)
class IsThere:
    """There is a value, or none."""

    there: bool

    def __call__(self, found: list[Spot], _: Scope) -> bool:
        """Count them."""
        return bool(found) is self.there


@dataclass(frozen=True, slots=True)
class OfType:
    """Some value is of one of the types."""

    names: frozenset[str]

    def __call__(self, found: list[Spot], scope: Scope) -> bool:
        """Ask for each."""
        return any(scope.run.engine.is_any(spot, self.names) for spot in found)


@dataclass(frozen=True, slots=True)
class InValueSet:
    """Some value is in the value set."""

    value_set: str

    def __call__(self, found: list[Spot], scope: Scope) -> bool | None:
        """Ask for each."""
        verdicts = [scope.run.engine.member_of(spot.value, self.value_set) for spot in found]
        return True if True in verdicts else None if None in verdicts else False


@dataclass(frozen=True, slots=True)
class Conforms:
    """Some value meets one of the profiles; any value where there is none."""

    profiles: tuple[str, ...]

    def __call__(self, found: list[Spot], scope: Scope) -> bool | None:
        """Ask for each."""
        if not self.profiles:
            return True
        verdicts = [scope.run.engine.conforms(spot, url, scope) for spot in found for url in self.profiles]
        return True if True in verdicts else None if None in verdicts else False


@functools.cache
def _told_by() -> Any:  # noqa: ANN401 - JSON is any value
    return read_json("profiles", "slice-values.json")


def can_tell(kind: str, code: str, value: Any) -> bool:  # noqa: ANN401 - JSON is any value
    """Whether a fixed value or a pattern (``kind``) of the type ``code`` can tell the values of a slice.

    The type is written as in ``fixedCodeableConcept``. A concept is told by its codings alone, an identifier by some
    of its elements, a name or address by its plain texts; nothing is told by extensions.
    """
    told = _told_by()
    if code not in told[kind]:
        return False
    if code == "CodeableConcept":
        return _is_coded(value)
    if not isinstance(value, dict):
        return True
    named = told["elements"].get(code)
    if "extension" in value or (not _is_coded(value.get("type", {"coding": [{}]})) and code == "Identifier"):
        return False
    if named is None:
        return True
    others = value.keys() - set(named["told"]) - {"id"}
    return bool(value.keys() & set(named["told"])) and (bool(named["more"]) or not others)


def _is_coded(value: Any) -> bool:  # noqa: ANN401 - JSON is any value
    """Whether a concept has codings and neither text nor extensions."""
    rows = value.get("coding") if isinstance(value, dict) else None
    if not isinstance(rows, list) or not rows or "text" in value or "extension" in value:
        return False
    return not any(isinstance(row, dict) and "extension" in row for row in rows)
