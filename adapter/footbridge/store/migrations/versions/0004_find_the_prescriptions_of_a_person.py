"""Find the prescriptions of a person, the newest first, and the resources that were written last.

Revision: 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring the tables forward."""
    op.create_index(op.f("ix_prescription_tenant_person_authored"), "prescription", ["tenant", "person", "authored"])
    current = sa.text("current")
    op.create_index(
        "ix_resource_written", "resource", ["tenant", "last_updated"], sqlite_where=current, postgresql_where=current
    )
