"""Tell requesters by webhook what happens to their prescriptions.

Revision: 0012, after 0011. No partner has a webhook until one is set.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "webhook",
        sa.Column("tenant", sa.String(64), sa.ForeignKey("tenant.name", name="fk_webhook_tenant"), nullable=False),
        sa.Column("partner", sa.String(64), nullable=False),
        sa.Column("url", sa.String(1024), nullable=False),
        sa.Column("secret", sa.String(255), nullable=False),
        sa.Column("old_secret", sa.String(255)),
        sa.Column("last_sent", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "partner", name="pk_webhook"),
    )


def downgrade() -> None:
    """Not supported: restore the backup."""
    raise NotImplementedError
