"""What was asked, how far each part of it is, and all that happened."""

from sqlalchemy import (
    BigInteger,
    Boolean,
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

REFERRAL_ENDED = "status IN ('cancelled', 'completed', 'entered-in-error', 'failed', 'rejected')"
"""Task.status of a referral that has ended, in the words of its index; a query has to use the same words."""
ENDING_CONSENT = "name IN ('consent-expired', 'consent-refused', 'consent-withdrawn')"
"""Events after which nothing of the client may be disclosed, in the words of their index."""
_ENDED = text("status in ('completed', 'failed', 'cancelled', 'entered-in-error')")

prescription = Table(
    "prescription",
    metadata,
    tenant_column(),
    Column("id", String(36), nullable=False),
    Column("requester", String(64), nullable=False),  # partner that it came from; empty: our own users
    Column("identifier_system", String(255), nullable=False),
    Column("identifier_value", String(255), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("categories", String(1024), nullable=False),  # |food-insecurity|stress|
    Column("priority", String(16), nullable=False, server_default="routine"),  # routine, urgent, asap, stat
    Column("person", String(36), nullable=False),
    Column("status", String(32), nullable=False),  # waiting, active, completed, failed, cancelled, entered-in-error
    Column("authored", Instant, nullable=False),
    Column("created", Instant, nullable=False),
    Column("updated", Instant, nullable=False),
    Column("document", Text, nullable=False),  # the prescription, every member, as accepted
    Column("fingerprint", String(64), nullable=False),  # SHA-256 of the document
    Column("resources", Text, nullable=False),  # JSON: role of a resource -> Type/id of ours
    PrimaryKeyConstraint("tenant", "id"),
    UniqueConstraint("tenant", "requester", "identifier_system", "identifier_value"),
    Index(None, "tenant", "created", "id"),
    Index(None, "tenant", "requester", "created", "id"),
    Index(None, "tenant", "person", "authored"),
    Index(None, "tenant", "identifier_value"),
    Index("ix_prescription_kinds", "tenant", "categories", "priority", "id"),
    partial_index("ix_prescription_waiting", ("tenant", "requester", "id"), "status = 'waiting'"),
    Index("ix_prescription_ended", "tenant", "updated", sqlite_where=_ENDED, postgresql_where=_ENDED),
)

_BYTEWISE = String(64).with_variant(String(64, collation="C"), "postgresql")  # sorts as SQLite and Python do

client_name = Table(
    "client_name",
    metadata,
    tenant_column(),
    Column("word", _BYTEWISE, nullable=False),  # of the client's name, without case and accents
    Column("prescription", String(36), nullable=False),
    PrimaryKeyConstraint("tenant", "word", "prescription"),
    Index("ix_client_name_words", "tenant", "prescription", "word"),
)

erased_prescription = Table(
    "erased_prescription",
    metadata,
    tenant_column(),
    Column("id", String(36), nullable=False),  # of the prescription that was erased; its events have it too
    Column("requester", String(64), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("categories", String(1024), nullable=False),
    Column("status", String(32), nullable=False),
    Column("referrals", Text, nullable=False),  # JSON: id, parent, partner, attempt, category and status of each
    Column("created", Instant, nullable=False),
    Column("erased", Instant, nullable=False),
    Column("cause", String(16), nullable=False),  # request or retention
    Column("actor", String(255), nullable=False),
    Column("reason", Text),  # that the operator gave; refused when it names the client
    PrimaryKeyConstraint("tenant", "id"),
)

referral = Table(
    "referral",
    metadata,
    tenant_column(),
    Column("id", String(36), nullable=False),  # one row a Task that asks for something: each try, each part
    Column("prescription", String(36), nullable=False),
    Column("parent", String(36)),  # the referral that this is a part of
    Column("machine", String(16), nullable=False),  # referral or patient
    Column("partner", String(64)),  # who is asked to do it; none: waits for a person
    Column("attempt", Integer, nullable=False),  # 1 for the first try
    Column("place", BigInteger, nullable=False, server_default="0"),  # grows with each referral of the prescription
    Column("state", Text, nullable=False),  # JSON of model.lifecycle.ReferralState
    Column("status", String(32), nullable=False),  # Task.status, for queries
    Column("task", String(64), nullable=False),  # Task id of ours
    Column("service_request", String(64)),
    Column("category", String(64)),  # the SDOH category of a part of a split
    Column("urgency", Integer, nullable=False, server_default="3"),  # place of the priority in mappings/urgency.json
    Column("due", Instant),  # of a follow-up
    Column("follow_up", String(16)),  # Task.status of the follow-up, for queries; none where none is planned
    Column("overdue", Instant),  # since when it is marked that its service has not answered in time
    Column("delivered", Instant),  # since when its service has it
    Column("needs", String(32)),  # why a person must look at it, a code of mappings/waiting.json
    Column("needs_since", Instant),
    Column("question", Instant),  # since when a message of its service waits for an answer of a person here
    Column("updated", Instant, nullable=False),
    PrimaryKeyConstraint("tenant", "id"),
    Index("ix_referral_tenant_prescription_partner", "tenant", "prescription", "partner"),
    Index(None, "tenant", "task"),
    Index(None, "tenant", "status", "updated"),
    Index("ix_referral_tenant_partner_status", "tenant", "partner", "status", "updated"),
    partial_index(
        "ix_referral_nobody_asked",
        ("tenant", "updated"),
        "partner IS NULL AND machine = 'referral' AND status IN ('draft', 'requested')",
    ),
    partial_index("ix_referral_overdue", ("tenant", "updated"), "overdue IS NOT NULL AND status = 'requested'"),
    partial_index(
        "ix_referral_to_answer",
        ("tenant", "urgency", "updated", "id"),
        "overdue IS NULL AND partner IS NOT NULL AND status = 'requested'",
    ),
    partial_index(
        "ix_referral_asked",
        ("tenant", "partner", "urgency", "updated", "id", "overdue"),
        "partner IS NOT NULL AND status = 'requested'",
    ),
    partial_index(
        "ix_referral_follow_up",
        ("tenant", "due", "id"),
        "follow_up IN ('requested', 'accepted', 'in-progress', 'on-hold')",
    ),
    partial_index("ix_referral_ended", ("tenant", "updated", "id"), REFERRAL_ENDED),
    partial_index("ix_referral_needs", ("tenant", "needs_since"), "needs IS NOT NULL"),
    partial_index("ix_referral_question", ("tenant", "question"), "question IS NOT NULL"),
)

hold = Table(
    "hold",
    metadata,
    tenant_column(),
    Column("prescription", String(36), nullable=False),
    Column("reason", String(32), nullable=False),  # what has to be decided, a code of mappings/holds.json
    Column("since", Instant, nullable=False),
    Column("detail", Text),  # JSON: what is proposed
    Column("ended", Instant),  # when it was decided; none while nothing may leave
    Column("decision", Text),  # JSON: what was decided, for an amended document that does not say it
    PrimaryKeyConstraint("tenant", "prescription", "reason"),
)

event = Table(
    "event",
    metadata,
    tenant_column(),
    Column("number", BigInteger, nullable=False),  # in the order of commits within the tenant
    Column("prescription", String(36), nullable=False),
    Column("referral", String(36)),
    Column("name", String(64), nullable=False),  # of mappings/events.json
    Column("before", String(32)),  # Task.status
    Column("after", String(32)),
    Column("inferred", Boolean, nullable=False),  # a step implied by a state that a partner reported
    Column("actor", String(255), nullable=False),
    Column("role", String(32), nullable=False),
    Column("source", String(64), nullable=False),  # api, portal, timer, outbox, or a partner's name
    Column("at", Instant, nullable=False),  # when it happened, by its source
    Column("recorded", Instant, nullable=False),  # when we learned of it
    Column("reason", Text),  # that somebody gave
    Column("detail", Text),  # JSON, as mappings/events.json says; none when there is nothing
    PrimaryKeyConstraint("tenant", "number"),
    Index(None, "tenant", "prescription", "number"),
    partial_index("ix_event_ending_consent", ("tenant", "prescription"), ENDING_CONSENT),
    partial_index("ix_event_actor", ("tenant", "actor", "prescription"), "role <> 'system'"),
)
