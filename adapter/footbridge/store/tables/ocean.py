"""Sites of Ocean: their listings, the credentials with which they call us, and what they sent.

A message is stored as it came, before anybody reads it: its body is compressed with zlib, and goes some days after the
referral ended. What is known of it (event, time, referral) is written when it is read.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, String, Table, Text

from footbridge.store.tables.columns import Instant, metadata, partial_index, tenant_column

ocean_site = Table(
    "ocean_site",
    metadata,
    tenant_column(),
    Column("partner", String(64), nullable=False),
    Column("number", String(32), nullable=False),  # of the site, as Ocean gives it
    Column("client_id", String(64), nullable=False),  # by which the site asks us for tokens
    Column("secret", String(64), nullable=False),  # SHA-256 of the client secret, hex
    Column("created", Instant, nullable=False),
    PrimaryKeyConstraint("tenant", "partner"),
    Index(None, "client_id", unique=True),
)

ocean_token = Table(
    "ocean_token",
    metadata,
    Column("digest", String(64), primary_key=True),  # SHA-256 of the bearer token, hex
    tenant_column(),
    Column("partner", String(64), nullable=False),
    Column("expires", Instant, nullable=False),
    Index(None, "expires"),
)

ocean_listing = Table(
    "ocean_listing",
    metadata,
    tenant_column(),
    Column("partner", String(64), nullable=False),
    Column("name", String(255), nullable=False),  # the listing's reference, else its External Service ID
    Column("entry", Text, nullable=False),  # JSON: what a referral to it means (partners.ocean.listing)
    PrimaryKeyConstraint("tenant", "partner", "name"),
)

ocean_message = Table(
    "ocean_message",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    tenant_column(),
    Column("partner", String(64), nullable=False),
    Column("received", Instant, nullable=False),
    Column("size", Integer, nullable=False),  # bytes, before it was compressed
    Column("body", LargeBinary),  # compressed with zlib; none: deleted after its referral ended
    Column("state", String(16), nullable=False),  # received, read, done, failed, dropped
    Column("why", String(32)),  # of done, failed and dropped: a code of mappings/ocean-messages.json
    Column("event", String(64)),  # code of its event
    Column("message", String(255)),  # its id at the site, by which a repeat is recognized
    Column("referral", String(255)),  # Ocean's reference of the referral
    Column("at", Instant),  # its time, never after ``received``
    Column("prescription", String(36)),  # that it is about, once there is one
    partial_index("ix_ocean_message_received", ("tenant", "partner", "number"), "state = 'received'"),
    partial_index("ix_ocean_message_read", ("tenant", "partner", "at", "number"), "state = 'read'"),
    partial_index("ix_ocean_message_failed", ("tenant", "number"), "state = 'failed'"),
    partial_index("ix_ocean_message_body", ("tenant", "received"), "body is not null"),
    Index(None, "tenant", "partner", "referral", "at"),
    Index(None, "tenant", "prescription"),
)

ocean_document = Table(
    "ocean_document",
    metadata,
    Column("id", String(36), primary_key=True),
    tenant_column(),
    Column("partner", String(64), nullable=False),
    Column("prescription", String(36), nullable=False),
    Column("url", Text, nullable=False),  # at the site; of ids, no personal data
    Column("kind", String(16), nullable=False),  # letter or document
    Column("title", String(255), nullable=False),
    Column("media_type", String(64)),  # by its content
    Column("size", Integer),  # bytes
    Column("content", LargeBinary),  # none: not fetched yet, refused, or deleted after its referral ended
    Column("state", String(16), nullable=False),  # wanted, stored, refused
    Column("why", String(32)),  # it was refused
    Column("created", Instant, nullable=False),
    Index(None, "tenant", "prescription"),
)
