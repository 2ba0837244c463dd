"""Count a question that finds nothing once: what somebody asked in the last minutes; room for every reason.

Revision: 0038, after 0037. ``nothing-in-language`` did not fit, which PostgreSQL refused.
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, widen the column."""
    with op.batch_alter_table("directory_gap") as table:
        table.alter_column("reason", type_=sa.String(32), existing_type=sa.String(16), existing_nullable=False)
    op.create_table(
        "directory_gap_lately",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("asker", sa.String(32), nullable=False),
        sa.Column("category", sa.String(64), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.Column("region", sa.String(20), nullable=False),
        sa.Column("area", sa.String(120), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name="fk_directory_gap_lately_tenant"),
        sa.PrimaryKeyConstraint(
            "tenant", "asker", "category", "country", "region", "area", name="pk_directory_gap_lately"
        ),
    )


def downgrade() -> None:
    """Not supported: restore the backup."""
    raise NotImplementedError
