"""Index searches by the moment of writing instead of by type and id, and when somebody searches.

Revision: 0003, after 0002. A prescription has a hundred index rows, which lay all over two trees; now they lie together
in one of them, and are written many prescriptions at a time.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_CARRY_OVER = sa.text(
    """
    CREATE TABLE search_index_carried AS
    SELECT old.tenant, resource.last_updated AS moment, old.param, old.value, old.detail, old.type
    FROM search_index AS old
    JOIN resource ON resource.tenant = old.tenant AND resource.type = old.type AND resource.id = old.id
    WHERE resource.current
    """
)
_BRING_BACK = sa.text(
    """
    INSERT INTO search_index (tenant, moment, param, value, detail, type)
    SELECT tenant, moment, param, value, detail, type FROM search_index_carried
    ORDER BY tenant, moment, param, value, detail
    """
)


def upgrade() -> None:
    """Bring the table forward with its rows."""
    op.execute(_CARRY_OVER)
    op.drop_table("search_index")
    op.create_table(
        "search_index",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("moment", sa.String(27), nullable=False),
        sa.Column("param", sa.String(length=64), nullable=False),
        sa.Column("value", sa.String(length=256), nullable=False),
        sa.Column("detail", sa.String(length=256), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name=op.f("fk_search_index_tenant")),
        sa.PrimaryKeyConstraint("tenant", "moment", "param", "value", "detail", name=op.f("pk_search_index")),
        sqlite_with_rowid=False,
    )
    op.execute(_BRING_BACK)
    op.drop_table("search_index_carried")
    op.add_column("tenant", sa.Column("last_indexed", sa.String(27), nullable=True))
    op.execute(sa.text("UPDATE tenant SET last_indexed = last_write"))
    op.create_index(
        op.f("ix_search_index_tenant_param_value_moment_type"),
        "search_index",
        ["tenant", "param", "value", "moment", "type"],
    )
