"""Know who asks: name, phone and address of a tenant's own organization; profession and phone of its users.

Revision: 0035, after 0034. Whether the default requester was chosen is known from now on; one that is there already
stays that of the portal too, so that no prescription changes its owner with an upgrade.
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("tenant", sa.Column("organization", sa.Text))
    op.add_column("tenant", sa.Column("requester_chosen", sa.Boolean, nullable=False, server_default=sa.false()))
    op.execute("UPDATE tenant SET requester_chosen = (requester IS NOT NULL)")
    op.add_column("user_account", sa.Column("profession", sa.String(255)))
    op.add_column("user_account", sa.Column("phone", sa.String(255)))
    op.add_column("user_account", sa.Column("asks_as", sa.String(32)))


def downgrade() -> None:
    """Not supported: restore the backup."""
    raise NotImplementedError
