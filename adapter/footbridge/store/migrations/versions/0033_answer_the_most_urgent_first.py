"""Answer the most urgent first: how urgent each referral is, and indexes of the lists of the portal.

Revision: 0033, after 0032. A referral knows the priority of its prescription as a number, so that what is to be
answered is read in that order by an index. Events that end consent, and people whom nobody may contact, have indexes of
their own, as there are few. And a link for signing in knows the page that was asked for first.
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

ASKED = sa.text("partner IS NOT NULL AND status = 'requested'")
TO_ANSWER = sa.text("overdue IS NULL AND partner IS NOT NULL AND status = 'requested'")
FOLLOW_UP = sa.text("follow_up IN ('requested', 'accepted', 'in-progress', 'on-hold')")
ENDING_CONSENT = sa.text("name IN ('consent-expired', 'consent-refused', 'consent-withdrawn')")

ITS = "prescription.tenant = referral.tenant AND prescription.id = referral.prescription"
FILL = (
    "UPDATE referral SET urgency = (SELECT CASE priority WHEN 'stat' THEN 0 WHEN 'asap' THEN 1 ELSE 2 END"
    f" FROM prescription WHERE {ITS})"
    f" WHERE EXISTS (SELECT 1 FROM prescription WHERE {ITS} AND priority IN ('stat', 'asap', 'urgent'))"
)


def upgrade() -> None:
    """Add two columns, fill the first, and make the indexes."""
    op.add_column("referral", sa.Column("urgency", sa.Integer(), nullable=False, server_default="3"))
    op.execute(FILL)
    _index("ix_referral_to_answer", "referral", ["tenant", "urgency", "updated", "id"], TO_ANSWER)
    _index("ix_referral_asked", "referral", ["tenant", "partner", "urgency", "updated", "id", "overdue"], ASKED)
    op.drop_index("ix_referral_follow_up", "referral")
    _index("ix_referral_follow_up", "referral", ["tenant", "due", "id"], FOLLOW_UP)
    _index("ix_event_ending_consent", "event", ["tenant", "prescription"], ENDING_CONSENT)
    _index("ix_client_prohibited", "client", ["tenant", "person"], sa.text("contact = 'prohibited'"))
    op.add_column("sign_in_link", sa.Column("leads_to", sa.String(500)))


def _index(name: str, table: str, columns: list[str], condition: sa.TextClause) -> None:
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)


def downgrade() -> None:
    """Not supported: restore the backup."""
    raise NotImplementedError
