"""Send letters to services without a system: how each gets them, and the links that answer them.

Revision: 0025, after 0024.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

INSTANT = sa.String(27)


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "letter_setting",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("partner", sa.String(64), nullable=False),
        sa.Column("language", sa.String(8)),
        sa.Column("code", sa.String(200)),
        sa.Column("attach", sa.Boolean, nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name="fk_letter_setting_tenant"),
        sa.PrimaryKeyConstraint("tenant", "partner", name="pk_letter_setting"),
    )
    op.create_table(
        "letter",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("partner", sa.String(64), nullable=False),
        sa.Column("prescription", sa.String(36), nullable=False),
        sa.Column("referral", sa.String(36), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("about", sa.String(36)),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("code", sa.String(200)),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("created", INSTANT, nullable=False),
        sa.Column("expires", INSTANT, nullable=False),
        sa.Column("sent", INSTANT),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name="fk_letter_tenant"),
        sa.PrimaryKeyConstraint("tenant", "digest", name="pk_letter"),
    )
    op.create_index("ix_letter_digest", "letter", ["digest"])
    op.create_index("ix_letter_tenant_prescription", "letter", ["tenant", "prescription"])


def downgrade() -> None:
    """Not supported: restore the backup."""
    raise NotImplementedError
