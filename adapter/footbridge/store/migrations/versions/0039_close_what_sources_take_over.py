"""Close what sources take over: when a suggested correction was seen in its source's record.

What records said before that sources withhold by now goes with the next import of each.

Revision: 0039, after 0038.
"""

import sqlalchemy as sa
from alembic import op

from footbridge.store.tables.columns import Instant

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("directory_correction", sa.Column("closed", Instant))


def downgrade() -> None:
    """Not supported: restore the backup."""
    raise NotImplementedError
