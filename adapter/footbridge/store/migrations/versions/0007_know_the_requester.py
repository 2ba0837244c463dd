"""Know the requester of each prescription, and what each requester says of a client.

Revision: 0007, after 0006. Until now a tenant had one medical record, the first partner of role ``record`` by name; its
prescriptions become that partner's, and it becomes the tenant's default.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_FIRST_RECORD = "(SELECT min(partner.name) FROM partner WHERE partner.tenant = {0} AND partner.role = 'record')"
_STATEMENTS = (
    f"UPDATE tenant SET requester = {_FIRST_RECORD.format('tenant.name')}",
    f"UPDATE prescription SET requester = coalesce({_FIRST_RECORD.format('prescription.tenant')}, '')",
    # Ids that were made before stay the ids of what is made anew: of the first record, and of recipients, unused there.
    "UPDATE partner SET namespace = tenant",
    """UPDATE partner SET namespace = tenant || '/' || name WHERE role = 'record' AND name <>
       (SELECT min(other.name) FROM partner AS other WHERE other.tenant = partner.tenant AND other.role = 'record')""",
    "UPDATE partner SET role = 'requester' WHERE role = 'record'",
    "UPDATE job SET kind = 'response-deadline' WHERE kind = 'answer'",
    """INSERT INTO client (tenant, person, requester, patient)
       SELECT DISTINCT tenant, person, requester, person FROM prescription""",
    """UPDATE client SET contact = 'prohibited', said =
         (SELECT max(authored) FROM prescription AS told WHERE told.tenant = client.tenant
          AND told.person = client.person AND told.status <> 'entered-in-error')
       WHERE EXISTS (SELECT 1 FROM prescription AS newest WHERE newest.tenant = client.tenant
         AND newest.person = client.person AND newest.status <> 'entered-in-error'
         AND newest.document LIKE '%"safeToContact":false%'
         AND newest.authored = (SELECT max(authored) FROM prescription AS told WHERE told.tenant = client.tenant
           AND told.person = client.person AND told.status <> 'entered-in-error'))""",
)


def upgrade() -> None:
    """Bring the tables forward; what is there belongs to the medical record that it went to."""
    op.add_column("tenant", sa.Column("requester", sa.String(64), nullable=True))
    op.add_column("partner", sa.Column("namespace", sa.String(130), nullable=False, server_default=""))
    op.create_table(
        "client",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=36), nullable=False),
        sa.Column("requester", sa.String(length=64), nullable=False),
        sa.Column("patient", sa.String(length=36), nullable=False),
        sa.Column("contact", sa.String(length=16), nullable=True),
        sa.Column("said", sa.String(27), nullable=True),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name=op.f("fk_client_tenant")),
        sa.PrimaryKeyConstraint("tenant", "person", "requester", name=op.f("pk_client")),
    )
    op.create_table(
        "network_context",
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("partner", sa.String(length=64), nullable=False),
        sa.Column("prescription", sa.String(length=36), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name=op.f("fk_network_context_tenant")),
        sa.PrimaryKeyConstraint("tenant", "partner", "prescription", name=op.f("pk_network_context")),
    )
    with op.batch_alter_table("prescription") as prescription:
        prescription.add_column(sa.Column("requester", sa.String(64), nullable=False, server_default=""))
        prescription.drop_constraint("uq_prescription_tenant_identifier_system_identifier_value", type_="unique")
        prescription.create_unique_constraint(
            op.f("uq_prescription_tenant_requester_identifier_system_identifier_value"),
            ["tenant", "requester", "identifier_system", "identifier_value"],
        )
    op.create_index(
        op.f("ix_prescription_tenant_requester_created_id"), "prescription", ["tenant", "requester", "created", "id"]
    )
    for statement in _STATEMENTS:
        op.execute(sa.text(statement.replace(":false", "\\:false")))
    with op.batch_alter_table("prescription") as prescription:
        prescription.alter_column("requester", server_default=None)
    with op.batch_alter_table("partner") as partner:
        partner.alter_column("namespace", server_default=None)
