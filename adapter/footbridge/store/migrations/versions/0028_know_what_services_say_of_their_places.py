"""Know what services say themselves of their free places, beside what the source of the directory says.

Revision: 0028, after 0027. One row for a service of a source: what its partner said last, and when. And an index: the
Tasks of an owner by status, of which a service of many years has few that are open.
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table and the index."""
    condition = sa.text("current AND owner IS NOT NULL")
    columns = ["tenant", "compartment", "owner", "status", "last_updated", "id"]
    op.create_index("ix_resource_owner_status", "resource", columns, sqlite_where=condition, postgresql_where=condition)
    op.create_table(
        "directory_capacity",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("service", sa.String(36), nullable=False),
        sa.Column("partner", sa.String(64), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name="fk_directory_capacity_tenant"),
        sa.PrimaryKeyConstraint("tenant", "source", "service", name="pk_directory_capacity"),
    )


def downgrade() -> None:
    """Not supported: restore the backup."""
    raise NotImplementedError
