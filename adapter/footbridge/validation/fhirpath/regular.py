"""Regular expressions that a definition brings along, in bounded time whatever the expression and the text.

The ``regex`` library's matcher, because it can be told when to stop; Python's own would run for years on some pairs of
an expression and a text. What takes longer than ``PATIENCE`` is left undecided, and is not tried again on a text that
is as long: so a document full of such texts costs that time once for each expression.
"""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from footbridge.validation.fhirpath.errors import Undecided, execution

if TYPE_CHECKING:
    import regex

PATIENCE = 0.2  # seconds of processor time that one match may take
LONGEST = 10_000  # characters of an expression
Answer = TypeVar("Answer")


class Expression:
    """A compiled expression. Every method raises Undecided where the answer would take too long."""

    __slots__ = ("_compiled", "_too_long")

    def __init__(self, compiled: "regex.Pattern[str]") -> None:
        self._compiled = compiled
        self._too_long: int | None = None  # characters of a text that took too long

    def search(self, text: str) -> bool:
        """Whether it matches somewhere."""
        return self._ask(lambda: self._compiled.search(text, timeout=PATIENCE) is not None, text)

    def fullmatch(self, text: str) -> bool:
        """Whether it matches the whole text."""
        return self._ask(lambda: self._compiled.fullmatch(text, timeout=PATIENCE) is not None, text)

    def substitute(self, template: str, text: str) -> str:
        r"""Every match replaced; ``\g<1>`` and ``\g<name>`` stand for groups. A bad template is an execution error."""
        import regex  # noqa: PLC0415 - as below

        try:
            return self._ask(lambda: self._compiled.sub(template, text, timeout=PATIENCE), text)
        except (regex.error, IndexError):
            raise execution("The replacement names a group that the expression does not have") from None

    def _ask(self, ask: Callable[[], Answer], text: str) -> Answer:
        if self._too_long is None or len(text) < self._too_long:
            try:
                return ask()
            except (TimeoutError, MemoryError):
                self._too_long = len(text)
        raise Undecided("what its regular expression matches, on so long a text")


@functools.lru_cache(maxsize=512)
def pattern(expression: str) -> Expression:
    """A compiled regular expression; a point matches any character. A bad one is an execution error."""
    import regex  # noqa: PLC0415 - most resources need none, and it takes 40 ms to load

    if len(expression) > LONGEST:
        raise execution("The regular expression is too long")
    try:
        return Expression(regex.compile(expression, regex.DOTALL))
    except (regex.error, OverflowError, RecursionError, MemoryError):
        raise execution("The regular expression does not parse") from None
