"""Answers a question: words, restrictions, order, facets, reasons. The same on SQLite and PostgreSQL.

The databases give sets (who has a word, who lies in a box) and rows of the page; all else is counted here, on bitmaps,
so that both give the same services in the same order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import Connection

from footbridge.directory.search import facets, filters
from footbridge.directory.search.bitmaps import Membership, Planes, bitmap_of
from footbridge.directory.search.hits import Found, hits
from footbridge.directory.search.lacking import without
from footbridge.directory.search.levels import Question, Word, weights
from footbridge.directory.search.matching import match, rank, rarity
from footbridge.directory.search.ordering import named, page
from footbridge.directory.search.places import FoundPlace, find_place
from footbridge.directory.search.populations import for_stated
from footbridge.directory.search.query import MOST_ON_A_PAGE, Query, Result
from footbridge.directory.search.reasons import place_text
from footbridge.directory.search.said import stated_slots
from footbridge.directory.search.snapshot import Snapshot, SnapshotCache
from footbridge.directory.search.typed import read, town_in
from footbridge.directory.search.words import asked_in, plain
from footbridge.model.clock import Clock

MOST_CHARACTERS = 2000  # of a question
ENOUGH = 10  # services that have most of the words, so that those with fewer of them are left out


class ServiceSearch:
    """Searches the directories of all tenants of a database; keeps what it has read. Safe to share between threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._snapshots = SnapshotCache()

    def search(self, connection: Connection, tenant: str, current: Mapping[str, int], query: Query) -> Result:
        """Answer a question.

        Args:
            connection: of one transaction, in which ``current`` was read.
            tenant: whose directory it is.
            current: the number of the current import of each source.
            query: the question.
        """
        snapshot = self._snapshots.get(connection, tenant, current, query.sources)
        said = stated_slots(connection, tenant, snapshot)
        if said:
            snapshot = snapshot.with_stated(said)
        at = query if query.open_at is not None else replace(query, open_at=self._clock.now())
        return _Search(connection, tenant, snapshot, query, at).result()

    def warm_up(self, connection: Connection, tenant: str, current: Mapping[str, int]) -> None:
        """Read what questions need, by asking one of each kind: the first one that somebody asks need not wait."""
        snapshot = self._snapshots.get(connection, tenant, current)
        towns = [town for part in snapshot.parts for town in part.part(connection, "places")["town"]]
        point = next(((latitude, longitude) for *_, latitude, longitude, _ in towns if latitude is not None), None)
        for query in (
            Query(words="houzing suport zzyzxq", near="Nowhreton", limit=1),  # words and a town that are misspelt
            Query(near=point, within_km=50, age=30, language="fr", free=True, verified_since=date.min, limit=1),
            Query(near=point, within_km=50, limit=1),
        ):
            self.search(connection, tenant, current, query)


@dataclass(frozen=True, slots=True)
class _Restricted:
    """What each kind of restriction leaves, so that a question that finds nothing can say for lack of what."""

    base: int
    open: int
    near: int
    speaking: int

    def all(self) -> int:
        return self.base & self.open & self.near & self.speaking


