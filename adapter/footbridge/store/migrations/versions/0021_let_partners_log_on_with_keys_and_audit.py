"""Let partners log on with their keys, keep keys of our own, and audit who read and wrote what.

Revision: 0021, after 0020. Nothing that is there changes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and their indexes."""
    op.create_table(
        "smart_client",
        sa.Column("tenant", sa.String(64), sa.ForeignKey("tenant.name", name="fk_smart_client_tenant"), nullable=False),
        sa.Column("partner", sa.String(64), nullable=False),
        sa.Column("jwks", sa.Text()),
        sa.Column("jwks_url", sa.String(1024)),
        sa.Column("created", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "partner", name="pk_smart_client"),
    )
    op.create_table(
        "access_token",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("tenant", sa.String(64), sa.ForeignKey("tenant.name", name="fk_access_token_tenant"), nullable=False),
        sa.Column("partner", sa.String(64), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("issued", sa.String(27), nullable=False),
        sa.Column("expires", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_access_token"),
    )
    op.create_index("ix_access_token_expires", "access_token", ["expires"])
    op.create_table(
        "used_assertion",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("expires", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_used_assertion"),
    )
    op.create_index("ix_used_assertion_expires", "used_assertion", ["expires"])
    _our_side()
    _audit()


def _our_side() -> None:
    op.create_table(
        "smart_server",
        sa.Column("tenant", sa.String(64), sa.ForeignKey("tenant.name", name="fk_smart_server_tenant"), nullable=False),
        sa.Column("partner", sa.String(64), nullable=False),
        sa.Column("token_url", sa.String(1024), nullable=False),
        sa.Column("client_id", sa.String(255), nullable=False),
        sa.Column("secret", sa.String(255)),
        sa.Column("algorithm", sa.String(8)),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("created", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "partner", name="pk_smart_server"),
    )
    op.create_table(
        "signing_key",
        sa.Column("kid", sa.String(64), nullable=False),
        sa.Column("algorithm", sa.String(8), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("public", sa.Text(), nullable=False),
        sa.Column("private", sa.Text()),
        sa.Column("created", sa.String(27), nullable=False),
        sa.Column("activated", sa.String(27)),
        sa.Column("retired", sa.String(27)),
        sa.PrimaryKeyConstraint("kid", name="pk_signing_key"),
        sa.UniqueConstraint("algorithm", "generation", name="uq_signing_key_algorithm_generation"),
    )


def _audit() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "audit_event",
        sa.Column("id", number, primary_key=True, autoincrement=True),
        sa.Column("tenant", sa.String(64), sa.ForeignKey("tenant.name", name="fk_audit_event_tenant"), nullable=False),
        sa.Column("recorded", sa.String(27), nullable=False),
        sa.Column("interaction", sa.String(32), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(255), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("partner", sa.String(64)),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("address", sa.String(64)),
        sa.Column("request", sa.String(36)),
        sa.Column("compartment", sa.String(64), nullable=False),
        sa.Column("type", sa.String(64)),
        sa.Column("resource", sa.String(64)),
        sa.Column("version", sa.String(64)),
        sa.Column("query", sa.Text()),
        sa.Column("count", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="pk_audit_event"),
    )
    op.create_index("ix_audit_event_tenant_recorded", "audit_event", ["tenant", "recorded", "id"])
    op.create_table(
        "audit_patient",
        sa.Column("event", number, nullable=False),
        sa.Column(
            "tenant", sa.String(64), sa.ForeignKey("tenant.name", name="fk_audit_patient_tenant"), nullable=False
        ),
        sa.Column("compartment", sa.String(64), nullable=False),
        sa.Column("patient", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("event", "compartment", "patient", name="pk_audit_patient"),
    )
    op.create_index("ix_audit_patient_patient", "audit_patient", ["tenant", "compartment", "patient"])


def downgrade() -> None:
    """Not supported: restore the backup."""
    raise NotImplementedError
