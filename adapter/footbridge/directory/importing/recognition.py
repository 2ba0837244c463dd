"""What an import read, for the next one: which documents it need not take apart again.

Documents that mention the same object, or refer to it, are one *component*: nothing outside of it has a say in its
records. A component whose documents are all there, as they were and in the same order, gives the records that it gave;
they are stored already. Kept are digests of documents, never what they say, and what their reader found in them.
"""

import zlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import orjson
from sqlalchemy import Connection, delete, insert, select

from footbridge.directory.importing.generation import Generation
from footbridge.directory.readers.hsds_copies import KINDS
from footbridge.directory.records import Kind
from footbridge.store.tables.directory import directory_recognition as stored

DIGEST = 16  # bytes
RECORD = 17  # bytes: its kind, its id
_PART = 512 * 1024  # bytes of a row


@dataclass(slots=True)
class Recognition:
    """Documents in the order of the source, and their components; both are named by their position.

    Attributes:
        rules: what records were read and cleaned by.
        kinds: bits of the kinds (``KINDS``) that the source has.
        lookups: digest of the documents with what other documents refer to and is no record.
        digests: of each document.
        components: of each document.
        givers: 1 for each document with lookups.
        notes: of the documents in which something was found: JSON, see ``notes``.
        chains: digest of the documents of each component, in their order.
        again: 1 for each component that is read each time: something of it was withheld, or not stored.
        component_kinds: bits, as in ``kinds``.
        offsets: of each component's first record, and of the end.
        records: kind and id of each.
        keys: what documents mention, and ``key_components`` in which component.
    """

    rules: str
    kinds: int
    lookups: bytes
    digests: bytes
    components: "array[int]"
    givers: bytes
    notes: dict[int, bytes]
    chains: bytes
    again: bytes
    component_kinds: bytes
    offsets: "array[int]"
    records: bytes
    keys: "array[int]"
    key_components: "array[int]"

    def positions(self) -> dict[bytes, int]:
        """The position of each document, by its digest."""
        found = self.digests
        return {found[at : at + DIGEST]: at // DIGEST for at in range(0, len(found), DIGEST)}

    def chain(self, component: int) -> bytes:
        """Of a component."""
        return self.chains[component * DIGEST : (component + 1) * DIGEST]

    def records_of(self, component: int) -> bytes:
        """Kinds and ids of a component's records, ``RECORD`` bytes each."""
        return self.records[self.offsets[component] * RECORD : self.offsets[component + 1] * RECORD]

    def pack(self) -> bytes:
        """As bytes."""
        sizes, parts = {}, []
        for field in fields(self):
            value: Any = getattr(self, field.name)
            if isinstance(value, array):
                part = value.tobytes()
            elif isinstance(value, bytes):
                part = value
            elif isinstance(value, dict):
                part = _packed(value)
            else:
                part = zlib.compress(orjson.dumps(value), 1)
            sizes[field.name] = len(part)
            parts.append(part)
        return b"".join([orjson.dumps(sizes), b"\n", *parts])

    @classmethod
    def unpack(cls, data: bytes) -> "Recognition":
        """From bytes."""
        head, _, rest = data.partition(b"\n")
        values: dict[str, Any] = {}
        start = 0
        for name, size in orjson.loads(head).items():
            part = rest[start : start + size]
            start += size
            if name in _ARRAYS:
                values[name] = array(_ARRAYS[name])
                values[name].frombytes(part)
            elif name in _JSON:
                value = orjson.loads(zlib.decompress(part))
                values[name] = {at: note.encode() for at, note in value} if isinstance(value, list) else value
            else:
                values[name] = part
        return cls(**values)


_ARRAYS = {"components": "I", "offsets": "I", "keys": "Q", "key_components": "I"}
_JSON = {"rules", "kinds", "notes"}


def _packed(notes: dict[int, bytes]) -> bytes:
    """A compressed list of numbers and notes, made one by one: there may be many."""
    packer = zlib.compressobj(1)
    parts = [packer.compress(b"[")]
    for place, (at, note) in enumerate(notes.items()):
        parts.append(packer.compress((b"," if place else b"") + orjson.dumps([at, note.decode()])))
    return b"".join([*parts, packer.compress(b"]"), packer.flush()])


def ids_in(records: bytes) -> Iterator[tuple[Kind, str]]:
    """Kind and id of each of some records."""
    for at in range(0, len(records), RECORD):
        text = records[at + 1 : at + RECORD].hex()
        yield KINDS[records[at]], f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def load(connection: Connection, generation: Generation) -> Recognition | None:
    """What the import that counts has read; None where it is not known, or another version of us wrote it."""
    parts: Sequence[bytes] = connection.scalars(
        select(stored.c.data)
        .where(
            stored.c.tenant == generation.tenant,
            stored.c.source == generation.source,
            stored.c.number == generation.before,
        )
        .order_by(stored.c.part)
    ).all()
    try:
        return Recognition.unpack(b"".join(parts)) if parts else None
    except (TypeError, ValueError, zlib.error):
        return None


def parts_of(recognition: Recognition) -> Iterator[bytes]:
    """What is stored of it, a row each."""
    data = recognition.pack()
    for at in range(0, len(data), _PART):
        yield data[at : at + _PART]


def store(connection: Connection, generation: Generation, part: int, data: bytes) -> None:
    """Write one row."""
    mine = {"tenant": generation.tenant, "source": generation.source, "number": generation.number}
    connection.execute(insert(stored).values(**mine, part=part, data=data))


def forget(connection: Connection, tenant: str, source: str, *, kept: int = 0) -> None:
    """Delete what all imports of a source have read, but for one."""
    connection.execute(
        delete(stored).where(stored.c.tenant == tenant, stored.c.source == source, stored.c.number != kept)
    )
