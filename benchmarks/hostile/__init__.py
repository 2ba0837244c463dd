"""Inputs that mean harm, for ``benchmarks.fuzz``: each a name, the bytes, and definitions to check against, if any."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

Json = Any
LARGEST = 1_000_000  # bytes of one input


class Hostile(NamedTuple):
    """One input: its name, its bytes, definitions to validate with, profiles to check."""

    name: str
    data: bytes
    definitions: tuple[Json, ...] = ()
    profiles: tuple[str, ...] = ()


def everything() -> Iterator[Hostile]:
    """Every input of every family."""
    from benchmarks.hostile import expressions, resources, shapes, texts  # noqa: PLC0415 - they stand on this module

    families: tuple[Callable[[], Iterator[Hostile]], ...] = (
        shapes.inputs,
        texts.inputs,
        resources.inputs,
        expressions.inputs,
    )
    for family in families:
        for one in family():
            assert len(one.data) <= LARGEST, one.name
            yield one
