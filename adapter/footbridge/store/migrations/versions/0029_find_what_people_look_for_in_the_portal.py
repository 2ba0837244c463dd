"""Find what people look for in the portal: referrals of a prescription by service, what has ended, what waits.

Revision: 0029, after 0028. Five indexes: three take the place of others. And users of a service that was removed before
work for nobody, so that they have no part in another one of its name.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

ENDED = sa.text("status IN ('cancelled', 'completed', 'entered-in-error', 'failed', 'rejected')")

WAITING = sa.text("status = 'waiting'")


def upgrade() -> None:
    """Make the indexes, and let go of the users."""
    op.create_index("ix_referral_tenant_prescription_partner", "referral", ["tenant", "prescription", "partner"])
    op.drop_index("ix_referral_tenant_prescription", "referral")
    op.create_index(
        "ix_referral_ended", "referral", ["tenant", "updated", "id"], sqlite_where=ENDED, postgresql_where=ENDED
    )
    op.drop_index("ix_prescription_waiting", "prescription")
    op.create_index(
        "ix_prescription_waiting",
        "prescription",
        ["tenant", "requester", "id"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index("ix_client_name_words", "client_name", ["tenant", "prescription", "word"])
    op.drop_index("ix_client_name_tenant_prescription", "client_name")
    op.create_index("ix_prescription_kinds", "prescription", ["tenant", "categories", "priority", "id"])
    user, partner = (sa.table(name, *map(sa.column, names)) for name, names in _TABLES.items())
    there = sa.exists().where(partner.c.tenant == user.c.tenant, partner.c.name == user.c.partner)
    op.execute(sa.update(user).where(user.c.partner.is_not(None), ~there).values(partner=None))


_TABLES = {"user_account": ("tenant", "partner"), "partner": ("tenant", "name")}


def downgrade() -> None:
    """Not supported: restore the backup."""
    raise NotImplementedError
