"""Which services have a word, as bitmaps: frequent words stand in the snapshot, the others are asked of the database.

A word that half of the services have costs a database a visit to half of its rows, on PostgreSQL some 60 ms of 100,000
services; as a bitmap of the snapshot it costs nothing. A word that few have is quick to ask for. What was asked for is
kept, up to a bound: a snapshot never changes.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from footbridge.directory.search.bitmaps import bitmap_of
from footbridge.directory.search.dialect import (
    SLOT_MASK,
    Expression,
    is_sqlite,
    slots_among,
    slots_with,
    slots_with_each,
)
from footbridge.directory.search.packing import pack, unpack
from footbridge.directory.search.prepare import EXACT, NAME, ORGANIZATION, TERM, TEXT
from footbridge.directory.search.snapshot import Snapshot, SourceSnapshot
from footbridge.directory.search.words import stems
from footbridge.store.tables.directory_search import directory_entry, directory_snapshot

PART = "frequent"  # the name in the snapshot
_SHARE = 100  # a word is frequent that one service in so many has
_FEWEST = 1000  # services; a database is as quick for fewer
_FORMS = 4  # of a frequent word one form makes up as much of it; to stem the rare ones takes long
_KEPT = 2_000  # bitmaps that a process keeps of one snapshot, some kilobytes each; a question has up to some hundreds
_ANEW = 10  # one import in so many works them out anew: words become frequent, and rare, meanwhile
_FEW = 20  # of fewer than one service in so many that changed, the texts are read by themselves


def frequent(connection: Connection, index: int, live: int, vocabulary: Mapping[str, int]) -> bytes:
    """The part of a snapshot that holds the bitmaps of frequent words.

    Args:
        connection: in which the services of the snapshot are written.
        index: of the source.
        live: the services that count.
        vocabulary: words as they are, and how many services have them, or more.
    """
    fewest = max(_FEWEST, live.bit_count() // _SHARE)
    by_stem: Counter[str] = Counter()
    for word, count in vocabulary.items():
        for stem in stems(word) if count * _FORMS >= fewest else ():
            by_stem[stem] += count
    tokens = [f"{EXACT}{word}" for word, count in vocabulary.items() if count >= fewest]
    tokens += [
        f"{letter}{stem}" for stem, count in by_stem.items() if count >= fewest
        for letter in (NAME, TERM, ORGANIZATION, TEXT)
    ]  # fmt: skip
    found = {token: bitmap_of(slots) & live for token, slots in slots_with(connection, index, sorted(tokens), fewest)}
    return pack({token: f"{bitmap:x}" for token, bitmap in found.items()})


def frequent_after(connection: Connection, index: int, number: int, live: int, before: int) -> bytes | None:
    """The same out of that of the snapshot before, where few services changed since; None: work it out anew.

    For PostgreSQL, which reads the texts of all services for it, more than a second for 100,000 of them. A word that
    has become frequent is asked of the database until they are worked out anew; what is found is the same.
    """
    if is_sqlite(connection) or number % _ANEW == 0:
        return None
    entry, snapshot = directory_entry.c, directory_snapshot.c
    data = connection.scalar(
        select(snapshot.data).where(snapshot.index == index, snapshot.number == before, snapshot.name == PART)
    )
    began = select(entry.id).where(entry.index == index, entry.since > before, entry.since <= number)
    changed = list(connection.scalars(began.limit(1 + live.bit_count() // _FEW)))
    if data is None or len(changed) * _FEW > live.bit_count():
        return None
    known: dict[str, str] = unpack(data)
    new = slots_among(connection, index, list(known), changed)
    taken = live & ~bitmap_of([one & SLOT_MASK for one in changed])  # a slot may have had another service before
    found = {token: int(bits, 16) & taken | bitmap_of(new.get(token, ())) for token, bits in known.items()}
    return pack({token: f"{bitmap:x}" for token, bitmap in found.items()})


def services_with(connection: Connection, snapshot: Snapshot, expressions: Sequence[Expression]) -> list[int]:
    """For each expression the services that count and have it."""
    tokens = {token for some in expressions for choices in some for choice in choices for token in choice}
    found = [0] * len(expressions)
    for part, offset in zip(snapshot.parts, snapshot.offsets, strict=False):
        live: int = part.part(connection, "sets").get("live", 0)
        having = _having(connection, part, live, tokens)
        for place, some in enumerate(expressions):
            found[place] |= _of_expression(some, having, live) << offset
    return found


def _having(connection: Connection, part: SourceSnapshot, live: int, tokens: set[str]) -> dict[str, int]:
    known: Mapping[str, int] = part.part(connection, PART)
    found = {token: known[token] for token in tokens if token in known}
    asked = sorted(tokens - found.keys())
    kept = part.kept_words(asked)
    found.update(kept)
    missing = [token for token in asked if token not in kept]
    if missing:
        new = dict.fromkeys(missing, 0)
        for token, slots in slots_with_each(connection, part.index, missing):
            new[token] = bitmap_of(slots) & live
        part.keep_words(new, _KEPT)
        found.update(new)
    return found


def _of_expression(some: Expression, having: Mapping[str, int], live: int) -> int:
    found = 0
    for choices in some:
        every = live
        for choice in choices:
            either = 0
            for token in choice:
                either |= having[token]
            every &= either
        found |= every
    return found
