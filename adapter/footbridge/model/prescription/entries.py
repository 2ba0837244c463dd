"""Which entry of an amended prescription is which of the older one: a goal stays the same goal wherever it stands.

A list of the document (needs, goals, ...) holds entries without an id, and others refer to them by their place. What
becomes of one is kept elsewhere: a goal's achievement, a partner's copy of a need. So an amendment asks here which
entry is still the same. It is, in this order: what says the very same; what has the same text; what is of the same
sort (the same need of a goal, the same category, the same kind) and has similar words; the next of the same sort, in
the order of the lists. Everything else is new, or was taken out.
"""

import functools
import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from footbridge.model.prescription.document import Prescription

LISTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "need": "needs",
        "barrier": "barriers",
        "goal": "goals",
        "support": "supports",
        "strength": "strengths",
        "interest": "interests",
        "interpreter": "client.languages",
    }
)
"""Family of a role (``goal`` of ``goal/0``) -> its list; a family comes after those that its entries refer to."""

PARTS: Final[Mapping[str, str]] = MappingProxyType({"evidence": "need", "instrument": "need"})
"""Families of roles that are a part of another family's entry, with the same place."""

_REFERS: Final[Mapping[str, str]] = MappingProxyType({"goal": "need", "support": "barrier"})
"""Family -> the family that its entries refer to by place, in a member of that name."""

_TEXTS = ("statement", "description", "text", "code")
_SORT = ("category", "kind", "gift")

SIMILAR = 0.5
"""Two texts are similar when at least this share of their words is in both (the Sørensen-Dice coefficient)."""

_COMPARED = 1000  # characters: enough to tell two texts apart, and quick for lists of the longest

Same = Mapping[str, Mapping[int, int]]
"""Family -> place in the newer document -> place of the same entry in the older one."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry: all that it says, its text, the words of that, and what sort of thing it is."""

    content: str
    text: str
    words: frozenset[str]
    sort: tuple[object, ...]


def same_entries(older: Prescription, newer: Prescription, returned: Collection[str] = ()) -> Same:
    """Which entries of the newer document are entries of the older one.

    ``returned``: roles of entries that were taken out before ``older`` and say the same again: they are none that has
    changed.
    """
    same: dict[str, dict[int, int]] = {}
    for family in LISTS:
        names: Mapping[int, int] = same.get(_REFERS.get(family, ""), {})
        before = _read(older, family, lambda place: place)
        after = _read(newer, family, lambda place, names=names: names.get(place, f"new {place}"))  # type: ignore[misc]
        back = {place for place in range(len(after)) if f"{family}/{place}" in returned}
        same[family] = _matched(before, after, back)
    return same


def family_of(role: str) -> tuple[str, int] | None:
    """Family and place of a role such as ``goal/0``; None for one that no list has (``patient``, ``consent``)."""
    family, slash, place = role.partition("/")
    known = family in LISTS or family in PARTS
    return (family, int(place)) if slash and known and place.isdecimal() else None


def roles_of(prescription: Prescription) -> Iterator[str]:
    """Every role that an entry of the document may play, whether it has such a part or not."""
    for family in (*LISTS, *PARTS):
        entries = _list(prescription, PARTS.get(family, family))
        yield from (f"{family}/{place}" for place in range(len(entries)))


def entry_digest(prescription: Prescription, role: str) -> str:
    """SHA-256, in hex, of what the entry of a role says, but for the places that it refers to.

    Raises LookupError for a role that is not of a list, or of a place that the list does not have.
    """
    found = family_of(role)
    if found is None:
        raise LookupError(role)
    family = PARTS.get(found[0], found[0])
    return hashlib.sha256(_said(_list(prescription, family)[found[1]], family).encode()).hexdigest()


def _list(prescription: Prescription, family: str) -> Sequence[Any]:
    place: Any = prescription
    for name in LISTS[family].split("."):
        place = getattr(place, name)
    entries: Sequence[Any] = place
    return entries


def _said(entry: Any, family: str) -> str:  # noqa: ANN401 - an entry of any list
    left_out = {_REFERS[family]} if family in _REFERS else None
    return str(entry.model_dump_json(exclude_defaults=True, exclude=left_out))


def _read(prescription: Prescription, family: str, name: Callable[[int], object]) -> list[_Entry]:
    """The entries of a list; ``name`` gives what an entry is called that another one refers to."""
    found = []
    for entry in _list(prescription, family):
        place = getattr(entry, _REFERS[family]) if family in _REFERS else None
        about = None if place is None else name(place)
        text = next(getattr(entry, one) for one in _TEXTS if isinstance(getattr(entry, one, None), str))
        words = frozenset(text[:_COMPARED].casefold().split())
        sort = (about, *(getattr(entry, one, None) for one in _SORT))
        found.append(_Entry(f"{about} {_said(entry, family)}", text, words, sort))
    return found


def _matched(before: Sequence[_Entry], after: Sequence[_Entry], back: Collection[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    taken: set[int] = set()
    equal = functools.partial(_equal, before, after)
    sure, likely = [equal("content"), equal("text")], [_similar(before, after, equal("sort")), equal("sort")]
    for pairs, left_out in [*((one, ()) for one in sure), *((one, back) for one in likely)]:
        for new, old in pairs:
            if new not in found and old not in taken and new not in left_out:
                found[new] = old
                taken.add(old)
    return found


def _equal(before: Sequence[_Entry], after: Sequence[_Entry], member: str) -> Iterator[tuple[int, int]]:
    """Pairs of places whose entries are equal in that member, in the order of the lists."""
    places: dict[object, list[int]] = {}
    for old, entry in enumerate(before):
        places.setdefault(getattr(entry, member), []).append(old)
    return ((new, old) for new, entry in enumerate(after) for old in places.get(getattr(entry, member), ()))


def _similar(
    before: Sequence[_Entry], after: Sequence[_Entry], pairs: Iterator[tuple[int, int]]
) -> Iterator[tuple[int, int]]:
    """Those of the pairs whose words are similar, the most similar first."""
    shares = sorted((-_share(before[old].words, after[new].words), new, old) for new, old in pairs)
    return ((new, old) for share, new, old in shares if -share >= SIMILAR)


def _share(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / max(len(one) + len(other), 1)
