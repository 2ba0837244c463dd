"""What a page shows of a service, and why it is there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection

from footbridge.directory.search.dialect import SLOT_MASK, rows_of
from footbridge.directory.search.filters import Hours
from footbridge.directory.search.levels import Question
from footbridge.directory.search.places import FoundPlace
from footbridge.directory.search.query import Query
from footbridge.directory.search.reasons import Reason, capacity_label, category_label, reason
from footbridge.directory.search.snapshot import Snapshot
from footbridge.directory.search.values import language_code, language_name
from footbridge.directory.search.words import plain


@dataclass(frozen=True, slots=True)
class Found:
    """What was found out about all services, for the few that are shown.

    Attributes:
        query, question, place, hours: of the search.
        stated: services for a group that was stated.
        twins: for a slot, all that are the same service.
        distances: kilometres by slot, and whether they are exact.
    """

    query: Query
    question: Question
    place: FoundPlace | None
    hours: Hours
    stated: int
    twins: Mapping[int, Sequence[int]]
    distances: Mapping[int, tuple[float, bool]]


def hits(connection: Connection, snapshot: Snapshot, slots: Sequence[int], found: Found) -> list[dict[str, Any]]:
    """The services of a page, in its order."""
    every = {one for slot in slots for one in found.twins.get(slot, (slot,))}
    rows = {
        (slot := snapshot.slot_of(entry >> 32, entry & SLOT_MASK)): (service, _data(snapshot, slot, data))
        for entry, service, data in rows_of(connection, "id, service, data", [snapshot.entry(one) for one in every])
    }
    return [_hit(snapshot, slot, rows, found) for slot in slots]


def _data(snapshot: Snapshot, slot: int, text: str) -> dict[str, Any]:
    """What is shown of a service, with what its partner said since."""
    data: dict[str, Any] = orjson.loads(text)
    if slot in snapshot.stated:
        data["k"], data["kd"] = snapshot.stated[slot]
    return data


def _hit(snapshot: Snapshot, slot: int, rows: Mapping[int, tuple[str, dict[str, Any]]], found: Found) -> dict[str, Any]:
    service, data = rows[slot]
    distance = found.distances.get(slot)
    same = [(one, *rows[one]) for one in found.twins.get(slot, (slot,))]
    hit: dict[str, Any] = {
        "id": service,
        "source": snapshot.where(slot)[0].source,
        "nativeId": data["i"],
        "name": data["n"],
        "organization": data.get("o"),
        "categories": [
            {"code": code, "basis": basis, "evidence": evidence} for code, basis, evidence in data.get("c", ())
        ],
        "canRefer": all(each.get("r") for _, _, each in same),
        "distanceKm": None if distance is None else round(distance[0], 1),
        "why": list(_why(slot, data, found)),
        "sources": [
            {"source": snapshot.where(one)[0].source, "id": key, "nativeId": each["i"], "canRefer": bool(each.get("r"))}
            for one, key, each in same
        ],
        "languages": data.get("l", []),
        "cost": data["f"],
        "open": None if found.hours.unknown >> slot & 1 else bool(found.hours.open >> slot & 1),
        "capacity": {"state": data["k"], "updated": data.get("kd") or None},
        "verified": data.get("v") or None,
        "remote": data.get("m") == 1,
        "towns": sorted({name for _, name, *_ in data.get("s", ()) if name}),
    }  # fmt: skip
    return hit


def _why(slot: int, data: Mapping[str, Any], found: Found) -> Iterator[Reason]:
    yield from _word_reasons(slot, data, found)
    yield from _category_reasons(data, found.query.needs)
    if found.place is not None:
        yield from _place_reasons(slot, data, found.place, found)
    query = found.query
    if query.language:
        code = language_code(query.language) or query.language
        name = {language: language_name(code, language) for language in ("en", "fr")}
        yield reason("language" if code in data.get("l", ()) else "interpretation", language=name)
    if query.age is not None and data.get("a"):
        youngest, oldest = (None if one is None else f"{one:g}" for one in data["a"])
        yield reason("age", ages=f"{youngest or '0'}-{oldest}" if oldest else f"{youngest}+")
    if data.get("p"):
        words = [label for code, label in data["p"] if label != code]
        group = ", ".join(words or [code for code, _ in data["p"]])
        meant = "for-group" if words else "for-coded-group"
        yield reason("stated" if found.stated >> slot & 1 else meant, group=group)
    elif query.stated and found.stated >> slot & 1:
        yield reason("stated", group=", ".join(query.stated))
    if query.free:
        yield reason("free")
    if query.open_at is not None:
        yield reason("open")
    if query.can_refer:
        yield reason("can-refer")
    if query.capacity:
        yield reason("capacity", state=capacity_label(data["k"]))
    if query.verified_since is not None:
        yield reason("verified", date=data["v"])


def _word_reasons(slot: int, data: Mapping[str, Any], found: Found) -> Iterator[Reason]:
    question = found.question
    if question.words and plain(data["n"]) == plain(found.query.words):
        yield reason("exact-name")
    by_reason: dict[tuple[str, str | None], list[str]] = {}
    for word in question.words:
        levels = [level for level in word.levels if level.services >> slot & 1]
        corrected = bool(levels) and levels[0].corrected
        if corrected:
            yield reason("corrected", words=word.text, corrected=", ".join(word.read))
        said = word.read[0] if corrected else word.text
        for kind in (False, True):  # where it is, and which category it stands for
            level = next((level for level in levels if (level.category is not None) is kind), None)
            if level is not None:
                code = "name" if level.reason == "exact-name" else level.reason
                by_reason.setdefault((code, level.category), []).append(said)
    for (code, category), words in by_reason.items():
        if category is not None:
            yield {**reason(code, words=" ".join(words), category=category_label(category)), "category": category}
        else:
            yield reason(code, words=" ".join(words))


def _category_reasons(data: Mapping[str, Any], needs: Sequence[str]) -> Iterator[Reason]:
    for code, basis, evidence in data.get("c", ()):
        if code in needs:
            said = reason(f"category-{basis}", category=category_label(code), words=", ".join(evidence))
            yield {**said, "category": code, "evidence": evidence}


def _place_reasons(slot: int, data: Mapping[str, Any], place: FoundPlace, found: Found) -> Iterator[Reason]:
    distance = found.distances.get(slot)
    if distance is not None:
        yield reason("near" if distance[1] else "near-about", distance=f"{distance[0]:.1f}", place=place.name)
    elif town := next((name for key, name, region, *_ in data.get("s", ()) if place.has(key, region)), None):
        yield reason("in-town", place=town)
    area = next((name for name, keys in data.get("z", ()) if place.keys.intersection(keys)), None)
    if area is not None:
        yield reason("area", area=area)
    if kind := data.get("m"):
        yield reason("remote" if kind == 1 else "no-place")
    if data.get("w"):
        yield reason("withheld")
    if place.how == "region" and any(region == place.region for _, _, region, *_ in data.get("s", ())):
        yield reason("region", place=place.name)
