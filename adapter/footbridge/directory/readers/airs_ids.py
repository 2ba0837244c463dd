"""Ids of records in an AIRS source: its keys, made unique by kind, and the same in the next export.

A key may be missing (optional in 3.0), and one key may name several records: a service that is given at several sites
appears under each of them with one key, and sites repeat under several agencies.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import orjson

from footbridge.directory.records import Kind

Claim = Literal["new", "same", "other"]
_PRINT: Final = (1 << 32) - 1


@dataclass(slots=True)
class Ids:
    """Which ids were given: about 120 bytes of memory for each, not the records. ``file`` counts the source's files."""

    file: int = 0
    _seen: dict[int, int] = field(default_factory=dict)  # hash of kind and id -> file, prints of core and whole

    def claim(self, kind: Kind, key: str, core: Any, whole: Any, container: str) -> tuple[str, Claim]:  # noqa: ANN401 - any JSON
        """The id of a record, and whether it is new.

        Args:
            kind: its kind.
            key: what its source calls it.
            core: what says that it is the same thing (its name and description).
            whole: all that it holds.
            container: id of what it was found in, for a key that names several things.

        ``same``: all of it was given before. ``other``: the same thing with other details; so is what another file of
        the source calls by the same key, as an export in a second language does.
        """
        prints = _print(core), _print(whole)
        for name in _names(key, container, prints[0]):
            place = _hash(f"{kind}\x1f{name}".encode(), 8)
            known = self._seen.get(place)
            if known is None:
                self._seen[place] = self.file << 64 | prints[0] << 32 | prints[1]
                return name, "new"
            if known >> 32 & _PRINT == prints[0] or known >> 64 != self.file:
                return name, "same" if known & (1 << 64) - 1 == prints[0] << 32 | prints[1] else "other"
        raise AssertionError  # the last name holds the fingerprint


def made_key(*parts: str | None) -> str:
    """A key for what has none, made of what it says: the same words give the same key."""
    return "~" + hashlib.sha256("\x1f".join(part or "" for part in parts).encode()).hexdigest()[:16]


def _names(key: str, container: str, core: int) -> tuple[str, str, str]:
    return key, f"{container}/{key}", f"{container}/{key}/{core:08x}"


def _print(content: Any) -> int:  # noqa: ANN401 - any JSON
    return _hash(orjson.dumps(content, option=orjson.OPT_SORT_KEYS), 4)


def _hash(content: bytes, size: int) -> int:
    return int.from_bytes(hashlib.blake2b(content, digest_size=size).digest(), "big")
