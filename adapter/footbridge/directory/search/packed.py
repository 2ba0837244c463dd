"""Services packed as the index takes them. Nothing here knows a database: the processes of an import do it."""

import zlib
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from footbridge.directory.search.packing import pack
from footbridge.directory.search.prepare import PreparedService


class PackedService(NamedTuple):
    """A service as it is written: see ``prepare.PreparedService``; ``words`` is what the entry has of its words."""

    id: str
    sort: str
    data: str
    text: str
    words: bytes | None
    points: tuple[tuple[float, float], ...]


class Packed(NamedTuple):
    """Services of one index as they are written, and the words of all of them.

    In ``vocabulary`` a word that fewer services have than before has a number below zero.
    """

    services: list[PackedService]
    vocabulary: bytes


def pack_services(
    key: int, services: Iterable[PreparedService], *, keeps_words: bool, forgotten: Iterable[frozenset[str]] = ()
) -> Packed:
    """Services for ``write``; another process can make them ready.

    Args:
        key: of the index.
        services: each once.
        keeps_words: the database is SQLite.
        forgotten: the words of each service that is not shown any more, or not as it was.
    """
    vocabulary: Counter[str] = Counter()
    prefix = token_of(key, "")
    between = f" {prefix}"
    packed = []
    for one in services:
        text = f"{prefix}{between.join(one.tokens)}" if one.tokens else ""
        words = stored(text) if keeps_words else None
        packed.append(PackedService(one.id, one.sort, one.data.decode(), text, words, one.points))
        vocabulary.update(one.words)
    for gone in forgotten:
        vocabulary.subtract(gone)
    return Packed(packed, pack({word: count for word, count in vocabulary.items() if count}))


def token_of(index: int, token: str) -> str:
    """A token as it is written: that of one index is never that of another."""
    return f"{index}{token}"


def stored(tokens: str) -> bytes:
    """What an entry of SQLite has of its words: all of them, to forget them one day."""
    return zlib.compress(tokens.encode(), 1)
