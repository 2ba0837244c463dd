"""Know the time zone of a tenant, in which its people read and write times.

Revision: 0031, after 0030. A column that is empty at first: then the zone of its directory applies, else its country's.
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("tenant", sa.Column("timezone", sa.String(64)))


def downgrade() -> None:
    """Not supported: restore the backup."""
    raise NotImplementedError
