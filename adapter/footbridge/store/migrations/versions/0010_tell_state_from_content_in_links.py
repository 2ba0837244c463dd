"""Keep two fingerprints of a partner's copy: of how far things are, and of what was prescribed.

Revision: 0010, after 0009. A copy had one fingerprint, so that a type could follow either our own resource or the
prescription. A client's copy followed the prescription; what other types last got of their content is not known.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_STATE = "('Task', 'ServiceRequest', 'Goal', 'Consent')"


def upgrade() -> None:
    """Rename the fingerprint, add the other one, and tell them apart."""
    op.execute(sa.text("ALTER TABLE link RENAME COLUMN sent TO state"))
    op.add_column("link", sa.Column("content", sa.String(64), nullable=True))
    op.execute(sa.text("UPDATE link SET content = state WHERE type = 'Patient'"))
    op.execute(sa.text(f"UPDATE link SET state = NULL WHERE type NOT IN {_STATE}"))


def downgrade() -> None:
    """Not supported: restore the backup."""
    raise NotImplementedError
