"""Who may call, whom we talk to, and who the clients are."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, PrimaryKeyConstraint, String, Table, Text, false

from footbridge.store.tables.columns import Instant, metadata, partial_index, tenant_column

tenant = Table(
    "tenant",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("jurisdiction", String(8), nullable=False),
    Column("requester", String(64)),  # the partner whose prescriptions those are that come with no partner's token
    Column("last_event", BigInteger, nullable=False, server_default="0"),  # numbers events in the order of commits
    Column("last_write", Instant),  # meta.lastUpdated of the newest resource: the next one is later
    Column("last_indexed", Instant),  # nothing of ours that was written up to it waits for the search index
    Column("retention_days", Integer),  # after which ended prescriptions are erased; none: never
    Column("language", String(8)),  # of narratives, en or fr; none: each in the language of its prescription
    Column("timezone", String(64)),  # IANA, in which its people read and write times; none: that of its directory
    Column("created", Instant, nullable=False),
    Column("organization", Text),  # JSON: its own name, ways to reach it, address; see store.own_organization
    Column("requester_chosen", Boolean, nullable=False, server_default=false()),  # by a person: the portal's too
)

token = Table(
    "token",
    metadata,
    Column("digest", String(64), primary_key=True),  # SHA-256 of the bearer token, hex
    tenant_column(),
    Column("actor", String(255), nullable=False),
    Column("role", String(32), nullable=False),  # requester, recipient, navigator, admin
    Column("partner", String(64)),  # the partner that the actor speaks for
    Column("created", Instant, nullable=False),
    Column("revoked", Instant),
)

partner = Table(
    "partner",
    metadata,
    tenant_column(),
    Column("name", String(64), nullable=False),
    Column("network", String(16), nullable=False),  # fhir; later light, ocean, hsds, fax
    Column(
        "role", String(16), nullable=False
    ),  # requester (prescriptions come from it, outcomes go to it) or recipient
    Column("namespace", String(130), nullable=False),  # of the ids of resources made for a requester's prescriptions
    Column("title", String(255), nullable=False),  # name of the organisation
    Column("base_url", String(1024), nullable=False),
    Column("credential", String(255)),  # where the secret is: env:NAME or file:PATH, never the secret
    Column("delivery", String(16), nullable=False),  # transaction or resources
    Column("guide", String(16), nullable=False),  # version of SDOHCC: 3.0.0 or 2.3.0
    Column("custodian", Boolean, nullable=False),  # a health information custodian may get health card numbers
    Column("poll_seconds", Integer, nullable=False),
    Column("conformance", String(16), nullable=False, server_default="compatible"),  # or strict; of a hosted partner
    Column("segment", String(64)),  # SHA-256 of the part of the URL that stands for a token; none: it needs a token
    Column("consent_basis", String(16)),  # of a hosted requester that sends no Consent: express or implied
    Column("addresses", String(1024)),  # networks from which the segment may be used, with commas
    Column("created", Instant, nullable=False),
    PrimaryKeyConstraint("tenant", "name"),
)

webhook = Table(
    "webhook",
    metadata,
    tenant_column(),
    Column("partner", String(64), nullable=False),  # the requester that is told what happens to its prescriptions
    Column("url", String(1024), nullable=False),
    Column("secret", String(255), nullable=False),  # where the secret is: env:NAME or file:PATH, never the secret
    Column("old_secret", String(255)),  # while the receiver may know the secret before only
    Column("last_sent", BigInteger, nullable=False),  # number of the last event that the receiver has
    Column("created", Instant, nullable=False),
    PrimaryKeyConstraint("tenant", "partner"),
)

route = Table(
    "route",
    metadata,
    tenant_column(),
    Column("category", String(64), nullable=False),  # SDOH category, or * for every other
    Column("rank", Integer, nullable=False),  # the next rank is tried after a decline
    Column("partner", String(64), nullable=False),
    PrimaryKeyConstraint("tenant", "category", "rank"),
)

person = Table(
    "person",
    metadata,
    tenant_column(),
    Column("system", String(255), nullable=False),
    Column("value", String(255), nullable=False),
    Column("person", String(36), nullable=False),
    PrimaryKeyConstraint("tenant", "system", "value"),
    Index(None, "tenant", "value"),
)

client = Table(
    "client",
    metadata,
    tenant_column(),
    Column("person", String(36), nullable=False),
    Column("requester", String(64), nullable=False),  # a partner; empty: our own users
    Column("patient", String(36), nullable=False),  # the person's pseudonymous id in this requester's resources
    Column("contact", String(16)),  # what this requester said last: allowed or prohibited; none: it never said
    Column("said", Instant),  # when the prescription that says so was written
    PrimaryKeyConstraint("tenant", "person", "requester"),
    partial_index("ix_client_prohibited", ("tenant", "person"), "contact = 'prohibited'"),
)
