"""When two names are those of the same: "The Sudbury Food Bank" and "Sudbury Food Bank Inc."; pure.

A *core* is a name's words, folded, without those that say nothing (``mappings/directory/twins.json``).
"""

import functools
import re
import unicodedata

from footbridge.data import read_json

Core = tuple[str, ...]
_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = re.compile(r"['’ʼ`]s\b")
ENOUGH = 2  # words of a core that name something alone


@functools.cache
def _table(name: str) -> frozenset[str]:
    return frozenset(read_json("mappings", "directory", "twins.json")[name])


@functools.lru_cache(maxsize=8_192)
def core(name: str) -> Core:
    """The words of a name that say something, in their order; all of them where none is left."""
    plain = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", name.casefold()))
    every = tuple(_WORD.findall("".join(char for char in plain if not unicodedata.combining(char))))
    skipped = _table("skipped")
    return tuple(word for word in every if word not in skipped) or every


def are_related(one: Core, other: Core) -> bool:
    """Whether a name is the other one, or a part of it that names something alone."""
    shorter, longer = sorted((frozenset(one), frozenset(other)), key=len)
    return bool(shorter) and (shorter == longer or (len(shorter) >= ENOUGH and shorter < longer))


def are_of_the_same(withholding: Core, other: Core) -> bool:
    """Whether the other name is that of a service that withholds its place.

    The other one may be shorter; where it is longer, it adds no more than words for such a service.
    """
    if not are_related(withholding, other):
        return False
    return frozenset(other) - frozenset(withholding) <= _table("adding")
