"""Let people sign in: users, one-time links, sessions; find prescriptions by priority, identifier and service.

Revision: 0024, after 0023. The priority of each prescription is taken from its document.
"""

import sqlalchemy as sa
from alembic import op

from footbridge.store.client_names import name_words

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

INSTANT = sa.String(27)


def upgrade() -> None:
    """Add the tables, the column, and the indexes of the worklists."""
    op.create_table(
        "user_account",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("partner", sa.String(64)),
        sa.Column("created", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name="fk_user_account_tenant"),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_user_account"),
        sa.UniqueConstraint("email", name="uq_user_account_email"),
        sa.UniqueConstraint("id", name="uq_user_account_id"),
    )
    op.create_table(
        "sign_in_link",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("user", sa.String(36)),
        sa.Column("created", INSTANT, nullable=False),
        sa.Column("expires", INSTANT, nullable=False),
        sa.Column("used", INSTANT),
        sa.PrimaryKeyConstraint("digest", name="pk_sign_in_link"),
    )
    op.create_table(
        "user_session",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("user", sa.String(36), nullable=False),
        sa.Column("created", INSTANT, nullable=False),
        sa.Column("seen", INSTANT, nullable=False),
        sa.Column("expires", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["user"], ["user_account.id"], name="fk_user_session_user"),
        sa.PrimaryKeyConstraint("digest", name="pk_user_session"),
    )
    op.create_index("ix_user_session_user", "user_session", ["user"])
    op.create_table(
        "sign_in_attempt",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("hour", INSTANT, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("digest", "hour", name="pk_sign_in_attempt"),
    )
    op.create_table(
        "portal_secret",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("value", sa.String(64), nullable=False),
        sa.Column("created", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_portal_secret"),
    )
    op.add_column("prescription", sa.Column("priority", sa.String(16), nullable=False, server_default="routine"))
    said = (
        "json_extract(document, '$.priority')"
        if op.get_bind().dialect.name == "sqlite"
        else "CAST(document AS json) ->> 'priority'"
    )
    op.execute(
        f"UPDATE prescription SET priority = {said} WHERE document LIKE '%\"priority\":%' AND {said} IS NOT NULL"
    )
    op.add_column("referral", sa.Column("follow_up", sa.String(16)))
    status = (
        "json_extract(state, '$.followUp.status')"
        if op.get_bind().dialect.name == "sqlite"
        else "CAST(state AS json) -> 'followUp' ->> 'status'"
    )
    op.execute(f"UPDATE referral SET follow_up = {status} WHERE state LIKE '%\"followUp\":{{%'")
    still_open = sa.text("follow_up IN ('requested', 'accepted', 'in-progress', 'on-hold')")
    op.create_index(
        "ix_referral_follow_up", "referral", ["tenant", "due"], sqlite_where=still_open, postgresql_where=still_open
    )
    op.create_index("ix_prescription_tenant_identifier_value", "prescription", ["tenant", "identifier_value"])
    op.create_index("ix_person_tenant_value", "person", ["tenant", "value"])
    op.create_index("ix_referral_tenant_status_updated", "referral", ["tenant", "status", "updated"])
    op.create_index("ix_referral_tenant_partner_status", "referral", ["tenant", "partner", "status", "updated"])
    _find_by_name()


def _find_by_name() -> None:
    """Give the prescriptions that are there the words of their clients' names, some hundred at a time."""
    bytewise = sa.String(64).with_variant(sa.String(64, collation="C"), "postgresql")
    names = op.create_table(
        "client_name",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("word", bytewise, nullable=False),
        sa.Column("prescription", sa.String(36), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name="fk_client_name_tenant"),
        sa.PrimaryKeyConstraint("tenant", "word", "prescription", name="pk_client_name"),
    )
    op.create_index("ix_client_name_tenant_prescription", "client_name", ["tenant", "prescription"])
    connection, last = op.get_bind(), ("", "")
    page = sa.text(
        "SELECT tenant, id, document FROM prescription WHERE (tenant, id) > (:tenant, :id) "
        "ORDER BY tenant, id LIMIT 500"
    )
    while rows := connection.execute(page, {"tenant": last[0], "id": last[1]}).all():
        words = [
            {"tenant": row.tenant, "word": word, "prescription": row.id}
            for row in rows
            if row.document
            for word in name_words(row.document)
        ]
        if words:
            connection.execute(sa.insert(names), words)
        last = (rows[-1].tenant, rows[-1].id)


def downgrade() -> None:
    """Not supported: restore the backup."""
    raise NotImplementedError
