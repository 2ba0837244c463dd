"""How many examples a test runs: few in ``make test``, all of them in ``make soak``.

``FOOTBRIDGE_SOAK=1`` runs all of them, ``FOOTBRIDGE_SOAK_EXAMPLES=N`` beside it at most N of each count, to see that a
file works before it runs for hours. A test that is larger then has the marker ``soak``, and says by ``ran`` or ``some``
how many examples it ran: ``scripts/soak.py`` shows the sum for each file.
"""

import os
import random
from collections.abc import Iterator, Sequence
from typing import TypeVar

import pytest

SOAK = os.environ.get("FOOTBRIDGE_SOAK") == "1"
MOST = int(os.environ.get("FOOTBRIDGE_SOAK_EXAMPLES", "0")) if SOAK else 0

Value = TypeVar("Value")
_ran: list[int] = []


def count(*, quick: int, soak: int) -> int:
    """How many examples: ``quick`` in ``make test``, ``soak`` in ``make soak``."""
    if not SOAK:
        return quick
    return min(soak, MOST) if MOST else soak


def some(values: Sequence[Value], *, quick: int, seed: str) -> Iterator[Value]:
    """All values in a soak run; else ``quick`` of them, the same ones each time for one seed."""
    number = min(len(values), count(quick=quick, soak=len(values)))
    for value in values if number == len(values) else random.Random(seed).sample(values, number):
        ran()
        yield value


def ran() -> None:
    """One example is run by the test that is under way."""
    _ran.append(1)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Count from zero for each test."""
    _ran.clear()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Put the number into the report, from which the JUnit file has it."""
    if call.when == "call" and item.get_closest_marker("soak"):
        item.user_properties.append(("examples", len(_ran)))
