"""Keep the directory: sources, imports, and records in the version that an import gave them.

Revision: 0016, after 0014. Nothing that is there changes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and their indexes."""
    op.create_table(
        "directory_source",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("format", sa.String(32), nullable=False),
        sa.Column("location", sa.String(1024), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("current", sa.Integer, nullable=False, server_default="0"),
        sa.Column("created", sa.String(27), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name="fk_directory_source_tenant"),
        sa.PrimaryKeyConstraint("tenant", "name", name="pk_directory_source"),
    )
    op.create_table(
        "directory_import",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("started", sa.String(27), nullable=False),
        sa.Column("alive", sa.String(27), nullable=False),
        sa.Column("finished", sa.String(27), nullable=True),
        sa.Column("complete", sa.Boolean, nullable=False),
        sa.Column("summary", sa.Text, nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant", "source"],
            ["directory_source.tenant", "directory_source.name"],
            name="fk_directory_import_source",
        ),
        sa.PrimaryKeyConstraint("tenant", "source", "number", name="pk_directory_import"),
    )
    _records()
    op.create_table(
        "directory_finding",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("finding", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "source", "number", "position", name="pk_directory_finding"),
    )
    op.create_table(
        "directory_partner",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("organization", sa.String(36), nullable=False),
        sa.Column("native_id", sa.Text, nullable=False),
        sa.Column("partner", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant", "partner"], ["partner.tenant", "partner.name"], name="fk_directory_partner_partner"
        ),
        sa.PrimaryKeyConstraint("tenant", "source", "organization", "partner", name="pk_directory_partner"),
    )
    _corrections()


def _corrections() -> None:
    op.create_table(
        "directory_correction",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("record", sa.String(36), nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("field", sa.String(64), nullable=False),
        sa.Column("old", sa.Text, nullable=False),
        sa.Column("new", sa.Text, nullable=False),
        sa.Column("who", sa.String(255), nullable=False),
        sa.Column("note", sa.Text, nullable=True),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name="fk_directory_correction_tenant"),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_directory_correction"),
    )
    op.create_index("ix_directory_correction_record", "directory_correction", ["tenant", "record", "field"])


def _records() -> None:
    op.create_table(
        "directory_record",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("since", sa.Integer, nullable=False),
        sa.Column("until", sa.Integer, nullable=True),
        sa.Column("native_id", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.String(32), nullable=False),
        sa.Column("relation", sa.String(32), nullable=True),
        sa.Column("marked", sa.Boolean, nullable=False),
        sa.Column("organization", sa.String(36), nullable=True),
        sa.Column("service", sa.String(36), nullable=True),
        sa.Column("location", sa.String(36), nullable=True),
        sa.Column("data", sa.Text, nullable=False),
        sa.Column("findings", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("tenant", "source", "kind", "id", "since", name="pk_directory_record"),
    )
    still = sa.text("until IS NULL")
    op.create_index(
        "ix_directory_record_open",
        "directory_record",
        ["tenant", "source", "kind", "id"],
        unique=True,
        sqlite_where=still,
        postgresql_where=still,
    )
    for column in ("since", "until"):
        op.create_index(f"ix_directory_record_{column}", "directory_record", ["tenant", "source", column])
    op.create_index("ix_directory_record_id", "directory_record", ["tenant", "id"])
    for column in ("organization", "service", "location"):
        given = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_directory_record_{column}",
            "directory_record",
            ["tenant", "source", column],
            sqlite_where=given,
            postgresql_where=given,
        )


def downgrade() -> None:
    """Not supported: restore the backup."""
    raise NotImplementedError
