"""Know what was not delivered, to whom, and what waits for a person.

Revision: 0011, after 0010. A message gets columns for the prescription and the referral that it is about, and for why
it stands as it does. A referral gets since when its service has it, and why a person must look at it. Both are read
from what is stored: the payload and the last answer of messages, the events of the timeline.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_NOT_DELIVERED = "state in ('failed', 'abandoned') and key is not null"
_PARTIAL = (
    ("ix_job_not_delivered", "job", ("tenant", "prescription"), _NOT_DELIVERED),
    ("ix_job_not_delivered_since", "job", ("tenant", "finished"), _NOT_DELIVERED),
    (
        "ix_referral_nobody_asked",
        "referral",
        ("tenant", "updated"),
        "partner IS NULL AND machine = 'referral' AND status IN ('draft', 'requested')",
    ),
    ("ix_referral_overdue", "referral", ("tenant", "updated"), "overdue IS NOT NULL AND status = 'requested'"),
    ("ix_referral_needs", "referral", ("tenant", "needs_since"), "needs IS NOT NULL"),
    ("ix_prescription_waiting", "prescription", ("tenant", "id"), "status = 'waiting'"),
)
_SUPERSEDED = """
    UPDATE job SET why = 'superseded', last_error = NULL, last_status = NULL
    WHERE state = 'done' AND last_error = 'Superseded by a later message.'
"""
_WHY = """
    UPDATE job SET why = CASE
        WHEN state = 'abandoned' AND last_error LIKE 'Dropped by %' THEN 'dropped'
        WHEN last_status IN (401, 403) THEN 'unauthorized'
        WHEN last_status IN (404, 410) THEN 'not-found'
        WHEN last_status BETWEEN 400 AND 499 AND last_status NOT IN (408, 425, 429) THEN 'refused'
        WHEN last_status IS NOT NULL THEN 'no-answer'
        ELSE 'unknown' END
    WHERE state IN ('failed', 'abandoned') AND key IS NOT NULL
"""
_OVERTAKEN = """
    UPDATE job SET why = 'superseded'
    WHERE state = 'abandoned' AND kind = 'update' AND EXISTS (
        SELECT 1 FROM job AS later
        WHERE later.tenant = job.tenant AND later.key = job.key AND later.kind = 'update' AND later.id > job.id
    )
"""
_DELIVERED = """
    UPDATE referral SET delivered = (
        SELECT min(event.recorded) FROM event
        WHERE event.tenant = referral.tenant AND event.prescription = referral.prescription
            AND event.referral = referral.id AND event.name = 'delivered'
            AND replace(event.detail, '"partner":"' || referral.partner || '"', '') <> event.detail
    )
    WHERE partner IS NOT NULL
"""
_NEWEST_NEED = """
    SELECT max(event.number) FROM event
    WHERE event.tenant = referral.tenant AND event.prescription = referral.prescription
        AND event.referral = referral.id AND event.name = 'needs-person'
"""
_NEEDS = f"""
    UPDATE referral SET
        needs_since = (SELECT recorded FROM event WHERE event.tenant = referral.tenant AND number = ({_NEWEST_NEED})),
        needs = (
            SELECT replace(replace(detail, '{{"why":"', ''), '"}}', '') FROM event
            WHERE event.tenant = referral.tenant AND number = ({_NEWEST_NEED})
        )
    WHERE EXISTS (
        SELECT 1 FROM event WHERE event.tenant = referral.tenant AND event.prescription = referral.prescription
            AND event.referral = referral.id AND event.name = 'needs-person'
    ) AND NOT EXISTS (
        SELECT 1 FROM event WHERE event.tenant = referral.tenant AND event.prescription = referral.prescription
            AND event.referral = referral.id AND event.role <> 'system' AND event.number > ({_NEWEST_NEED})
    )
"""


def upgrade() -> None:
    """Add the columns, fill them from what is stored, and index the few rows that wait."""
    op.add_column("job", sa.Column("why", sa.String(32), nullable=True))
    op.add_column("job", sa.Column("prescription", sa.String(36), nullable=True))
    op.add_column("job", sa.Column("referral", sa.String(36), nullable=True))
    op.add_column("referral", sa.Column("delivered", sa.String(27), nullable=True))
    op.add_column("referral", sa.Column("needs", sa.String(32), nullable=True))
    op.add_column("referral", sa.Column("needs_since", sa.String(27), nullable=True))
    for statement in (_about(), _SUPERSEDED, _WHY, _OVERTAKEN, _DELIVERED, _NEEDS):
        op.execute(sa.text(statement.replace(":", "\\:")))
    for name, table, columns, condition in _PARTIAL:
        op.create_index(
            name, table, list(columns), sqlite_where=sa.text(condition), postgresql_where=sa.text(condition)
        )


def _about() -> str:
    """Copies the ids of a message's payload into its columns."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    of = "json_extract(payload, '$.{}')" if on_sqlite else "CAST(payload AS json) ->> '{}'"
    return (
        f"UPDATE job SET prescription = {of.format('prescription')}, referral = {of.format('referral')} "
        "WHERE key IS NOT NULL"
    )


def downgrade() -> None:
    """Not supported: restore the backup."""
    raise NotImplementedError
