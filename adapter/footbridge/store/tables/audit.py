"""Who read, searched and wrote what, and who logged on: the audit."""

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from footbridge.store.tables.columns import Instant, metadata, tenant_column

audit_event = Table(
    "audit_event",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    tenant_column(),
    Column("recorded", Instant, nullable=False),
    Column("interaction", String(32), nullable=False),  # a key of mappings/audit.json
    Column("status", Integer, nullable=False),  # of HTTP; of a write that was stored 200
    Column("actor", String(255), nullable=False),
    Column("role", String(32), nullable=False),
    Column("partner", String(64)),
    Column("channel", String(16), nullable=False),
    Column("address", String(64)),  # of the socket's peer
    Column("request", String(36)),  # X-Request-Id
    Column("compartment", String(64), nullable=False),  # of what follows; a partner's name, or empty: ours
    Column("type", String(64)),  # of the resource, or of what was searched
    Column("resource", String(64)),
    Column("version", String(64)),
    Column("query", Text),  # of a search: values that could name a person are left out
    Column("count", Integer),  # of events that were lost
    Index("ix_audit_event_tenant_recorded", "tenant", "recorded", "id"),
)

audit_patient = Table(
    "audit_patient",
    metadata,
    Column("event", BigInteger().with_variant(Integer, "sqlite"), nullable=False),
    tenant_column(),
    Column("compartment", String(64), nullable=False),
    Column("patient", String(64), nullable=False),  # id of the Patient in that compartment
    PrimaryKeyConstraint("event", "compartment", "patient"),
    Index("ix_audit_patient_patient", "tenant", "compartment", "patient"),
)
