"""What sources withhold (``privacy.withheld``), as it is stored: a row for each import."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, or_, select

from footbridge.directory.importing.generation import Generation
from footbridge.directory.importing.staging import Staged
from footbridge.directory.importing.withholding import Entries
from footbridge.directory.privacy.withheld import Entry, pack, unpack
from footbridge.directory.records import Kind
from footbridge.store.dialect import unindexed
from footbridge.store.tables.directory import directory_record as record
from footbridge.store.tables.directory import directory_source as sources
from footbridge.store.tables.directory import directory_withheld as stored

_SOME = 500


class Withheld(NamedTuple):
    """What the import that counts of a source withholds; ``applied``: what of others it was held against."""

    digest: str
    applied: dict[str, str]
    data: bytes

    def entries(self) -> Entries:
        """By the id of the record that withholds."""
        return unpack(self.data)


NONE = pack({})


def current(connection: Connection, tenant: str) -> dict[str, Withheld]:
    """Of each source of a tenant that has an import which counts."""
    rows = connection.execute(
        select(sources.c.name, stored.c.digest, stored.c.applied, stored.c.data)
        .join_from(
            sources,
            stored,
            (stored.c.tenant == sources.c.tenant)
            & (stored.c.source == sources.c.name)
            & (stored.c.number == sources.c.current),
            isouter=True,
        )
        .where(sources.c.tenant == tenant, sources.c.current > 0)
        .order_by(sources.c.name)
    )
    return {
        name: Withheld(digest or "", json.loads(applied or "{}"), data or NONE) for name, digest, applied, data in rows
    }


def others(known: Mapping[str, Withheld], source: str) -> dict[str, Withheld]:
    """Of the other sources, those that withhold anything."""
    return {name: one for name, one in known.items() if name != source and one.data != NONE}


def entries_of(known: Mapping[str, Withheld]) -> list[Entry]:
    """All entries of some sources."""
    return [one for withheld in known.values() for some in withheld.entries().values() for one in some]


def store(connection: Connection, generation: Generation, data: bytes, against: Mapping[str, Withheld]) -> None:
    """Write what an import withholds."""
    digest = hashlib.blake2b(data, digest_size=16).hexdigest()
    applied = json.dumps({name: one.digest for name, one in against.items()}, sort_keys=True)
    mine = {"tenant": generation.tenant, "source": generation.source, "number": generation.number}
    connection.execute(insert(stored).values(**mine, digest=digest, applied=applied, data=data))


def forget(connection: Connection, tenant: str, source: str, *, kept: int) -> None:
    """Delete what all imports of a source withheld, but for one."""
    connection.execute(
        delete(stored).where(stored.c.tenant == tenant, stored.c.source == source, stored.c.number != kept)
    )


class StoredRecords:
    """The records that an import has, each as it is staged; what is written anew is in ``changed``."""

    def __init__(self, connection: Connection, tenant: str, source: str, number: int) -> None:
        self._connection = connection
        since, until = unindexed(record.c.since), unindexed(record.c.until)
        self._mine = (record.c.tenant == tenant, record.c.source == source)
        self._seen = (since <= number, or_(until.is_(None), until > number))
        self.changed: dict[str, Staged] = {}

    def some(self, kinds: Sequence[Kind]) -> Iterator[tuple[str, Kind, bytes]]:
        """Id, kind and data of every record of these kinds."""
        query = select(record.c.id, record.c.kind, record.c.data).where(
            *self._mine, record.c.kind.in_(list(kinds)), *self._seen
        )
        for one, kind, data in self._connection.execution_options(yield_per=_SOME).execute(query):
            yield one, kind, data.encode()

    def where(self, column: str, values: Sequence[str]) -> Iterator[Staged]:
        """Those whose column has one of the values."""
        for start in range(0, len(values), _SOME):
            wanted = record.c[column].in_(list(values[start : start + _SOME]))
            query = select(record).where(*self._mine, wanted, *self._seen).order_by(record.c.kind, record.c.id)
            for row in self._connection.execute(query).all():
                yield self.changed.get(row.id) or Staged(
                    row.id,
                    row.kind,
                    row.native_id,
                    "",
                    None,
                    row.fingerprint,
                    row.organization,
                    row.service,
                    row.location,
                    is_new=True,
                    withholds=False,
                    secrets=None,
                    data=row.data.encode(),
                    findings=None if row.findings is None else row.findings.encode(),
                    known_relation=row.relation,
                )

    def marked(self) -> list[Staged]:
        """Those that withhold a place, or that something was dropped from, now."""
        return [row for row in self.changed.values() if row.withholds or row.secrets is not None]

    def replace(self, row: Staged) -> None:
        """Note a record that is written anew."""
        self.changed[row.id] = row
