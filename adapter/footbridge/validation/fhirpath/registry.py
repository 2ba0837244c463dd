"""The table of functions. Each family in ``functions/`` enters its own with the decorator ``function``.

Three styles say how the arguments arrive:

values   each argument is evaluated first, in the frame around the call: ``impl(items, frame, *collections)``
lazy     the implementation evaluates them, item by item or not at all: ``impl(items, frame, *codes)``
type     the one argument is a type specifier: ``impl(items, frame, name)``

An implementation gives a collection, or, when it is entered as ``boolean``, True, False or None (empty).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Style = Literal["values", "lazy", "type"]
Implementation = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Function:
    """One function.

    ``least`` and ``most`` bound the number of arguments. For the check of types: ``returns`` is a FHIRPath
    type's name, ``focus`` (the input's types), ``argument`` (the types of the first argument, evaluated on
    the input), or ``any``; ``takes`` names what the input must be (``string``, ``number``, ``bounded``,
    ``primitive``), ``criteria`` says that the first argument must be boolean, ``ordered`` that the input
    must have an order.
    """

    name: str
    implementation: Implementation
    least: int
    most: int
    style: Style
    boolean: bool
    returns: str
    takes: str | None
    criteria: bool
    ordered: bool


FUNCTIONS: dict[str, Function] = {}


def function(  # noqa: PLR0913 - one keyword a column of the table
    name: str,
    arity: int | tuple[int, int] = 0,
    *,
    returns: str = "any",
    style: Style = "values",
    boolean: bool = False,
    takes: str | None = None,
    criteria: bool = False,
    ordered: bool = False,
) -> Callable[[Implementation], Implementation]:
    """Enter a function in the table under its FHIRPath name."""
    least, most = (arity, arity) if isinstance(arity, int) else arity

    def enter(implementation: Implementation) -> Implementation:
        kind = "Boolean" if boolean else returns
        FUNCTIONS[name] = Function(name, implementation, least, most, style, boolean, kind, takes, criteria, ordered)
        return implementation

    return enter
