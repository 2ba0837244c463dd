"""Who signs in to the portal: users, one-time links, sessions, attempts, and the secret behind its forms.

All of it is in the database, so that any process on any host serves the next click. Of links and sessions only the
SHA-256 is here: whoever reads the table cannot sign in with it.
"""

from sqlalchemy import Column, ForeignKey, Index, Integer, PrimaryKeyConstraint, String, Table, UniqueConstraint

from footbridge.store.tables.columns import Instant, metadata, tenant_column

user_account = Table(
    "user_account",
    metadata,
    tenant_column(),
    Column("id", String(36), nullable=False),
    Column("email", String(254), nullable=False, unique=True),  # in lower case; one person is in one tenant
    Column("name", String(255), nullable=False),  # for the timeline
    Column("role", String(32), nullable=False),  # of "users" in mappings/access.json
    Column("partner", String(64)),  # of a service worker: the partner that they work for
    Column("created", Instant, nullable=False),
    Column("profession", String(255)),  # in own words, as prescriptions and letters say it
    Column("phone", String(255)),  # at which services ask them
    Column("asks_as", String(32)),  # a code of our CodeSystem requester-role; none: by the role
    PrimaryKeyConstraint("tenant", "id"),
    UniqueConstraint("id"),
)

sign_in_link = Table(
    "sign_in_link",
    metadata,
    Column("digest", String(64), primary_key=True),  # SHA-256 of what the link has, hex
    Column("user", String(36)),  # whom it signs in; none: it makes the first administrator
    Column("created", Instant, nullable=False),
    Column("expires", Instant, nullable=False),
    Column("used", Instant),
    Column("leads_to", String(500)),  # the page that was asked for first, a path of ours; none: the first page
)

user_session = Table(
    "user_session",
    metadata,
    Column("digest", String(64), primary_key=True),  # SHA-256 of the cookie, hex
    Column(
        "user", String(36), ForeignKey("user_account.id", name="fk_user_session_user"), nullable=False
    ),  # removed with the user
    Column("created", Instant, nullable=False),
    Column("seen", Instant, nullable=False),  # the last request
    Column("expires", Instant, nullable=False),  # however often it is used
    Index(None, "user"),
)

sign_in_attempt = Table(
    "sign_in_attempt",
    metadata,
    Column("digest", String(64), nullable=False),  # of an address of e-mail or of the network, with the portal's secret
    Column("hour", Instant, nullable=False),  # in which it was tried
    Column("count", Integer, nullable=False),
    PrimaryKeyConstraint("digest", "hour"),
)

portal_secret = Table(
    "portal_secret",
    metadata,
    Column("name", String(32), primary_key=True),  # form-key, or first-link: who writes it first decides
    Column("value", String(64), nullable=False),
    Column("created", Instant, nullable=False),
)
