"""Find what a person works on: an index of the events that people and their systems wrote, by who wrote them.

Revision: 0037, after 0036.
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

BY_SOMEBODY = sa.text("role <> 'system'")


def upgrade() -> None:
    """Make the index."""
    op.create_index(
        "ix_event_actor",
        "event",
        ["tenant", "actor", "prescription"],
        sqlite_where=BY_SOMEBODY,
        postgresql_where=BY_SOMEBODY,
    )


def downgrade() -> None:
    """Not supported: restore the backup."""
    raise NotImplementedError
