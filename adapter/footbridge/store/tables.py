"""Every table. Each row belongs to a tenant; each query is scoped by it.

FHIR resources belong to a compartment of the tenant besides: ours (an empty name), or that of one partner, which holds
exactly what was disclosed to it and what it wrote.

tenant, token, partner, route    who may call, whom we talk to, where a category goes
person                           the pseudonymous id of a client, by the client's own identifier
client                           what each requester knows of a person: its own pseudonym, whether contact is safe
prescription, referral, event    what was asked, how far each part of it is, and all that happened
resource, search_index           FHIR resources, every version, by compartment; what is searched of the current ones
link                             which resource of ours is which resource of a partner's
job, circuit                     messages to partners and work that falls due; partners that are down
inbox                            messages received from partners
network_context                  what a partner's network keeps of a prescription
idempotency                      keys of requests in flight, and answers kept for a repeat of the same request
"""

import datetime as dt
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)


class Instant(TypeDecorator[dt.datetime]):
    """A moment in UTC as text of one width, so that it sorts alike on every database."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Dialect) -> str | None:  # noqa: ANN401 - SQLAlchemy's signature
        """Write a datetime that has an offset."""
        if value is None:
            return None
        return str(value.astimezone(dt.UTC).isoformat(timespec="microseconds")).replace("+00:00", "Z")

    def process_result_value(self, value: Any, _dialect: Dialect) -> dt.datetime | None:  # noqa: ANN401 - as above
        """Read it back, with offset zero."""
        return None if value is None else dt.datetime.fromisoformat(value)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _tenant() -> Column[str]:
    return Column("tenant", String(64), ForeignKey("tenant.name"), nullable=False)


def _compartment() -> Column[str]:
    return Column("compartment", String(64), nullable=False)  # a partner's name; empty: ours


def _of_tasks(name: str) -> Index:
    condition = text(f"current AND {name} IS NOT NULL")
    return Index(
        f"ix_resource_{name}",
        "tenant",
        "compartment",
        name,
        "last_updated",
        "id",
        sqlite_where=condition,
        postgresql_where=condition,
    )


tenant = Table(
    "tenant",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("jurisdiction", String(8), nullable=False),
    Column("requester", String(64)),  # the partner whose prescriptions those are that come with no partner's token
    Column("last_event", BigInteger, nullable=False, server_default="0"),  # numbers events in the order of commits
    Column("last_write", Instant),  # meta.lastUpdated of the newest resource: the next one is later
    Column("last_indexed", Instant),  # nothing of ours that was written up to it waits for the search index
    Column("created", Instant, nullable=False),
)

token = Table(
    "token",
    metadata,
    Column("digest", String(64), primary_key=True),  # SHA-256 of the bearer token, hex
    _tenant(),
    Column("actor", String(255), nullable=False),
    Column("role", String(32), nullable=False),  # requester, recipient, navigator, admin
    Column("partner", String(64)),  # the partner that the actor speaks for
    Column("created", Instant, nullable=False),
    Column("revoked", Instant),
)

partner = Table(
    "partner",
    metadata,
    _tenant(),
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
    Column("created", Instant, nullable=False),
    PrimaryKeyConstraint("tenant", "name"),
)

route = Table(
    "route",
    metadata,
    _tenant(),
    Column("category", String(64), nullable=False),  # SDOH category, or * for every other
    Column("rank", Integer, nullable=False),  # the next rank is tried after a decline
    Column("partner", String(64), nullable=False),
    PrimaryKeyConstraint("tenant", "category", "rank"),
)

person = Table(
    "person",
    metadata,
    _tenant(),
    Column("system", String(255), nullable=False),
    Column("value", String(255), nullable=False),
    Column("person", String(36), nullable=False),
    PrimaryKeyConstraint("tenant", "system", "value"),
)

client = Table(
    "client",
    metadata,
    _tenant(),
    Column("person", String(36), nullable=False),
    Column("requester", String(64), nullable=False),  # a partner; empty: our own users
    Column("patient", String(36), nullable=False),  # the person's pseudonymous id in this requester's resources
    Column("contact", String(16)),  # what this requester said last: allowed or prohibited; none: it never said
    Column("said", Instant),  # when the prescription that says so was written
    PrimaryKeyConstraint("tenant", "person", "requester"),
)

prescription = Table(
    "prescription",
    metadata,
    _tenant(),
    Column("id", String(36), nullable=False),
    Column("requester", String(64), nullable=False),  # partner that it came from; empty: our own users
    Column("identifier_system", String(255), nullable=False),
    Column("identifier_value", String(255), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("categories", String(1024), nullable=False),  # |food-insecurity|stress|
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
)

referral = Table(
    "referral",
    metadata,
    _tenant(),
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
    Column("due", Instant),  # of a follow-up
    Column("overdue", Instant),  # since when it is marked that its service has not answered in time
    Column("updated", Instant, nullable=False),
    PrimaryKeyConstraint("tenant", "id"),
    Index(None, "tenant", "prescription"),
    Index(None, "tenant", "task"),
)

event = Table(
    "event",
    metadata,
    _tenant(),
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
)

resource = Table(
    "resource",
    metadata,
    _tenant(),
    _compartment(),
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
    _of_tasks("requester"),
    _of_tasks("status"),
)

# A row stands for its resource by the moment of writing, which is the resource's alone within the tenant and only
# grows: what is written together lies together, and a write touches few pages. The index by value leaves the type
# to the end for the same reason: what several resources of one write share, a patient say, is one place.
search_index = Table(
    "search_index",
    metadata,
    _tenant(),
    _compartment(),
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
    _tenant(),
    Column("partner", String(64), nullable=False),
    Column("type", String(64), nullable=False),
    Column("id", String(64), nullable=False),
    Column("remote_id", String(64), nullable=False),
    Column("remote_version", String(64)),  # opaque: compared for equality only
    Column("sent", String(64)),  # fingerprint of what the partner last got from us
    PrimaryKeyConstraint("tenant", "partner", "type", "id"),
    UniqueConstraint("tenant", "partner", "type", "remote_id"),
)

job = Table(
    "job",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    _tenant(),
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
    Index("ix_job_failed", "id", sqlite_where=text("state = 'failed'"), postgresql_where=text("state = 'failed'")),
    Index("ix_job_done", "finished", sqlite_where=text("state = 'done'"), postgresql_where=text("state = 'done'")),
)

network_context = Table(
    "network_context",
    metadata,
    _tenant(),
    Column("partner", String(64), nullable=False),
    Column("prescription", String(36), nullable=False),
    Column("context", Text, nullable=False),  # as the partner's network wrote it
    PrimaryKeyConstraint("tenant", "partner", "prescription"),
)

inbox = Table(
    "inbox",
    metadata,
    _tenant(),
    Column("partner", String(64), nullable=False),
    Column("message", String(255), nullable=False),
    Column("outcome", String(32), nullable=False),  # applied, ignored, refused
    Column("received", Instant, nullable=False),
    PrimaryKeyConstraint("tenant", "partner", "message"),
    Index(None, "received"),
)

circuit = Table(
    "circuit",
    metadata,
    _tenant(),
    Column("partner", String(64), nullable=False),
    Column("failures", Integer, nullable=False),
    Column("open_until", Instant),
    PrimaryKeyConstraint("tenant", "partner"),
)

idempotency = Table(
    "idempotency",
    metadata,
    _tenant(),
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
