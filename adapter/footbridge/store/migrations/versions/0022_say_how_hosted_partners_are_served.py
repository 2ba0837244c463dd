"""Say how hosted partners are served: how strictly, and one that has no token under which address and from where.

Revision: 0022, after 0021. ``segment`` is the SHA-256 of the part of the URL that stands for a token; ``addresses`` are
the networks that it may be used from.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("partner", sa.Column("conformance", sa.String(16), nullable=False, server_default="compatible"))
    op.add_column("partner", sa.Column("segment", sa.String(64), nullable=True))
    op.add_column("partner", sa.Column("addresses", sa.String(1024), nullable=True))


def downgrade() -> None:
    """Not supported: restore the backup."""
    raise NotImplementedError
