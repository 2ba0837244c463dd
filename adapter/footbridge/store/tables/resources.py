"""FHIR resources, what is searched of them, and which of ours is which of a partner's."""

from sqlalchemy import (
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

from footbridge.store.tables.columns import Instant, compartment_column, metadata, tenant_column


def _of_tasks(name: str, *more: str) -> Index:
    condition = text(f"current AND {name} IS NOT NULL")
    return Index(
        "_".join(("ix_resource", name, *more)),
        "tenant",
        "compartment",
        name,
        *more,
        "last_updated",
        "id",
        sqlite_where=condition,
        postgresql_where=condition,
    )


resource = Table(
    "resource",
    metadata,
    tenant_column(),
    compartment_column(),
    Column("type", String(64), nullable=False),
    Column("id", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("current", Boolean, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("last_updated", Instant, nullable=False),  # unique in the tenant, over all of its compartments
    Column("body", Text, nullable=False),  # JSON with id and meta; empty for a deletion, and for what was erased
    Column("owner", String(256)),  # this and the next two: of a Task, as the search index would hold them
    Column("requester", String(256)),
    Column("status", String(256)),
    PrimaryKeyConstraint("tenant", "compartment", "type", "id", "version"),
    Index(
        "ix_resource_written",
        "tenant",
        "compartment",
        "last_updated",
        sqlite_where=text("current"),
        postgresql_where=text("current"),
    ),
    Index(
        "ix_resource_current",
        "tenant",
        "compartment",
        "type",
        "last_updated",
        "id",
        sqlite_where=text("current"),
        postgresql_where=text("current"),
    ),
    _of_tasks("owner"),
    _of_tasks("owner", "status"),
    _of_tasks("requester"),
    _of_tasks("status"),
)

# A row stands for its resource by the moment of writing, which is the resource's alone within the tenant and only
# grows: what is written together lies together, and a write touches few pages. The index by value leaves the type
# to the end for the same reason: what several resources of one write share, a patient say, is one place.
search_index = Table(
    "search_index",
    metadata,
    tenant_column(),
    compartment_column(),
    Column("moment", Instant, nullable=False),  # last_updated of the current version
    Column("param", String(64), nullable=False),
    Column("value", String(256), nullable=False),  # token: code; reference: Type/id or a URL; date: start of its range
    Column("detail", String(256), nullable=False),  # token: system; date: end of its range; else empty
    Column("type", String(64), nullable=False),
    PrimaryKeyConstraint("tenant", "compartment", "moment", "param", "value", "detail"),
    Index(None, "tenant", "compartment", "param", "value", "moment", "type"),
    sqlite_with_rowid=False,
)

link = Table(
    "link",
    metadata,
    tenant_column(),
    Column("partner", String(64), nullable=False),
    Column("type", String(64), nullable=False),
    Column("id", String(64), nullable=False),
    Column("remote_id", String(64), nullable=False),
    Column("remote_version", String(64)),  # opaque: compared for equality only
    Column("state", String(64)),  # fingerprint of what the partner last got from us of how far things are
    Column("content", String(64)),  # and of what was prescribed
    PrimaryKeyConstraint("tenant", "partner", "type", "id"),
    UniqueConstraint("tenant", "partner", "type", "remote_id"),
)

former_link = Table(
    "former_link",
    metadata,
    tenant_column(),
    Column("partner", String(64), nullable=False),
    Column("type", String(64), nullable=False),
    Column("id", String(64), nullable=False),
    Column("remote_id", String(64), nullable=False),
    PrimaryKeyConstraint("tenant", "partner", "type", "remote_id"),
    Index(None, "tenant", "type", "id"),
)
