"""Say what the prescriptions of a hosted requester rest on where it sends no Consent.

Revision: 0027, after 0026. NULL: such a prescription waits for a person.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("partner", sa.Column("consent_basis", sa.String(16), nullable=True))


def downgrade() -> None:
    """Not supported: restore the backup."""
    raise NotImplementedError
