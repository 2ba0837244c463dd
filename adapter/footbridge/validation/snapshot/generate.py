"""Makes a snapshot of a differential (first stage: says that it cannot)."""

from collections.abc import Callable

from footbridge.validation.definitions.facts import Facts

Lookup = Callable[[str], Facts | None]


class SnapshotError(Exception):
    """The differential does not fit its base; the text says which element and why."""


def generate(facts: Facts, lookup: Lookup) -> Facts:
    """The same facts with a ``snapshot``; raises SnapshotError."""
    raise SnapshotError(f"{facts.get('url')} has no snapshot.")
