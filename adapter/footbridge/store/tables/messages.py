"""What goes to partners and comes from them, work that falls due, and requests that are answered once."""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from footbridge.store.tables.columns import Instant, metadata, partial_index, tenant_column

NOT_DELIVERED = "state in ('failed', 'abandoned') and key is not null"
"""Messages that will not be sent by themselves, in the words of their indexes."""

job = Table(
    "job",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    tenant_column(),
    Column("kind", String(32), nullable=False),  # deliver, update, poll, follow-up, answer
    Column("partner", String(64)),  # whom a message goes to; none: work that falls due
    Column(
        "subject", String(64)
    ),  # of due work: a partner's name, a prescription's or a referral's id; none: a message
    Column("key", String(255)),  # messages of one key go out in the order of their ids; none: due work
    Column("dedupe", String(255)),  # a message with it is queued once; none: due work
    Column("payload", Text, nullable=False),  # JSON; ids only, no personal data
    Column("cursor", Text),  # of due work: where the next run starts
    Column("state", String(16), nullable=False),  # ready, done, failed, abandoned
    Column("attempts", Integer, nullable=False),  # of a message; of due work: failures in a row
    Column("due", Instant, nullable=False),
    Column("lease_owner", String(64)),
    Column("lease_until", Instant),
    Column("lease_token", Integer, nullable=False),  # grows with every claim; an old claim cannot settle a newer one
    Column("last_status", Integer),  # HTTP status of the partner's last answer
    Column("last_error", String(255)),  # our words, never the partner's
    Column("why", String(32)),  # of the state: why it failed or was abandoned, or that it was superseded
    Column("prescription", String(36)),  # that a message is about; none: due work
    Column("referral", String(36)),  # that a message is about; none: the prescription, or due work
    Column("created", Instant),  # of a message
    Column("finished", Instant),
    UniqueConstraint("tenant", "dedupe"),
    Index("ix_job_due", "due", sqlite_where=text("state = 'ready'"), postgresql_where=text("state = 'ready'")),
    Index(
        "ix_job_open",
        "tenant",
        "key",
        "id",
        sqlite_where=text("state in ('ready', 'failed') and key is not null"),
        postgresql_where=text("state in ('ready', 'failed') and key is not null"),
    ),
    Index(
        "ix_job_subject",
        "tenant",
        "kind",
        "subject",
        unique=True,
        sqlite_where=text("subject is not null"),
        postgresql_where=text("subject is not null"),
    ),
    partial_index("ix_job_not_delivered", ("tenant", "prescription"), NOT_DELIVERED),
    partial_index("ix_job_not_delivered_since", ("tenant", "finished"), NOT_DELIVERED),
    Index("ix_job_failed", "id", sqlite_where=text("state = 'failed'"), postgresql_where=text("state = 'failed'")),
    Index("ix_job_done", "finished", sqlite_where=text("state = 'done'"), postgresql_where=text("state = 'done'")),
)

network_context = Table(
    "network_context",
    metadata,
    tenant_column(),
    Column("partner", String(64), nullable=False),
    Column("prescription", String(36), nullable=False),
    Column("referral", String(36), nullable=False),  # '' for the prescription as a whole
    Column("context", Text, nullable=False),  # as the partner's network wrote it
    PrimaryKeyConstraint("tenant", "partner", "prescription", "referral"),
)

inbox = Table(
    "inbox",
    metadata,
    tenant_column(),
    Column("partner", String(64), nullable=False),
    Column("message", String(255), nullable=False),
    Column("outcome", String(32), nullable=False),  # applied, ignored, refused
    Column("received", Instant, nullable=False),
    Column("prescription", String(36)),  # that it was about, as far as it was known then
    PrimaryKeyConstraint("tenant", "partner", "message"),
    Index(None, "received"),
    Index(None, "tenant", "prescription"),
)

circuit = Table(
    "circuit",
    metadata,
    tenant_column(),
    Column("partner", String(64), nullable=False),
    Column("failures", Integer, nullable=False),
    Column("open_until", Instant),
    PrimaryKeyConstraint("tenant", "partner"),
)

idempotency = Table(
    "idempotency",
    metadata,
    tenant_column(),
    Column("requester", String(64), nullable=False),  # the partner that the caller speaks for; '' for own users
    Column("key", String(255), nullable=False),
    Column("fingerprint", String(64), nullable=False),  # SHA-256 of method, path and body
    Column("status", Integer),  # null while the first request is in flight
    Column("location", String(1024)),
    Column("body", Text),
    Column("lease_until", Instant),  # of the request in flight; null once it is answered
    Column("lease_token", String(36)),  # of the request in flight: only its holder may write the answer
    Column("created", Instant, nullable=False),
    Column("expires", Instant, nullable=False),
    PrimaryKeyConstraint("tenant", "requester", "key"),
    Index(None, "expires"),
)
