"""Recognise the documents of a directory's source that did not change: digests of what an import read.

Revision: 0020, after 0019. Imports from before have none, and the next one reads all of its source.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "directory_recognition",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("tenant", "source", "number", "part", name="pk_directory_recognition"),
    )


def downgrade() -> None:
    """Not supported: restore the backup."""
    raise NotImplementedError
