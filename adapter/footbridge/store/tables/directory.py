"""Tables of the directory: its sources, their imports, and the records of each in the version that an import gave them.

A row of ``directory_record`` holds from the import ``since`` up to the one named ``until`` (none: it still does). The
import that counts is ``directory_source.current``: a row is seen when ``since <= current`` and ``until`` is none or
later than it. So an import writes beside what is seen, in short transactions, and one more makes it current; one that
fails leaves rows that nobody ever sees.

directory_source    where a directory comes from, and which import of it counts
directory_import    each import: how far it is, and its figures
directory_record    organizations, locations, services and services at locations, cleaned, without what is withheld
directory_recognition  digests of the documents that an import read, so that the next one knows them again
directory_withheld  what an import withholds, as digests, and what of other sources it was held against
directory_finding   what a reader found that is about no single record, or about one that it did not give
directory_partner   which partner receives referrals for which organization of a source
directory_capacity    what a service's own partner says of its free places
directory_correction  what people say of a service's record, for its source
"""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from footbridge.store.tables.columns import Instant, metadata

directory_source = Table(
    "directory_source",
    metadata,
    Column("tenant", String(64), nullable=False),
    Column("name", String(64), nullable=False),
    Column("format", String(32), nullable=False),  # a reader's name
    Column("location", String(1024), nullable=False),  # path or URL, without user and password
    Column("country", String(2), nullable=False),  # ISO 3166-1, for phones and codes that name none
    Column("timezone", String(64), nullable=False),  # IANA, in which its hours are meant
    Column("current", Integer, nullable=False, server_default="0"),  # the import that counts; 0: none yet
    Column("created", Instant, nullable=False),
    ForeignKeyConstraint(["tenant"], ["tenant.name"], name="fk_directory_source_tenant"),
    PrimaryKeyConstraint("tenant", "name", name="pk_directory_source"),
)

