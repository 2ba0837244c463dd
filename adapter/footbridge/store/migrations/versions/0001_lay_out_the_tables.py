"""Lay out the tables.

Revision: 0001, the first.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward."""
    op.create_table(
        "tenant",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("jurisdiction", sa.String(length=8), nullable=False),
        sa.Column("last_event", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_write", sa.String(27), nullable=True),
        sa.Column("created", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_tenant")),
    )
    op.create_table(
        "circuit",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("partner", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("open_until", sa.String(27), nullable=True),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name=op.f("fk_circuit_tenant")),
        sa.PrimaryKeyConstraint("tenant", "partner", name=op.f("pk_circuit")),
    )
    op.create_table(
        "event",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("prescription", sa.String(length=36), nullable=False),
        sa.Column("referral", sa.String(length=36), nullable=True),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("before", sa.String(length=32), nullable=True),
        sa.Column("after", sa.String(length=32), nullable=True),
        sa.Column("inferred", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(27), nullable=False),
        sa.Column("recorded", sa.String(27), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name=op.f("fk_event_tenant")),
        sa.PrimaryKeyConstraint("tenant", "number", name=op.f("pk_event")),
    )
    op.create_index(
        op.f("ix_event_tenant_prescription_number"), "event", ["tenant", "prescription", "number"], unique=False
    )
    op.create_table(
        "idempotency",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("location", sa.String(length=1024), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("created", sa.String(27), nullable=False),
        sa.Column("expires", sa.String(27), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name=op.f("fk_idempotency_tenant")),
        sa.PrimaryKeyConstraint("tenant", "key", name=op.f("pk_idempotency")),
    )
    op.create_index(op.f("ix_idempotency_expires"), "idempotency", ["expires"], unique=False)
    op.create_table(
        "inbox",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("partner", sa.String(length=64), nullable=False),
        sa.Column("message", sa.String(length=255), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=False),
        sa.Column("received", sa.String(27), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name=op.f("fk_inbox_tenant")),
        sa.PrimaryKeyConstraint("tenant", "partner", "message", name=op.f("pk_inbox")),
    )
    op.create_table(
        "link",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("partner", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("remote_id", sa.String(length=64), nullable=False),
        sa.Column("remote_version", sa.String(length=64), nullable=True),
        sa.Column("sent", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name=op.f("fk_link_tenant")),
        sa.PrimaryKeyConstraint("tenant", "partner", "type", "id", name=op.f("pk_link")),
        sa.UniqueConstraint(
            "tenant", "partner", "type", "remote_id", name=op.f("uq_link_tenant_partner_type_remote_id")
        ),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("partner", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("dedupe", sa.String(length=255), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due", sa.String(27), nullable=False),
        sa.Column("lease_owner", sa.String(length=64), nullable=True),
        sa.Column("lease_until", sa.String(27), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.String(length=255), nullable=True),
        sa.Column("created", sa.String(27), nullable=False),
        sa.Column("finished", sa.String(27), nullable=True),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name=op.f("fk_outbox_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("tenant", "dedupe", name=op.f("uq_outbox_tenant_dedupe")),
    )
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["due"],
        unique=False,
        sqlite_where=sa.text("state = 'ready'"),
        postgresql_where=sa.text("state = 'ready'"),
    )
    op.create_index(
        "ix_outbox_open",
        "outbox",
        ["tenant", "key", "id"],
        unique=False,
        sqlite_where=sa.text("state in ('ready', 'parked')"),
        postgresql_where=sa.text("state in ('ready', 'parked')"),
    )
    op.create_table(
        "partner",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("network", sa.String(length=16), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("base_url", sa.String(length=1024), nullable=False),
        sa.Column("credential", sa.String(length=255), nullable=True),
        sa.Column("delivery", sa.String(length=16), nullable=False),
        sa.Column("guide", sa.String(length=16), nullable=False),
        sa.Column("custodian", sa.Boolean(), nullable=False),
        sa.Column("poll_seconds", sa.Integer(), nullable=False),
        sa.Column("created", sa.String(27), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name=op.f("fk_partner_tenant")),
        sa.PrimaryKeyConstraint("tenant", "name", name=op.f("pk_partner")),
    )
    op.create_table(
        "person",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("system", sa.String(length=255), nullable=False),
        sa.Column("value", sa.String(length=255), nullable=False),
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name=op.f("fk_person_tenant")),
        sa.PrimaryKeyConstraint("tenant", "system", "value", name=op.f("pk_person")),
    )
    op.create_table(
        "prescription",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("identifier_system", sa.String(length=255), nullable=False),
        sa.Column("identifier_value", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("categories", sa.String(length=1024), nullable=False),
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("authored", sa.String(27), nullable=False),
        sa.Column("created", sa.String(27), nullable=False),
        sa.Column("updated", sa.String(27), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("resources", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name=op.f("fk_prescription_tenant")),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_prescription")),
        sa.UniqueConstraint(
            "tenant",
            "identifier_system",
            "identifier_value",
            name=op.f("uq_prescription_tenant_identifier_system_identifier_value"),
        ),
    )
    op.create_index(
        op.f("ix_prescription_tenant_created_id"), "prescription", ["tenant", "created", "id"], unique=False
    )
    op.create_table(
        "referral",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("prescription", sa.String(length=36), nullable=False),
        sa.Column("parent", sa.String(length=36), nullable=True),
        sa.Column("machine", sa.String(length=16), nullable=False),
        sa.Column("partner", sa.String(length=64), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("task", sa.String(length=64), nullable=False),
        sa.Column("service_request", sa.String(length=64), nullable=True),
        sa.Column("category", sa.String(length=64), nullable=True),
        sa.Column("due", sa.String(27), nullable=True),
        sa.Column("updated", sa.String(27), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name=op.f("fk_referral_tenant")),
        sa.PrimaryKeyConstraint("tenant", "id", name=op.f("pk_referral")),
    )
    op.create_index(op.f("ix_referral_tenant_prescription"), "referral", ["tenant", "prescription"], unique=False)
    op.create_index(op.f("ix_referral_tenant_task"), "referral", ["tenant", "task"], unique=False)
    op.create_table(
        "resource",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("last_updated", sa.String(27), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name=op.f("fk_resource_tenant")),
        sa.PrimaryKeyConstraint("tenant", "type", "id", "version", name=op.f("pk_resource")),
    )
    op.create_index(
        "ix_resource_current",
        "resource",
        ["tenant", "type", "last_updated", "id"],
        unique=False,
        sqlite_where=sa.text("current"),
        postgresql_where=sa.text("current"),
    )
    op.create_table(
        "route",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("partner", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name=op.f("fk_route_tenant")),
        sa.PrimaryKeyConstraint("tenant", "category", "rank", name=op.f("pk_route")),
    )
    op.create_table(
        "schedule",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("due", sa.String(27), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.String(27), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name=op.f("fk_schedule_tenant")),
        sa.PrimaryKeyConstraint("tenant", "kind", "subject", name=op.f("pk_schedule")),
    )
    op.create_index(op.f("ix_schedule_due"), "schedule", ["due"], unique=False)
    op.create_table(
        "search_index",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("param", sa.String(length=64), nullable=False),
        sa.Column("value", sa.String(length=256), nullable=False),
        sa.Column("detail", sa.String(length=256), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name=op.f("fk_search_index_tenant")),
        sa.PrimaryKeyConstraint("tenant", "type", "id", "param", "value", "detail", name=op.f("pk_search_index")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_search_index_tenant_type_param_value"),
        "search_index",
        ["tenant", "type", "param", "value"],
        unique=False,
    )
    op.create_table(
        "token",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("partner", sa.String(length=64), nullable=True),
        sa.Column("created", sa.String(27), nullable=False),
        sa.Column("revoked", sa.String(27), nullable=True),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name=op.f("fk_token_tenant")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_token")),
    )
