"""SMART Backend Services, both ways: whose keys open our ``/fhir``, where we log on, and keys of our own."""

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, String, Table, Text, UniqueConstraint

from footbridge.store.tables.columns import Instant, metadata, tenant_column

smart_client = Table(
    "smart_client",
    metadata,
    tenant_column(),
    Column("partner", String(64), nullable=False),  # who logs on with its keys
    Column("jwks", Text),  # its public keys by value: a JWK Set
    Column("jwks_url", String(1024)),  # or where they are
    Column("created", Instant, nullable=False),
    PrimaryKeyConstraint("tenant", "partner"),
)

access_token = Table(
    "access_token",
    metadata,
    Column("digest", String(64), primary_key=True),  # SHA-256 of the token, hex
    tenant_column(),
    Column("partner", String(64), nullable=False),
    Column("scope", Text, nullable=False),  # what was granted, with blanks between
    Column("issued", Instant, nullable=False),
    Column("expires", Instant, nullable=False),
    Index("ix_access_token_expires", "expires"),
)

used_assertion = Table(
    "used_assertion",
    metadata,
    Column("digest", String(64), primary_key=True),  # SHA-256 of client and jti, hex
    Column("expires", Instant, nullable=False),  # from when on the assertion would be refused anyway
    Index("ix_used_assertion_expires", "expires"),
)

smart_server = Table(
    "smart_server",
    metadata,
    tenant_column(),
    Column("partner", String(64), nullable=False),  # whose token endpoint we log on at
    Column("token_url", String(1024), nullable=False),
    Column("client_id", String(255), nullable=False),  # as the partner registered us
    Column("secret", String(255)),  # where a shared secret is; none: our keys sign
    Column("algorithm", String(8)),  # RS384 or ES384
    Column("scope", Text, nullable=False),  # what we ask for
    Column("created", Instant, nullable=False),
    PrimaryKeyConstraint("tenant", "partner"),
)

signing_key = Table(
    "signing_key",
    metadata,
    Column("kid", String(64), primary_key=True),
    Column("algorithm", String(8), nullable=False),  # RS384 or ES384
    Column("generation", Integer, nullable=False),  # the next one is one more than the one that signs
    Column("public", Text, nullable=False),  # JWK
    Column("private", Text),  # JWK; none: in the folder of keys, or the key signs no longer
    Column("created", Instant, nullable=False),  # and published
    Column("activated", Instant),  # from when on it signs; none: it is the next one
    Column("retired", Instant),  # from when on it does not
    UniqueConstraint("algorithm", "generation"),
)