directory_import = Table(
    "directory_import",
    metadata,
    Column("tenant", String(64), nullable=False),
    Column("source", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("state", String(16), nullable=False),  # running, current, superseded, failed
    Column("started", Instant, nullable=False),
    Column("alive", Instant, nullable=False),  # last sign of a running one; long silent: it was killed
    Column("finished", Instant),
    Column("complete", Boolean, nullable=False),  # all of the source, not only what changed
    Column("summary", Text),  # JSON, see directory.importing.summary
    Column("process", String(120)),  # that runs it, see directory.importing.process
    ForeignKeyConstraint(
        ["tenant", "source"], ["directory_source.tenant", "directory_source.name"], name="fk_directory_import_source"
    ),
    PrimaryKeyConstraint("tenant", "source", "number", name="pk_directory_import"),
)

directory_record = Table(
    "directory_record",
    metadata,
    Column("tenant", String(64), nullable=False),
    Column("source", String(64), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("id", String(36), nullable=False),  # uuid5 of source, kind and native id
    Column("since", Integer, nullable=False),
    Column("until", Integer),
    Column("native_id", Text, nullable=False),
    Column("fingerprint", String(32), nullable=False),  # of the raw record and of the rules it was cleaned by
    Column("relation", String(32)),  # of which other records had a say in it (directory.importing.relations)
    Column("marked", Boolean, nullable=False),  # it withholds a place, or something was dropped: prepared each time
    Column("organization", String(36)),  # id of the organization it belongs to, its parent for an organization
    Column("service", String(36)),  # of a service at location
    Column("location", String(36)),  # of a service at location
    Column("data", Text, nullable=False),  # JSON, HSDS 3.1's names
    Column("findings", Text),  # JSON, what cleaning found
    PrimaryKeyConstraint("tenant", "source", "kind", "id", "since", name="pk_directory_record"),
)
Index(
    "ix_directory_record_open",
    directory_record.c.tenant,
    directory_record.c.source,
    directory_record.c.kind,
    directory_record.c.id,
    unique=True,
    sqlite_where=text("until IS NULL"),
    postgresql_where=text("until IS NULL"),
)
Index("ix_directory_record_since", directory_record.c.tenant, directory_record.c.source, directory_record.c.since)
Index("ix_directory_record_until", directory_record.c.tenant, directory_record.c.source, directory_record.c.until)
Index("ix_directory_record_id", directory_record.c.tenant, directory_record.c.id)
for _name in ("organization", "service", "location"):
    Index(
        f"ix_directory_record_{_name}",
        directory_record.c.tenant,
        directory_record.c.source,
        directory_record.c[_name],
        sqlite_where=text(f"{_name} IS NOT NULL"),
        postgresql_where=text(f"{_name} IS NOT NULL"),
    )

directory_recognition = Table(
    "directory_recognition",
    metadata,
    Column("tenant", String(64), nullable=False),
    Column("source", String(64), nullable=False),
    Column("number", Integer, nullable=False),  # of the import
    Column("part", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),  # directory.importing.recognition
    PrimaryKeyConstraint("tenant", "source", "number", "part", name="pk_directory_recognition"),
)

directory_withheld = Table(
    "directory_withheld",
    metadata,
    Column("tenant", String(64), nullable=False),
    Column("source", String(64), nullable=False),
    Column("number", Integer, nullable=False),  # of the import
    Column("digest", String(32), nullable=False),  # of data
    Column("applied", Text, nullable=False),  # JSON: the digest of each other source that it was held against
    Column("data", LargeBinary, nullable=False),  # directory.privacy.withheld
    PrimaryKeyConstraint("tenant", "source", "number", name="pk_directory_withheld"),
)

directory_finding = Table(
    "directory_finding",
    metadata,
    Column("tenant", String(64), nullable=False),
    Column("source", String(64), nullable=False),
    Column("number", Integer, nullable=False),  # of the import
    Column("position", Integer, nullable=False),
    Column("finding", Text, nullable=False),  # JSON
    PrimaryKeyConstraint("tenant", "source", "number", "position", name="pk_directory_finding"),
)

directory_partner = Table(
    "directory_partner",
    metadata,
    Column("tenant", String(64), nullable=False),
    Column("source", String(64), nullable=False),
    Column("organization", String(36), nullable=False),  # id in directory_record
    Column("native_id", Text, nullable=False),
    Column("partner", String(64), nullable=False),
    ForeignKeyConstraint(
        ["tenant", "partner"], ["partner.tenant", "partner.name"], name="fk_directory_partner_partner"
    ),
    PrimaryKeyConstraint("tenant", "source", "organization", "partner", name="pk_directory_partner"),
)

directory_capacity = Table(
    "directory_capacity",
    metadata,
    Column("tenant", String(64), nullable=False),
    Column("source", String(64), nullable=False),
    Column("service", String(36), nullable=False),  # id in directory_record
    Column("partner", String(64), nullable=False),
    Column("at", Instant, nullable=False),
    Column("status", String(32), nullable=False),  # a code of SDOHCC
    Column("notes", Text, nullable=False),
    ForeignKeyConstraint(["tenant"], ["tenant.name"], name="fk_directory_capacity_tenant"),
    PrimaryKeyConstraint("tenant", "source", "service", name="pk_directory_capacity"),
)

directory_correction = Table(
    "directory_correction",
    metadata,
    Column("tenant", String(64), nullable=False),
    Column("id", String(36), nullable=False),
    Column("at", Instant, nullable=False),
    Column("source", String(64), nullable=False),
    Column("record", String(36), nullable=False),  # id of the service in directory_record
    Column("service", Text, nullable=False),  # its source's own id
    Column("name", Text, nullable=False),
    Column("field", String(64), nullable=False),
    Column("old", Text, nullable=False),
    Column("new", Text, nullable=False),
    Column("who", String(255), nullable=False),
    Column("note", Text),
    Column("closed", Instant),  # when an import was seen to say so, see directory.taken_over
    ForeignKeyConstraint(["tenant"], ["tenant.name"], name="fk_directory_correction_tenant"),
    PrimaryKeyConstraint("tenant", "id", name="pk_directory_correction"),
)
Index(
    "ix_directory_correction_record",
    directory_correction.c.tenant,
    directory_correction.c.record,
    directory_correction.c.field,
)
