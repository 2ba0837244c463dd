"""In which fields a service is shown otherwise than before: each with what it was and what it is; pure.

A field is a path as in ``phones[0].number`` or ``organization.website``. Objects that have an id are the same where
their id is; of others, those that are equal are left out and the rest are compared in their order. The number in a
path is the place now, or before where the object is gone.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

_IDS = frozenset({"id", "native_id"})


class Field(NamedTuple):
    """One field; None where it was not there, or is not."""

    path: str
    was: Any
    now: Any


def changed_fields(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[Field]:
    """The fields in which two versions of a service differ, by path."""
    return list(_of_objects("", was, now))


def _of_values(path: str, was: Any, now: Any) -> Iterator[Field]:  # noqa: ANN401 - JSON is any value
    if was == now:
        return
    if isinstance(was, Mapping) and isinstance(now, Mapping):
        yield from _of_objects(f"{path}.", was, now)
    elif _are_objects(was) and _are_objects(now):
        yield from _of_lists(path, was or (), now or ())
    else:
        yield Field(path, was, now)


def _of_objects(prefix: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Field]:
    names = sorted({*was, *now} - _IDS) or sorted(_IDS)
    for name in names:
        yield from _of_values(f"{prefix}{name}", was.get(name), now.get(name))


def _are_objects(value: Any) -> bool:  # noqa: ANN401 - as above
    return value is None or (isinstance(value, list) and all(isinstance(one, Mapping) for one in value))


def _of_lists(path: str, was: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> Iterator[Field]:
    gone, new = dict(enumerate(was)), dict(enumerate(now))
    pairs: list[tuple[int, int]] = []
    for same in (_is_one, _is_equal):
        for place in list(new):
            other = next((at for at, one in gone.items() if same(one, new[place])), None)
            if other is not None:
                pairs.append((other, place))
                del gone[other], new[place]
    loose = [(at, place) for at, place in zip(gone, new, strict=False) if not _has_id(gone[at], new[place])]
    for at, place in loose:
        del gone[at], new[place]
    for at, place in sorted([*pairs, *loose], key=lambda pair: pair[1]):
        yield from _of_values(f"{path}[{place}]", was[at], now[place])
    for at, one in gone.items():
        yield Field(f"{path}[{at}]", one, None)
    for place, one in new.items():
        yield Field(f"{path}[{place}]", None, one)


def _is_one(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return "id" in one and one["id"] == other.get("id")


def _is_equal(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return one == other


def _has_id(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return "id" in one and "id" in other
