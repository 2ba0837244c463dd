"""Services as an import leaves them, compared with before; in a process of its own where there are many."""

from typing import NamedTuple

from footbridge.directory.importing.joining import Parts, assembled
from footbridge.directory.search.packed import Packed, pack_services
from footbridge.directory.search.prepare import prepare, words_of


class Compared(NamedTuple):
    """Some services as an import leaves them, compared with before.

    Attributes:
        added: how many are shown that were not.
        removed: how many are shown no longer.
        ended: ids of those whose version of before ends.
        packed: those that are new or shown otherwise, as the index takes them.
    """

    added: int
    removed: int
    ended: list[str]
    packed: Packed


def compare(source: str, key: int, keeps_words: bool, found: tuple[Parts, Parts]) -> Compared:
    """Compare some services; in a process of its own where there are many.

    Args:
        source: theirs.
        key: of the source's index (``index.begin``).
        keeps_words: whether the database is told again what it shall forget.
        found: their rows now and before.
    """
    now, was = (assembled(source, each) for each in found)
    gone = was.keys() - now.keys()
    changed = [one for one_id, one in now.items() if was.get(one_id) != one]
    ended = sorted({*gone, *(one["id"] for one in changed if one["id"] in was)})
    forgotten = [words_of(was[one]) for one in ended]
    packed = pack_services(key, [prepare(one) for one in changed], keeps_words=keeps_words, forgotten=forgotten)
    return Compared(len(now.keys() - was.keys()), len(gone), ended, packed)
