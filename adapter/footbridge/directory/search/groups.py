"""Which services of several sources are the same one, by the keys that ``prepare`` gives each; pure.

A key is shared by services that agree in name, place, and organization or phone. What is joined has one service of each
source at most.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple


class Keyed(NamedTuple):
    """The services of one source: keys, the slot of each, and what is added to a slot to name it among all."""

    keys: Sequence[int]
    slots: Sequence[int]
    offset: int


def grouped(sources: Sequence[Keyed], source_of: Callable[[int], object]) -> list[tuple[int, ...]]:
    """The slots of each group, ascending; ``source_of`` says which source a slot is of."""
    by_key: defaultdict[int, list[int]] = defaultdict(list)
    common = _in_several(set(one.keys) for one in sources)
    for one in sources:
        own: defaultdict[int, list[int]] = defaultdict(list)
        for key, slot in zip(one.keys, one.slots, strict=True):
            if key in common:
                own[key].append(slot + one.offset)
        for key, slots in own.items():
            # Two of one source are two services, whatever they have in common: neither is the other's twin.
            if len(slots) == 1:
                by_key[key] += slots
    group_of: dict[int, set[int]] = {}
    for slots in by_key.values():
        joined = set(slots).union(*(group_of.get(slot, ()) for slot in slots))
        if len(joined) > 1 and len({source_of(slot) for slot in joined}) == len(joined):
            for slot in joined:
                group_of[slot] = joined
    return sorted({tuple(sorted(slots)) for slots in group_of.values()})


def _in_several(sources: Iterable[set[int]]) -> set[int]:
    seen: set[int] = set()
    common: set[int] = set()
    for some in sources:
        common |= seen & some
        seen |= some
    return common
