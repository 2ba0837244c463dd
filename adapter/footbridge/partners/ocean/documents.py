"""The letter and the attachments of a referral, fetched from Ocean and stored for those whom the consent allows.

Only what the message names as this referral's own, from the site's own server (scheme, host and port; no redirect), of
a size and a type that are what they say: the type is told by the first bytes, never by the name.
"""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row

from footbridge.errors import PartnerRefused
from footbridge.jobs.job import Job, Result
from footbridge.jobs.queue import JobQueue
from footbridge.model.clock import Clock
from footbridge.partners.addresses import is_below
from footbridge.partners.ocean.client import OceanClient
from footbridge.partners.ocean.listing import listing_for
from footbridge.partners.ocean.message import read_message
from footbridge.partners.ocean.site import OceanSite
from footbridge.partners.ocean.translate.attachments import attachments
from footbridge.partners.ocean.translate.limits import Lost
from footbridge.partners.ocean.translate.tables import table
from footbridge.settings import settings
from footbridge.store import ocean_documents, ocean_messages
from footbridge.store.engine import Database
from footbridge.store.holds import holds_of
from footbridge.store.ocean_documents import WantedDocument
from footbridge.store.partners import Partner, get_partner
from footbridge.store.prescriptions import find_prescription, get_prescription
from footbridge.uris import own_uri

KIND: Final = "ocean-document"
"""Kind of the job that fetches a document; its subject is the document's id."""

LARGEST: Final = 20_000_000  # bytes
LATER: Final = timedelta(hours=1)
_MAGIC: Final = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"II*\x00": "image/tiff",
    b"MM\x00*": "image/tiff",
}


def want_documents(database: Database, site: OceanSite, number: int, now: datetime) -> None:
    """Note which documents of a processed message are to be fetched, and let every message of it know its prescription.

    A repeat notes nothing twice.
    """
    with database.read() as connection:
        received = ocean_messages.get_message(connection, site.tenant, number)
        label = received.label
        if label.referral is None:
            return
        found = find_prescription(connection, site.tenant, site.partner.name, site.identifier(label.referral))
        if found is None:
            return
        message = read_message(received.body, limit=settings().ocean_message_bytes)
        is_ours = listing_for(message, site.at(connection).listings) is not None
    wanted = attachments(message, site.partner.base_url, Lost()) if is_ours else ()
    with database.write() as connection:
        ocean_messages.link_to(connection, site.tenant, site.partner.name, label.referral, found.id)
        for one in wanted:
            if not is_below(site.partner.base_url, one.url):
                continue
            name = f"{own_uri('ocean/document/')}{site.tenant}/{site.partner.name}/{found.id}/{one.url}"
            identity = str(uuid.uuid5(uuid.NAMESPACE_URL, name))
            title = one.title or one.kind
            media = None if one.media_type is None else one.media_type[:64]
            document = WantedDocument(identity, site.partner.name, found.id, one.url, one.kind, title, media, one.size)
            if ocean_documents.want(connection, site.tenant, document, now):
                JobQueue(connection).plan(tenant=site.tenant, kind=KIND, subject=identity, due=now)


Clients = Callable[[str, Partner], OceanClient]
"""Gives the client of a tenant's site."""


class OceanDocuments:
    """The handler of jobs that fetch documents."""

    def __init__(self, database: Database, clock: Clock, clients: Clients) -> None:
        self._database = database
        self._clock = clock
        self._clients = clients

    def fetch(self, job: Job) -> Result | None:
        """Fetch one document; nothing while no consent is there, and nothing of what has ended or was erased."""
        with self._database.read() as connection:
            row = ocean_documents.find(connection, job.tenant, job.subject or "")
            if row is None or row.state != "wanted":
                return None
            prescription = get_prescription(connection, job.tenant, row.prescription)
            partner = get_partner(connection, job.tenant, row.partner)
            holds = holds_of(connection, job.tenant, row.prescription)
            is_decided = all(hold.ended is not None for hold in holds if hold.reason == "consent")
        if prescription.status in {"completed", "failed", "cancelled", "entered-in-error"}:
            return Result(lambda connection: ocean_documents.refuse(connection, row.id, "ended"))
        if not is_decided or not _is_given(prescription.document):
            return Result(due=self._clock.now() + LATER)
        try:
            content, _said = self._clients(job.tenant, partner).document(row.url)
        except PartnerRefused:
            return Result(lambda connection: ocean_documents.refuse(connection, row.id, "not-given"))
        return Result(lambda connection: self._keep(connection, job.tenant, row, content))

    def _keep(self, connection: Connection, tenant: str, row: Row[*tuple[Any, ...]], content: bytes) -> None:
        """Store a document, and let those have it who may."""
        found = media_type_of(content, row.media_type)
        if found is None or len(content) > LARGEST:
            ocean_documents.refuse(connection, row.id, "type" if found is None else "size")
            return
        ocean_documents.store(connection, row.id, content, found)
        now = self._clock.now()
        JobQueue(connection).plan(tenant=tenant, kind=ocean_documents.SHARE, subject=row.prescription, due=now)


def _is_given(document: str) -> bool:
    """Whether the client consents, as far as the prescription says; a refusal is no consent."""
    return bool((orjson.loads(document).get("consent") or {}).get("status") == "given")


def media_type_of(content: bytes, said: str | None) -> str | None:
    """The media type by the first bytes; None for one that is not stored, or is another than was said.

    Plain text has no mark: it is taken where it was announced as such and is UTF-8. Other names of a type, and names
    that say nothing, are in ``mappings/ocean/documents.json``.
    """
    rules = table("documents")
    told = (said or "").partition(";")[0].strip().lower()
    told = "" if told in rules["unspecific"] else rules["aliases"].get(told, told)
    found = next((media for magic, media in _MAGIC.items() if content.startswith(magic)), None)
    if found is None and told == "text/plain" and b"\0" not in content:
        try:
            content.decode()
        except UnicodeDecodeError:
            return None
        return "text/plain"
    return found if told in {"", found} else None
