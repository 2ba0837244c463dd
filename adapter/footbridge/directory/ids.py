"""Ids that stay from import to import, and fingerprints that tell whether a record changed.

An id is the UUID version 5 (RFC 9562 §5.5) of source, kind and native id: the same record has the same id in every
import, and records of different kinds or sources never share one, whatever their own ids are.
"""

import functools
import hashlib
import uuid
from importlib.resources.abc import Traversable

import orjson

from footbridge import __version__
from footbridge.data import folder
from footbridge.directory.packed_json import as_json
from footbridge.directory.records import Kind, Record

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:footbridge:directory")


@functools.lru_cache(maxsize=2_048)  # a record is named by those that belong to it, which stand near it
def record_id(source: str, kind: Kind, native_id: str) -> str:
    """The id of a source's record, by its native id: ``uuid.uuid5``, in a third of its time."""
    name = f"{source}\x1f{kind}\x1f{native_id}".encode(errors="surrogatepass")
    digest = bytearray(hashlib.sha1(_NAMESPACE.bytes + name, usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50
    digest[8] = digest[8] & 0x3F | 0x80
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def canonical(record: Record) -> bytes:
    """What a source wrote, as JSON with sorted members. Raises TypeError for data that is no JSON."""
    return as_json(record.data, option=orjson.OPT_SORT_KEYS)


def fingerprint(raw: bytes, rules: str) -> str:
    """32 hex digits of what a source wrote (``canonical``) and of the rules that it is cleaned by."""
    return hashlib.blake2b(raw, digest_size=16, key=rules.encode()).hexdigest()


@functools.cache
def rules_version(*more: str) -> str:
    """32 hex digits that change when the tables of ``mappings/directory``, the code's version or ``more`` do."""
    digest = hashlib.blake2b(__version__.encode(), digest_size=16)
    for name, content in sorted(_files(folder("mappings") / "directory")):
        digest.update(f"{name}\x1f{len(content)}\x1f".encode() + content)
    digest.update("\x1f".join(more).encode())
    return digest.hexdigest()


def _files(place: Traversable, under: str = "") -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for one in place.iterdir():
        if one.is_dir():
            found += _files(one, f"{under}{one.name}/")
        elif one.name.endswith(".json"):
            found.append((under + one.name, one.read_bytes()))
    return found
