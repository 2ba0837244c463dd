"""The tables that search of the directory reads. Each row belongs to an index, and an index to one source of a tenant.

directory_index       one source of a tenant that is searched; its small number scopes every row and word below
directory_entry       a version of a service: from which import it counts, until which, and what a page of hits shows
directory_snapshot    what is counted at one import number: bitmaps and columns by slot, written once, read whole
directory_vocabulary  the words of the services that one batch wrote; a snapshot adds them up
directory_place       places of gazetteer files, beside those that the directory's own records tell
directory_gap         how often nothing was found, by month, category and area; no person in it
directory_gap_lately  which of these somebody counted in the last minutes, so that the same question counts once

Two more differ by database, and stand in the migration alone: ``directory_text`` (SQLite: FTS5; PostgreSQL: a
``tsvector`` with a GIN index) and ``directory_point`` (SQLite: R*Tree; PostgreSQL: a table with an index).

The id of an entry is ``index << 32 | slot``: slots are dense, so that a set of services is one bitmap.
"""

from sqlalchemy import BigInteger, Column, Float, ForeignKey, Index, Integer, LargeBinary, String, Table, Text
from sqlalchemy import UniqueConstraint as Unique

from footbridge.store.tables.columns import Instant, metadata

BY_DATABASE = ("directory_text", "directory_point")
"""Tables that differ by database; SQLite keeps each in several, whose names begin with it."""

_ROWID = BigInteger().with_variant(Integer, "sqlite")
_BYTEWISE = String(80).with_variant(String(80, collation="C"), "postgresql")  # sorts as SQLite and Python do

directory_index = Table(
    "directory_index",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("tenant", String(64), ForeignKey("tenant.name"), nullable=False),
    Column("source", String(255), nullable=False),
    Column("next_slot", Integer, nullable=False),
    Column("free", Text, nullable=False),  # slots that a purge gave back, a JSON list
    Unique("tenant", "source"),
)

directory_entry = Table(
    "directory_entry",
    metadata,
    Column("id", _ROWID, primary_key=True, autoincrement=False),
    Column("index", Integer, ForeignKey("directory_index.id"), nullable=False),
    Column("service", String(36), nullable=False),
    Column("since", Integer, nullable=False),
    Column("until", Integer, nullable=True),
    Column("sort", _BYTEWISE, nullable=False),
    Column("data", Text, nullable=False),
    Column("words", LargeBinary, nullable=True),  # SQLite: what FTS5 must be told again to forget it
    Index("ix_directory_entry_service", "index", "service"),
    Index("ix_directory_entry_sort", "index", "sort", "service"),
    Index("ix_directory_entry_since", "index", "since"),
    Index("ix_directory_entry_until", "index", "until"),
)

directory_snapshot = Table(
    "directory_snapshot",
    metadata,
    Column("index", Integer, ForeignKey("directory_index.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("name", String(32), primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

directory_vocabulary = Table(
    "directory_vocabulary",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("index", Integer, ForeignKey("directory_index.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Index("ix_directory_vocabulary_index_number", "index", "number"),
)

directory_place = Table(
    "directory_place",
    metadata,
    Column("tenant", String(64), ForeignKey("tenant.name"), primary_key=True),
    Column("key", String(120), primary_key=True),
    Column("kind", String(8), primary_key=True),
    Column("country", String(2), primary_key=True),
    Column("region", String(20), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("county", String(200), nullable=False),
    Column("latitude", Float, nullable=False),
    Column("longitude", Float, nullable=False),
    Column("weight", Integer, nullable=False),
)

directory_gap = Table(
    "directory_gap",
    metadata,
    Column("tenant", String(64), ForeignKey("tenant.name"), primary_key=True),
    Column("month", String(7), primary_key=True),
    Column("category", String(64), primary_key=True),
    Column("country", String(2), primary_key=True),
    Column("region", String(20), primary_key=True),
    Column("area", String(120), primary_key=True),
    Column("language", String(16), primary_key=True),
    Column("how", String(16), primary_key=True),
    Column("reason", String(32), primary_key=True),
    Column("count", Integer, nullable=False),
)

directory_gap_lately = Table(
    "directory_gap_lately",
    metadata,
    Column("tenant", String(64), ForeignKey("tenant.name"), primary_key=True),
    Column("asker", String(32), primary_key=True),  # a digest
    Column("category", String(64), primary_key=True),
    Column("country", String(2), primary_key=True),
    Column("region", String(20), primary_key=True),
    Column("area", String(120), primary_key=True),
    Column("month", String(7), nullable=False),
    Column("language", String(16), nullable=False),
    Column("reason", String(32), nullable=False),
    Column("at", Instant, nullable=False),
)
