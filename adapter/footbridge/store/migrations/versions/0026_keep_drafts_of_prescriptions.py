"""Keep drafts of prescriptions that somebody writes in the portal.

Revision: 0026, after 0025.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

INSTANT = sa.String(27)


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "prescription_draft",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("user", sa.String(36), nullable=False),
        sa.Column("typed", sa.Text, nullable=False),
        sa.Column("person", sa.String(36)),
        sa.Column("identifier", sa.String(255)),
        sa.Column("prescription", sa.String(36)),
        sa.Column("created", INSTANT, nullable=False),
        sa.Column("updated", INSTANT, nullable=False),
        sa.Column("expires", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name="fk_prescription_draft_tenant"),
        sa.ForeignKeyConstraint(["user"], ["user_account.id"], name="fk_prescription_draft_user"),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_prescription_draft"),
        sa.UniqueConstraint("id", name="uq_prescription_draft_id"),
    )
    op.create_index("ix_prescription_draft_tenant_user", "prescription_draft", ["tenant", "user"])
    op.create_index("ix_prescription_draft_expires", "prescription_draft", ["expires"])


def downgrade() -> None:
    """Not supported: restore the backup."""
    raise NotImplementedError
