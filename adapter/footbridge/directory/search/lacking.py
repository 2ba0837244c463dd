"""What a question that finds nothing would find without one of its restrictions.

Each restriction is a set of services, as in ``filters``; those that are measured one by one (age, freshness, nearness)
are measured once, for all that any of the others leaves.
"""

from collections.abc import Callable

from sqlalchemy import Connection

from footbridge.directory.search import filters
from footbridge.directory.search.places import FoundPlace
from footbridge.directory.search.query import Query
from footbridge.directory.search.snapshot import Snapshot


def without(
    connection: Connection,
    snapshot: Snapshot,
    query: Query,
    place: FoundPlace | None,
    sets: dict[str, int],
    shown: Callable[[int], int],
) -> dict[str, int]:
    """How many services there are without each restriction, the one that helps most first; those that help alone.

    Args:
        connection: of the search.
        snapshot: of the directory.
        query: the question.
        place: near which it asks; None where nothing is left out for its distance.
        sets: of ``words``, ``language`` and ``open_at``, as far as the question has them.
        shown: how many of a set are shown: one that several sources have counts once.
    """
    quick = {**sets, **filters.each_chosen(connection, snapshot, query)}
    near = "near" if query.within_km is None else "within_km"
    slow: dict[str, Callable[[int], int]] = {}
    if query.age is not None:
        slow["age"] = lambda among: filters.for_age(connection, snapshot, query.age or 0, among)
    if query.verified_since is not None:
        day = query.verified_since.toordinal()
        slow["verified_since"] = lambda among: filters.verified_since(connection, snapshot, day, among)
    if place is not None:
        slow[near] = lambda among: filters.usable(connection, snapshot, place, query, among)
    live = snapshot.set(connection, "live")
    left = {}
    for name in (*quick, *slow):
        left[name] = live
        for other, services in quick.items():
            left[name] &= services if other != name else live
    among = 0
    for services in left.values():
        among |= services
    measured = {name: measure(among) for name, measure in slow.items()} if len(left) > 1 else {}
    found = {}
    for name, services in left.items() if len(left) > 1 else ():
        for other, these in measured.items():
            services &= these if other != name else live  # noqa: PLW2901 - of this restriction
        if services:
            found[name] = shown(services)
    return dict(sorted(found.items(), key=lambda one: -one[1]))
