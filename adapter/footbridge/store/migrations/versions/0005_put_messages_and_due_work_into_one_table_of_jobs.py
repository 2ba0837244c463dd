"""Put messages and work that falls due into one table of jobs.

Revision: 0005, after 0004. Messages keep their numbers, so that their order stays; parked ones are failed now, dead
ones abandoned. Due work comes after them with its cursor. Leases stay as they are.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_MESSAGES = sa.text(
    """
    INSERT INTO job (id, tenant, kind, partner, key, dedupe, payload, state, attempts, due, lease_owner, lease_until,
                     lease_token, last_status, last_error, created, finished)
    SELECT id, tenant, kind, partner, key, dedupe, payload,
           CASE state WHEN 'parked' THEN 'failed' WHEN 'dead' THEN 'abandoned' ELSE state END,
           attempts, due, lease_owner, lease_until, fence, last_status, last_error, created, finished
    FROM outbox ORDER BY id
    """
)
_NEXT_ID = sa.text(
    "SELECT setval(pg_get_serial_sequence('job', 'id'), nextval(pg_get_serial_sequence('outbox', 'id')), false)"
)
_DUE_WORK = sa.text(
    """
    INSERT INTO job (tenant, kind, subject, payload, cursor, state, attempts, due, lease_until, lease_token)
    SELECT tenant, kind, subject, '{}', cursor, 'ready', failures, due, lease_until, fence
    FROM schedule ORDER BY due
    """
)


def upgrade() -> None:
    """Bring the tables forward with their rows."""
    _create()
    op.execute(_MESSAGES)
    if op.get_bind().dialect.name == "postgresql":  # SQLite goes on after the largest number by itself
        op.execute(_NEXT_ID)
    op.execute(_DUE_WORK)
    op.drop_table("outbox")
    op.drop_table("schedule")
    _index()


def _create() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("tenant", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("partner", sa.String(length=64), nullable=True),
        sa.Column("subject", sa.String(length=64), nullable=True),
        sa.Column("key", sa.String(length=255), nullable=True),
        sa.Column("dedupe", sa.String(length=255), nullable=True),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due", sa.String(27), nullable=False),
        sa.Column("lease_owner", sa.String(length=64), nullable=True),
        sa.Column("lease_until", sa.String(27), nullable=True),
        sa.Column("lease_token", sa.Integer(), nullable=False),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.String(length=255), nullable=True),
        sa.Column("created", sa.String(27), nullable=True),
        sa.Column("finished", sa.String(27), nullable=True),
        sa.ForeignKeyConstraint(["tenant"], ["tenant.name"], name=op.f("fk_job_tenant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("tenant", "dedupe", name=op.f("uq_job_tenant_dedupe")),
    )


def _index() -> None:
    _partial("ix_job_due", ["due"], "state = 'ready'")
    _partial("ix_job_open", ["tenant", "key", "id"], "state in ('ready', 'failed') and key is not null")
    _partial("ix_job_subject", ["tenant", "kind", "subject"], "subject is not null", unique=True)
    _partial("ix_job_failed", ["id"], "state = 'failed'")
    _partial("ix_job_done", ["finished"], "state = 'done'")


def _partial(name: str, columns: list[str], condition: str, *, unique: bool = False) -> None:
    where = sa.text(condition)
    op.create_index(name, "job", columns, unique=unique, sqlite_where=where, postgresql_where=where)
