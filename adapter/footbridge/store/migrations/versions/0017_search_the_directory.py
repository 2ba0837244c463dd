"""Search the directory: entries, words, points, snapshots, places and unmet need.

Revision: 0017. Words are folded and stemmed before they come here, so that no extension of a database is needed:
SQLite has FTS5 and R*Tree built in, PostgreSQL ``tsvector``. ``detail=none`` and ``content=''``: only which service
has which word is kept, https://sqlite.org/fts5.html#the_detail_option.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_ROWID = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_BYTEWISE = sa.String(80).with_variant(sa.String(80, collation="C"), "postgresql")


def upgrade() -> None:
    """Add the tables."""
    _entries()
    _snapshots()
    _places()
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)


_SQLITE = (
    "CREATE VIRTUAL TABLE directory_text USING fts5(words, content='', detail=none, columnsize=0, tokenize='ascii')",
    (
        "CREATE VIRTUAL TABLE directory_point USING rtree(id, min_latitude, max_latitude, min_longitude, max_longitude,"
        " min_index, max_index, +slot, +latitude, +longitude)"
    ),
)
_POSTGRESQL = (
    (
        "CREATE TABLE directory_text (id bigint NOT NULL, words tsvector NOT NULL,"
        " CONSTRAINT pk_directory_text PRIMARY KEY (id))"
    ),
    "CREATE INDEX ix_directory_text_words ON directory_text USING gin (words)",
    (
        "CREATE TABLE directory_point (id bigint NOT NULL, index integer NOT NULL, slot integer NOT NULL,"
        " latitude double precision NOT NULL, longitude double precision NOT NULL,"
        " CONSTRAINT pk_directory_point PRIMARY KEY (id))"
    ),
    "CREATE INDEX ix_directory_point ON directory_point (index, latitude, longitude) INCLUDE (slot)",
)


def _entries() -> None:
    op.create_table(
        "directory_index",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=True),
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("source", sa.String(255), nullable=False),
        sa.Column("next_slot", sa.Integer, nullable=False),
        sa.Column("free", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name="fk_directory_index_tenant"),
        sa.PrimaryKeyConstraint("id", name="pk_directory_index"),
        sa.UniqueConstraint("tenant", "source", name="uq_directory_index_tenant_source"),
    )
    op.create_table(
        "directory_entry",
        sa.Column("id", _ROWID, nullable=False, autoincrement=False),
        sa.Column("index", sa.Integer, nullable=False),
        sa.Column("service", sa.String(36), nullable=False),
        sa.Column("since", sa.Integer, nullable=False),
        sa.Column("until", sa.Integer, nullable=True),
        sa.Column("sort", _BYTEWISE, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("words", sa.LargeBinary, nullable=True),
        sa.ForeignKeyConstraint(["index"], ["directory_index.id"], name="fk_directory_entry_index"),
        sa.PrimaryKeyConstraint("id", name="pk_directory_entry"),
    )
    op.create_index("ix_directory_entry_service", "directory_entry", ["index", "service"])
    op.create_index("ix_directory_entry_sort", "directory_entry", ["index", "sort", "service"])
    op.create_index("ix_directory_entry_since", "directory_entry", ["index", "since"])
    op.create_index("ix_directory_entry_until", "directory_entry", ["index", "until"])


def _snapshots() -> None:
    op.create_table(
        "directory_snapshot",
        sa.Column("index", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["index"], ["directory_index.id"], name="fk_directory_snapshot_index"),
        sa.PrimaryKeyConstraint("index", "number", "name", name="pk_directory_snapshot"),
    )
    op.create_table(
        "directory_vocabulary",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=True),
        sa.Column("index", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["index"], ["directory_index.id"], name="fk_directory_vocabulary_index"),
        sa.PrimaryKeyConstraint("id", name="pk_directory_vocabulary"),
    )
    op.create_index("ix_directory_vocabulary_index_number", "directory_vocabulary", ["index", "number"])


def _places() -> None:
    op.create_table(
        "directory_place",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("region", sa.String(20), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("county", sa.String(200), nullable=False),
        sa.Column("latitude", sa.Float, nullable=False),
        sa.Column("longitude", sa.Float, nullable=False),
        sa.Column("weight", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name="fk_directory_place_tenant"),
        sa.PrimaryKeyConstraint("tenant", "key", "kind", "country", "region", name="pk_directory_place"),
    )
    op.create_table(
        "directory_gap",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("category", sa.String(64), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("region", sa.String(20), nullable=False),
        sa.Column("area", sa.String(120), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("how", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name="fk_directory_gap_tenant"),
        sa.PrimaryKeyConstraint(
            "tenant",
            "month",
            "category",
            "country",
            "region",
            "area",
            "language",
            "how",
            "reason",
            name="pk_directory_gap",
        ),
    )


def downgrade() -> None:
    """Not supported: restore the backup."""
    raise NotImplementedError
