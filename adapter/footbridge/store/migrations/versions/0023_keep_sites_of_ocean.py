"""Keep sites of Ocean: listings, credentials, what they sent, and documents that go with it.

Revision: 0023, after 0022. No partner is a site until one is added.
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _tenant(table: str) -> sa.Column[str]:
    return sa.Column("tenant", sa.String(64), sa.ForeignKey("tenant.name", name=f"fk_{table}_tenant"), nullable=False)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "ocean_site",
        _tenant("ocean_site"),
        sa.Column("partner", sa.String(64), nullable=False),
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("created", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "partner", name="pk_ocean_site"),
    )
    op.create_index("ix_ocean_site_client_id", "ocean_site", ["client_id"], unique=True)
    op.create_table(
        "ocean_token",
        sa.Column("digest", sa.String(64), nullable=False),
        _tenant("ocean_token"),
        sa.Column("partner", sa.String(64), nullable=False),
        sa.Column("expires", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_ocean_token"),
    )
    op.create_index("ix_ocean_token_expires", "ocean_token", ["expires"])
    op.create_table(
        "ocean_listing",
        _tenant("ocean_listing"),
        sa.Column("partner", sa.String(64), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "partner", "name", name="pk_ocean_listing"),
    )
    _make_messages()
    _make_documents()


def _make_messages() -> None:
    table = "ocean_message"
    op.create_table(
        table,
        sa.Column("number", _NUMBER, autoincrement=True, nullable=False),
        _tenant(table),
        sa.Column("partner", sa.String(64), nullable=False),
        sa.Column("received", sa.String(27), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary()),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("why", sa.String(32)),
        sa.Column("event", sa.String(64)),
        sa.Column("message", sa.String(255)),
        sa.Column("referral", sa.String(255)),
        sa.Column("at", sa.String(27)),
        sa.Column("prescription", sa.String(36)),
        sa.PrimaryKeyConstraint("number", name="pk_ocean_message"),
    )
    for name, columns, condition in (
        ("received", ["tenant", "partner", "number"], "state = 'received'"),
        ("read", ["tenant", "partner", "at", "number"], "state = 'read'"),
        ("failed", ["tenant", "number"], "state = 'failed'"),
        ("body", ["tenant", "received"], "body is not null"),
    ):
        where = sa.text(condition)
        op.create_index(f"ix_{table}_{name}", table, columns, sqlite_where=where, postgresql_where=where)
    op.create_index(f"ix_{table}_tenant_partner_referral_at", table, ["tenant", "partner", "referral", "at"])
    op.create_index(f"ix_{table}_tenant_prescription", table, ["tenant", "prescription"])


def _make_documents() -> None:
    table = "ocean_document"
    op.create_table(
        table,
        sa.Column("id", sa.String(36), nullable=False),
        _tenant(table),
        sa.Column("partner", sa.String(64), nullable=False),
        sa.Column("prescription", sa.String(36), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("title", sa.String(255), nullable=False),
        sa.Column("media_type", sa.String(64)),
        sa.Column("size", sa.Integer()),
        sa.Column("content", sa.LargeBinary()),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("why", sa.String(32)),
        sa.Column("created", sa.String(27), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ocean_document"),
    )
    op.create_index(f"ix_{table}_tenant_prescription", table, ["tenant", "prescription"])


def downgrade() -> None:
    """Not supported: restore the backup."""
    raise NotImplementedError
