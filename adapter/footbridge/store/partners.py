"""Partners of a tenant: the systems that referrals go to and come from."""

import hashlib
import ipaddress
import re
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from footbridge.errors import ConfigurationError, ConflictError, NotFoundError
from footbridge.i18n import _
from footbridge.store.credentials import check_credential
from footbridge.store.tables import access_token, inbox, link, smart_client, smart_server, token, webhook
from footbridge.store.tables import partner as table

Delivery = Literal["transaction", "resources", "task-only"]
Role = Literal["requester", "recipient"]
Guide = Literal["3.0.0", "2.3.0"]
Conformance = Literal["compatible", "strict"]
ConsentBasis = Literal["express", "implied"]
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_OF_TENANT = select(table).where(table.c.tenant == bindparam("of")).order_by(table.c.name)
_BY_NAME = select(table).where(table.c.tenant == bindparam("of"), table.c.name == bindparam("called"))


@dataclass(frozen=True, slots=True)
class Partner:
    """A system at the other end.

    Attributes:
        name: short name within the tenant: small letters, digits, hyphens.
        network: the language that it speaks: ``fhir``.
        role: ``requester`` for a system that prescriptions come from and outcomes go to, ``recipient`` for a service
            that takes referrals.
        title: name of the organisation.
        base_url: where its server is, without a slash at the end.
        credential: where its secret is (``env:NAME`` or ``file:PATH``), or how tokens are got (``oauth:PATH``); None:
            it asks for none.
        delivery: ``transaction``, ``resources`` or ``task-only``: the Task alone, all else stays on our ``/fhir``.
        guide: version of SDOHCC, ``3.0.0`` or ``2.3.0``.
        custodian: a health information custodian, who may get health card numbers.
        poll_seconds: time between two polls.
        conformance: of a hosted partner: whether what breaks a profile is refused (``strict``) or put up with and said
            so (``compatible``).
        segment: of a hosted partner without a token, the SHA-256 of the part of the URL that stands for one, in hex.
        addresses: the networks from which that may be used, separated by commas.
        consent_basis: of a hosted requester: what its prescriptions rest on where it sends no Consent; None: they wait.
        namespace: of the ids of resources made for a requester's prescriptions; set once, when it is added.
    """

    name: str
    network: str
    role: Role
    title: str
    base_url: str
    credential: str | None = None
    delivery: Delivery = "transaction"
    guide: Guide = "3.0.0"
    custodian: bool = False
    poll_seconds: int = 900
    conformance: Conformance = "compatible"
    segment: str | None = None
    addresses: str | None = None
    consent_basis: ConsentBasis | None = None
    namespace: str = ""


def add_partner(connection: Connection, tenant: str, partner: Partner, now: datetime) -> Partner:
    """Add a partner.

    Raises:
        ConflictError: the name is taken.
        NotFoundError: there is no such tenant.
        ConfigurationError: the entry is not usable.
    """
    kept = {**_checked(partner), "namespace": f"{tenant}/{partner.name}"}
    try:
        with connection.begin_nested():
            connection.execute(insert(table).values(**kept, tenant=tenant, created=now))
    except IntegrityError as error:
        if any(known.name == partner.name for known in list_partners(connection, tenant)):
            hint = _("`footbridge partner set {name}` changes it.", name=partner.name)
            raise ConflictError(_("The partner {name} exists already: {hint}", name=partner.name, hint=hint)) from error
        raise NotFoundError(_("Unknown tenant {tenant}.", tenant=tenant)) from error
    return Partner(**kept)


def change_partner(connection: Connection, tenant: str, partner: Partner) -> Partner:
    """Put this entry in the place of the one that has its name.

    Raises NotFoundError where there is none, ConfigurationError for an unusable entry.
    """
    kept = {name: value for name, value in _checked(partner).items() if name != "namespace"}
    here = (table.c.tenant == tenant, table.c.name == partner.name)
    if connection.execute(update(table).where(*here).values(**kept)).rowcount == 0:
        raise NotFoundError(_("Unknown partner."))
    return get_partner(connection, tenant, partner.name)


def remove_partner(connection: Connection, tenant: str, name: str, now: datetime) -> int:
    """Take a partner out, with what would be wrong of another system of its name: links and messages heard.

    Its users' tokens are revoked; returns how many. Raises NotFoundError. Whether it may go is the caller's to know.
    """
    if connection.execute(delete(table).where(table.c.tenant == tenant, table.c.name == name)).rowcount == 0:
        raise NotFoundError(_("Unknown partner."))
    for kept in (link, inbox, webhook, access_token, smart_client, smart_server):
        connection.execute(delete(kept).where(kept.c.tenant == tenant, kept.c.partner == name))
    valid = (token.c.tenant == tenant, token.c.partner == name, token.c.revoked.is_(None))
    return connection.execute(update(token).where(*valid).values(revoked=now)).rowcount


def list_partners(connection: Connection, tenant: str) -> list[Partner]:
    """Every partner of a tenant by name."""
    return [_partner(row) for row in connection.execute(_OF_TENANT, {"of": tenant})]


def get_partner(connection: Connection, tenant: str, name: str) -> Partner:
    """One partner; raises NotFoundError."""
    row = connection.execute(_BY_NAME, {"of": tenant, "called": name}).one_or_none()
    if row is None:
        raise NotFoundError(_("Unknown partner."))
    return _partner(row)


def find_by_segment(connection: Connection, segment: str) -> tuple[str, Partner] | None:
    """The tenant and the hosted partner that a segment of a base URL stands for; None for one that is unknown."""
    row = connection.execute(select(table).where(table.c.segment == segment_digest(segment))).one_or_none()
    return None if row is None else (row.tenant, _partner(row))


def segment_digest(segment: str) -> str:
    """What is stored of a segment: its SHA-256 in hex. It has 256 random bits, so there is nothing to guess."""
    return hashlib.sha256(segment.encode("utf-8", "surrogatepass")).hexdigest()


def _checked(partner: Partner) -> dict[str, Any]:
    if not _NAME.fullmatch(partner.name):
        raise ConfigurationError(_("The name of a partner must have 1 to 64 lower-case letters, digits or hyphens."))
    address = urlsplit(partner.base_url)
    is_web = address.scheme in {"http", "https"} and address.netloc and not address.username
    if partner.network in {"fhir", "ocean"} and not is_web:
        raise ConfigurationError(
            _("The base URL of {name} must be an http or https address without a user name.", name=partner.name)
        )
    if partner.delivery == "task-only" and (partner.network, partner.role) != ("fhir", "recipient"):
        raise ConfigurationError(_("Delivery task-only is for a recipient with a FHIR server of its own."))
    for network in filter(None, (partner.addresses or "").split(",")):
        try:
            ipaddress.ip_network(network, strict=False)
        except ValueError as error:
            raise ConfigurationError(
                _("An address is written as 192.0.2.7, or as a network such as 192.0.2.0/24.")
            ) from error
    if partner.credential is not None:
        check_credential(partner.credential)
    return {**asdict(partner), "base_url": partner.base_url.rstrip("/")}


def _partner(row: Row[*tuple[Any, ...]]) -> Partner:
    return Partner(
        name=row.name,
        network=row.network,
        role=row.role,
        title=row.title,
        base_url=row.base_url,
        credential=row.credential,
        delivery=row.delivery,
        guide=row.guide,
        custodian=row.custodian,
        poll_seconds=row.poll_seconds,
        conformance=row.conformance,
        segment=row.segment,
        addresses=row.addresses,
        consent_basis=row.consent_basis,
        namespace=row.namespace,
    )
