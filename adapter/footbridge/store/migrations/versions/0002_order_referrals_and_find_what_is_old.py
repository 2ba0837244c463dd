"""Keep the order in which referrals were made; find parked messages, and done and received ones by their age.

Revision: 0002, after 0001.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_FIRST_EVENTS = sa.text(
    """
    UPDATE referral SET place = coalesce(
        (SELECT min(event.number) FROM event
         WHERE event.tenant = referral.tenant AND event.prescription = referral.prescription
           AND event.referral = referral.id),
        0)
    """
)


def upgrade() -> None:
    """Bring the tables forward; referrals that are there stand in the order of their first events."""
    op.add_column("referral", sa.Column("place", sa.BigInteger(), server_default="0", nullable=False))
    op.execute(_FIRST_EVENTS)
    parked, done = sa.text("state = 'parked'"), sa.text("state = 'done'")
    op.create_index("ix_outbox_parked", "outbox", ["id"], sqlite_where=parked, postgresql_where=parked)
    op.create_index("ix_outbox_done", "outbox", ["finished"], sqlite_where=done, postgresql_where=done)
    op.create_index(op.f("ix_inbox_received"), "inbox", ["received"])