class _Search:
    def __init__(self, connection: Connection, tenant: str, snapshot: Snapshot, query: Query, at: Query) -> None:
        self._connection, self._snapshot, self._query = connection, snapshot, query
        self._live = snapshot.set(connection, "live")
        typed = read(query.words[:MOST_CHARACTERS])
        near = query.near if query.near is not None else typed.postal or None
        self._place = None if near is None else find_place(connection, tenant, snapshot, near)
        town = town_in(connection, tenant, snapshot, query, typed.text) if near is None else None
        if town is not None:
            self._place = town.place
        self._hours = filters.hours_at(connection, snapshot, at)
        self._question = match(connection, snapshot, typed, frozenset() if town is None else town.words)
        self._stated = for_stated(connection, snapshot, query.stated, _said(self._question))
        self._usable = self._live

    def result(self) -> Result:
        """The answer."""
        connection, snapshot, query = self._connection, self._snapshot, self._query
        matched, restricted = self._matched()
        unknown_hours = (matched.but_open & self._hours.unknown).bit_count() if query.open_at is not None else 0
        found, twins = self._without_twins(matched.all)
        limit = max(0, min(query.limit, MOST_ON_A_PAGE))
        point = None if self._place is None else self._place.point
        slots: list[int] = []
        distances: dict[int, tuple[float, bool]] = {}
        if limit and query.offset < found.bit_count():
            ordered, distances = page(
                connection, snapshot, self._criteria(found), found, point, max(query.offset, 0) + limit
            )
            slots = ordered[max(query.offset, 0) :]
        shown = Found(query, self._question, self._place, self._hours, self._stated, twins, distances)
        return Result(
            total=found.bit_count(),
            services=hits(connection, snapshot, slots, shown) if slots else [],
            facets=facets.count(connection, snapshot, found, self._hours),
            place=None if self._place is None else _shown(self._place),
            unmatched=self._question.unmatched,
            corrected={word.text: word.read for word in self._question.words if word.corrected},
            unknown_hours=unknown_hours,
            gap=self._gap(found, restricted),
            without={} if found else self._without(),
            said_needs=self._question.needs,
            area=("", "", "") if self._place is None else (self._place.country, self._place.region, self._place.area),
        )

    def _matched(self) -> tuple["_Matched", _Restricted]:
        connection, snapshot, query = self._connection, self._snapshot, self._query
        asked = self._having_words(filters.for_person(connection, snapshot, query))
        base = asked & filters.chosen(connection, snapshot, query)
        speaking = filters.speaking(connection, snapshot, query.language) if query.language else self._live
        opened = self._hours.open if query.open_at is not None else self._live
        near = self._live
        if self._place is not None:
            narrowed = base & speaking & opened
            among = narrowed or base  # for what lacks, see _gap
            if self._is_near_asked() and len(self._strong()) > 1:
                among = asked  # of those with most words the nearness counts, see _most_words
            self._usable = filters.usable(connection, snapshot, self._place, query, among)
            if self._is_near_asked():
                near = self._usable
        restricted = _Restricted(base, opened, near, speaking)
        but_open = base & near & speaking
        if self._place is not None and near is not self._live and query.open_at is not None:
            but_open = base & speaking & self._near_of(base & speaking & self._hours.unknown)
        most = self._most_words(asked & near)
        return _Matched(restricted.all() & most or restricted.all(), but_open & most or but_open), restricted

    def _without(self) -> dict[str, int]:
        """How many there are without each restriction."""
        connection, snapshot, query = self._connection, self._snapshot, self._query
        sets = {}
        if self._question.asked:
            sets["words"] = self._having_words(self._live)
        if query.language:
            sets["language"] = filters.speaking(connection, snapshot, query.language)
        if query.open_at is not None:
            sets["open_at"] = self._hours.open
        place = self._place if self._is_near_asked() else None
        return without(connection, snapshot, query, place, sets, lambda some: self._without_twins(some)[0].bit_count())

    def _is_near_asked(self) -> bool:
        """Whether something is left out for its distance."""
        if self._place is None:
            return False
        return self._query.within_km is not None or (self._place.point is None and self._query.near is not None)

    def _near_of(self, among: int) -> int:
        assert self._place is not None  # noqa: S101 - the caller asked
        return filters.usable(self._connection, self._snapshot, self._place, self._query, among)

    def _having_words(self, among: int) -> int:
        if not self._question.asked:
            return among
        every = 0
        for word in self._strong():
            every |= word.services
        return among & every

    def _strong(self) -> list[Word]:
        return [word for word in self._question.words if not word.weak]

    def _most_words(self, among: int) -> int:
        """Those of a set that have more than half of what the words say; all, where these are few.

        What else a user may choose (a category, a language, the cost ...) does not decide on it: then a choice gives as
        many services as its facet counted.
        """
        words = self._strong()
        if len(words) < 2:
            return among
        planes, total = Planes(), 0
        for word in words:
            factor = rarity(word, self._live.bit_count())
            planes.add(word.services & among, factor)
            total += factor
        most = planes.at_least(total // 2 + 1, among)
        return most if most.bit_count() >= ENOUGH else among

    def _without_twins(self, matched: int) -> tuple[int, dict[int, tuple[int, ...]]]:
        """Without the second, third ... of what several sources have; the one that can be referred to stays."""
        groups = self._snapshot.groups(self._connection)
        if not groups:
            return matched, {}
        twins: dict[int, tuple[int, ...]] = {}
        others: list[int] = []
        is_matched, can_refer = Membership(matched), Membership(self._snapshot.set(self._connection, "canRefer:true"))
        for group in groups:
            there = [slot for slot in group if slot in is_matched]
            if there:
                best = next((slot for slot in there if slot in can_refer), there[0])
                twins[best] = group
                others += [slot for slot in there if slot != best]
        return matched & ~bitmap_of(others), twins

    def _criteria(self, found: int) -> list[int]:
        """What goes before what, the most significant first."""
        connection, snapshot, query = self._connection, self._snapshot, self._query
        table = weights()
        words = self._question.words
        criteria: list[int] = []
        planes = Planes()
        if words:
            criteria.append(named(connection, snapshot, plain(query.words)[:80]) & found)
            every = found
            for word in self._strong():
                every &= word.services
            planes = rank(self._question, self._live.bit_count())
        if self._place is not None:
            criteria.append(self._usable)
        if words:
            criteria.append(every)
        for need in query.needs:
            sure = snapshot.set(connection, f"sure:{need}")
            planes.add(sure & found, table["need"]["taxonomy"])
            planes.add(snapshot.set(connection, f"category:{need}") & found & ~sure, table["need"]["keyword"])
        if self._place is not None:
            sure = filters.surely_usable(connection, snapshot, self._place, found & self._usable)
            planes.add(sure, table["surelyUsable"])
        if words and (language := asked_in(query.words)):
            theirs = snapshot.set(connection, f"written:{language}") | snapshot.set(connection, f"language:{language}")
            planes.add(found & theirs, table["sameLanguage"])
        planes.add(found & ~(snapshot.set(connection, "for-group") & ~self._stated), table["notForAnUnstatedGroup"])
        if query.stated:
            planes.add(found & self._stated, table["stated"])
        return criteria + [digit & found for digit in planes.highest_first()]

    def _gap(self, found: int, restricted: _Restricted) -> str | None:
        if found:
            return "nothing-near" if self._place is not None and not found & self._usable else None
        if not restricted.base:
            return "nothing-found"
        without = {
            "nothing-open": restricted.near & restricted.speaking,
            "nothing-near": restricted.open & restricted.speaking,
            "nothing-in-language": restricted.open & restricted.near,
        }
        return next((reason for reason, left in without.items() if restricted.base & left), "nothing-found")


@dataclass(frozen=True, slots=True)
class _Matched:
    all: int
    but_open: int


def _said(question: Question) -> list[str]:
    """The words of the question: who asks for seniors has stated it."""
    return [word.text for word in question.words]


def _shown(place: FoundPlace) -> dict[str, Any]:
    return {
        "name": place.name,
        "how": place.how,
        "latitude": None if place.point is None else place.point.latitude,
        "longitude": None if place.point is None else place.point.longitude,
        "text": dict(place_text(place.how)),
    }
