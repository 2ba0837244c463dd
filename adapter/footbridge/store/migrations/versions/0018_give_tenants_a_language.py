"""Give tenants a language: that of the narratives which are made for them.

Revision: 0018, after 0017. None stands for the language of each prescription, as it was before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("tenant", sa.Column("language", sa.String(8), nullable=True))


def downgrade() -> None:
    """Not supported: restore the backup."""
    raise NotImplementedError
