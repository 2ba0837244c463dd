"""Know what services ask: since when a message of a service waits for an answer of a person here.

Revision: 0034, after 0033. Only a message that no system of a requester gets waits; what was written before does not.
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

OPEN = sa.text("question IS NOT NULL")


def upgrade() -> None:
    """Add a column, and the index of the few that have it."""
    op.add_column("referral", sa.Column("question", sa.String(27)))
    op.create_index(
        "ix_referral_question", "referral", ["tenant", "question"], sqlite_where=OPEN, postgresql_where=OPEN
    )


def downgrade() -> None:
    """Not supported: restore the backup."""
    raise NotImplementedError
