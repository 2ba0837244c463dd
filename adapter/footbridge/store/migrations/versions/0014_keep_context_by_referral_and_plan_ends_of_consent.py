"""Keep what a partner's network stores by referral, and end open prescriptions with their consent.

Revision: 0014, after 0013. A prescription may have several referrals at one partner. What a requester's network stored
is the prescription's (an empty referral). What a recipient's network stored was handed back with each of its
referrals, and stays that: each gets a row of its own. The last day of a consent was shown and ended nothing: for
prescriptions that are open and disclose, its end is planned, also where it has passed.
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_MOVE_RECIPIENTS = (
    "INSERT INTO network_context (tenant, partner, prescription, referral, context) "
    "SELECT kept.tenant, kept.partner, kept.prescription, referral.id, kept.context FROM network_context_kept kept "
    "JOIN referral ON referral.tenant = kept.tenant AND referral.prescription = kept.prescription "
    "AND referral.partner = kept.partner"
)
_MOVE_OTHERS = (
    "INSERT INTO network_context (tenant, partner, prescription, referral, context) "
    "SELECT kept.tenant, kept.partner, kept.prescription, '', kept.context FROM network_context_kept kept "
    "WHERE NOT EXISTS (SELECT 1 FROM referral WHERE referral.tenant = kept.tenant "
    "AND referral.prescription = kept.prescription AND referral.partner = kept.partner)"
)
_WITH_CONSENT = sa.text(
    "SELECT tenant, id, document FROM prescription "
    "WHERE kind IN ('warm-connection', 'navigator') AND status IN ('waiting', 'active') AND document LIKE '%\"until\"%'"
)
_PLAN = sa.text(
    "INSERT INTO job (tenant, kind, subject, payload, state, attempts, due, lease_token) "
    "VALUES (:tenant, 'end-of-consent', :subject, '{}', 'ready', 0, :due, 0)"
)


def upgrade() -> None:
    """Make the table again with a column for the referral, carry the rows over, and plan what falls due."""
    op.execute("CREATE TABLE network_context_kept AS SELECT * FROM network_context")
    op.drop_table("network_context")
    op.create_table(
        "network_context",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("partner", sa.String(64), nullable=False),
        sa.Column("prescription", sa.String(36), nullable=False),
        sa.Column("referral", sa.String(36), nullable=False),
        sa.Column("context", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name="fk_network_context_tenant"),
        sa.PrimaryKeyConstraint("tenant", "partner", "prescription", "referral", name="pk_network_context"),
    )
    op.execute(_MOVE_RECIPIENTS)
    op.execute(_MOVE_OTHERS)
    op.drop_table("network_context_kept")
    planned = list(_ends(op.get_bind()))
    if planned:
        op.get_bind().execute(_PLAN, planned)


def _ends(connection: sa.Connection) -> Iterator[dict[str, Any]]:
    for row in connection.execute(_WITH_CONSENT):
        document = json.loads(row.document)
        consent = document.get("consent") or {}
        if consent.get("status") == "given" and consent.get("until"):
            zone = datetime.fromisoformat(document["authored"]).tzinfo
            end = datetime.combine(date.fromisoformat(consent["until"]) + timedelta(days=1), time.min, tzinfo=zone)
            due = f"{end.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
            yield {"tenant": row.tenant, "subject": row.id, "due": due}


def downgrade() -> None:
    """Not supported: restore the backup."""
    raise NotImplementedError
