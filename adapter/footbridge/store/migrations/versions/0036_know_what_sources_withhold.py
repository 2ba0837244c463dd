"""Know what each source of a directory withholds, so that no other source tells it: digests, no values.

Revision: 0036, after 0035. Sources that were imported before have none until their next import.
"""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "directory_withheld",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("applied", sa.Text, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "source", "number", name="pk_directory_withheld"),
    )


def downgrade() -> None:
    """Not supported: restore the backup."""
    raise NotImplementedError
