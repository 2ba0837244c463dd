"""Reserve an Idempotency-Key by a leased row, for each requester by itself.

Revision: 0008, after 0007. Tokens of requesters named no partner before, so every answer that is kept belongs to the
tenant's own users. A row without an answer is the claim of a version that is gone.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the table forward; every answer that is kept stays."""
    op.execute(sa.text("DELETE FROM idempotency WHERE status IS NULL"))
    with op.batch_alter_table("idempotency") as table:
        table.add_column(sa.Column("requester", sa.String(64), nullable=False, server_default=""))
        table.add_column(sa.Column("lease_until", sa.String(27), nullable=True))
        table.add_column(sa.Column("lease_token", sa.String(36), nullable=True))
        table.drop_constraint("pk_idempotency", type_="primary")
        table.create_primary_key(op.f("pk_idempotency"), ["tenant", "requester", "key"])
    with op.batch_alter_table("idempotency") as table:
        table.alter_column("requester", server_default=None)
