"""Conformance of what references lead to, when each target refers to the next: a chain of any length.

Whether a resource meets a profile may hang on its target, that on its own target, and so on. Python's stack would end
after some dozen of them. So no more than ``DEEPEST`` are asked within each other: then the deepest is found out first,
with an empty stack, and those that waited for it are asked again. Each is begun twice at most.
"""

from collections.abc import Callable
from typing import Any

DEEPEST = 10
"""Questions within each other before the deepest is asked by itself."""
Key = tuple[str, int, str]
Ask = Callable[[], bool]


class Postponed(Exception):  # noqa: N818 - no error: a question that waits
    """A question that is to be found out before the one that needs it."""

    def __init__(self, key: Key, ask: Ask) -> None:
        super().__init__(key)
        self.key = key
        self.ask = ask


def verdict(key: Key, ask: Ask, memo: dict[Any, Any]) -> bool:
    """The answer to a question, remembered in ``memo``; while it is found out, True, so that circles end."""
    depth: int = memo.get("depth of questions", 0)
    if depth >= DEEPEST:
        raise Postponed(key, ask)
    if depth:
        return _asked(key, ask, memo, depth)
    waiting = [(key, ask)]
    while waiting:
        last, question = waiting[-1]
        try:
            _asked(last, question, memo, 0)
            waiting.pop()
        except Postponed as other:
            memo.update(dict.fromkeys((known for known, _ in waiting), True))
            waiting.append((other.key, other.ask))
    found: bool = memo[key]
    return found


def _asked(key: Key, ask: Ask, memo: dict[Any, Any], depth: int) -> bool:
    memo[key] = True
    memo["depth of questions"] = depth + 1
    try:
        memo[key] = ask()
    except BaseException:
        del memo[key]  # not known yet
        raise
    finally:
        memo["depth of questions"] = depth
    found: bool = memo[key]
    return found
