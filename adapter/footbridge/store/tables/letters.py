"""Letters to services that have neither a system nor an account: how each gets them, and the link that answers one.

Of a link and a code only a digest is here: whoever reads the table can open no letter with it.
"""

from sqlalchemy import Boolean, Column, Index, Integer, PrimaryKeyConstraint, String, Table

from footbridge.store.tables.columns import Instant, metadata, tenant_column

letter_setting = Table(
    "letter_setting",
    metadata,
    tenant_column(),
    Column("partner", String(64), nullable=False),
    Column("language", String(8)),  # en or fr; none: that of the tenant's narratives, else of the prescription
    Column("code", String(200)),  # salted scrypt of the code that opens every letter; none: each has its own
    Column("attach", Boolean, nullable=False),  # send the PDF with the e-mail
    PrimaryKeyConstraint("tenant", "partner"),
)

letter = Table(
    "letter",
    metadata,
    tenant_column(),
    Column("digest", String(64), nullable=False),  # SHA-256 of what the reply link has, hex
    Column("partner", String(64), nullable=False),  # who gets it
    Column("prescription", String(36), nullable=False),
    Column("referral", String(36), nullable=False),
    Column("kind", String(16), nullable=False),  # referral, changed, withdrawn or message
    Column("about", String(36)),  # of a message: its id
    Column("fingerprint", String(64), nullable=False),  # SHA-256 of what it says, without link and dates
    Column("code", String(200)),  # salted scrypt of its own code; none: the service's code opens it
    Column("tries", Integer, nullable=False),  # wrong codes since the last right one
    Column("created", Instant, nullable=False),
    Column("expires", Instant, nullable=False),
    Column("sent", Instant),  # none: an attempt that may have failed
    PrimaryKeyConstraint("tenant", "digest"),
    Index(None, "digest"),
    Index(None, "tenant", "prescription"),
)
