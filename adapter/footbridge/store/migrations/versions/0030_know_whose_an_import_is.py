"""Know whose an import is, so that the next one need not wait where it was killed on the same machine.

Revision: 0030, after 0029. One column: the process that runs it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("directory_import", sa.Column("process", sa.String(120), nullable=True))


def downgrade() -> None:
    """Not supported: restore the backup."""
    raise NotImplementedError
