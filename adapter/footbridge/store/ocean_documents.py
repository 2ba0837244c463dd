"""Documents of referrals at Ocean: which are to be fetched, and what was fetched."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, update

from footbridge.store.tables import ocean_document as table

SHARE: Final = "share-documents"
"""Kind of the job that passes the documents of a prescription on, once there are some."""

STORED: Final = "stored"
"""State of a document that was fetched."""

SHOWN = [column for column in table.c if column.name != "content"]


@dataclass(frozen=True, slots=True)
class WantedDocument:
    """A document that is to be fetched.

    Attributes:
        id: ours.
        partner, prescription: whose it is.
        url: at the site's server.
        kind: ``letter`` or ``document``.
        title: for people; may name the client.
        media_type, size: as the message says; None where it does not.
    """

    id: str
    partner: str
    prescription: str
    url: str = field(repr=False)
    kind: str
    title: str = field(repr=False)
    media_type: str | None = None
    size: int | None = None


def want(connection: Connection, tenant: str, wanted: WantedDocument, now: datetime) -> bool:
    """Note that a document is to be fetched; False where that is noted already."""
    if connection.scalar(select(table.c.id).where(table.c.id == wanted.id)) is not None:
        return False
    row = {
        "id": wanted.id, "tenant": tenant, "partner": wanted.partner, "prescription": wanted.prescription,
        "url": wanted.url, "kind": wanted.kind, "title": wanted.title[:255], "media_type": wanted.media_type,
        "size": wanted.size, "state": "wanted", "created": now,
    }  # fmt: skip
    connection.execute(insert(table), row)
    return True


def find(connection: Connection, tenant: str, identity: str) -> Row[*tuple[Any, ...]] | None:
    """A document, with its content; None where there is none."""
    return connection.execute(select(table).where(table.c.tenant == tenant, table.c.id == identity)).one_or_none()


def of_prescription(connection: Connection, tenant: str, prescription: str) -> Sequence[Row[*tuple[Any, ...]]]:
    """The documents of a prescription, without their content."""
    query = select(*SHOWN).where(table.c.tenant == tenant, table.c.prescription == prescription)
    return connection.execute(query.order_by(table.c.created, table.c.id)).all()


def store(connection: Connection, identity: str, content: bytes, media_type: str) -> None:
    """A document was fetched."""
    values = {"state": STORED, "content": content, "media_type": media_type, "size": len(content), "why": None}
    connection.execute(update(table).where(table.c.id == identity).values(values))


def refuse(connection: Connection, identity: str, why: str) -> None:
    """A document is not stored."""
    connection.execute(update(table).where(table.c.id == identity).values(state="refused", why=why))
