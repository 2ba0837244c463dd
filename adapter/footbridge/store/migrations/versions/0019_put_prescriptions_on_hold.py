"""Put prescriptions on hold: what has to be decided about each before anything of it leaves.

Revision: 0019, after 0018. A referral that waits until somebody says that its service is still offered gets its row.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, and the rows of what waits already."""
    op.create_table(
        "hold",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("prescription", sa.String(36), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("since", sa.String(27), nullable=False),
        sa.Column("detail", sa.Text),
        sa.Column("ended", sa.String(27)),
        sa.Column("decision", sa.Text),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name="fk_hold_tenant"),
        sa.PrimaryKeyConstraint("tenant", "prescription", "reason", name="pk_hold"),
    )
    op.execute(
        "INSERT INTO hold (tenant, prescription, reason, since) "
        "SELECT tenant, prescription, 'service', min(needs_since) FROM referral "
        "WHERE needs = 'not-verified' AND partner IS NULL GROUP BY tenant, prescription"
    )


def downgrade() -> None:
    """Not supported: restore the backup."""
    raise NotImplementedError
