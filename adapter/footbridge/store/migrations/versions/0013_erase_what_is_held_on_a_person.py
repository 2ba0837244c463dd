"""Erase what is held on a person: on request, and a number of days after a prescription ended.

Revision: 0013, after 0012. A tenant may say after how many days ended prescriptions are erased; of an erased one a row
without personal data stays. A received message says which prescription it was about, so that it can go with it; for
those that were received before, that is not known. What a partner's copy was stays known after it was erased there,
so that what the partner wrote about it is found.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_ENDED = sa.text("status in ('completed', 'failed', 'cancelled', 'entered-in-error')")


def upgrade() -> None:
    """Add the columns, their indexes, and the tables of what was erased."""
    op.add_column("tenant", sa.Column("retention_days", sa.Integer, nullable=True))
    op.add_column("inbox", sa.Column("prescription", sa.String(36), nullable=True))
    op.create_index("ix_inbox_tenant_prescription", "inbox", ["tenant", "prescription"])
    op.create_index(
        "ix_prescription_ended", "prescription", ["tenant", "updated"], sqlite_where=_ENDED, postgresql_where=_ENDED
    )
    op.create_table(
        "erased_prescription",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("requester", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("categories", sa.String(1024), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("referrals", sa.Text, nullable=False),
        sa.Column("created", sa.String(27), nullable=False),
        sa.Column("erased", sa.String(27), nullable=False),
        sa.Column("cause", sa.String(16), nullable=False),
        sa.Column("actor", sa.String(255), nullable=False),
        sa.Column("reason", sa.Text, nullable=True),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name="fk_erased_prescription_tenant"),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_erased_prescription"),
    )
    op.create_table(
        "former_link",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("partner", sa.String(64), nullable=False),
        sa.Column("type", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("remote_id", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name="fk_former_link_tenant"),
        sa.PrimaryKeyConstraint("tenant", "partner", "type", "remote_id", name="pk_former_link"),
    )
    op.create_index("ix_former_link_tenant_type_id", "former_link", ["tenant", "type", "id"])


def downgrade() -> None:
    """Not supported: restore the backup."""
    raise NotImplementedError
