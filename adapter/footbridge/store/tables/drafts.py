"""Prescriptions that somebody has begun to write in the portal: whose, and all that was typed so far."""

from sqlalchemy import Column, ForeignKey, Index, PrimaryKeyConstraint, String, Table, Text, UniqueConstraint

from footbridge.store.tables.columns import Instant, metadata, tenant_column

prescription_draft = Table(
    "prescription_draft",
    metadata,
    tenant_column(),
    Column("id", String(36), nullable=False),  # it becomes the business identifier of the prescription
    Column(
        "user", String(36), ForeignKey("user_account.id", name="fk_prescription_draft_user"), nullable=False
    ),  # removed with the user
    Column("typed", Text, nullable=False),  # what was typed: JSON, a list of texts a field; empty once it was sent
    Column("person", String(36)),  # whom it is about, where the tenant knows them
    Column("identifier", String(255)),  # of that person, as it was typed
    Column("prescription", String(36)),  # what became of it
    Column("created", Instant, nullable=False),
    Column("updated", Instant, nullable=False),
    Column("expires", Instant, nullable=False),
    PrimaryKeyConstraint("tenant", "id"),
    UniqueConstraint("id"),
    Index(None, "tenant", "user"),
    Index(None, "expires"),
)
