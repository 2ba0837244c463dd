"""Partners of a tenant: the systems that referrals go to and come from."""

import re
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row, bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from footbridge.errors import ConfigurationError, ConflictError, NotFoundError
from footbridge.store.credentials import check_reference
from footbridge.store.tables import partner as table

Delivery = Literal["transaction", "resources"]
Role = Literal["record", "recipient"]
Guide = Literal["3.0.0", "2.3.0"]
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_OF_TENANT = select(table).where(table.c.tenant == bindparam("of")).order_by(table.c.name)


@dataclass(frozen=True, slots=True)
class Partner:
    """A system at the other end.

    Attributes:
        name: short name within the tenant: small letters, digits, hyphens.
        network: the language that it speaks: ``fhir``.
        role: ``record`` for the EMR that outcomes come home to, ``recipient`` for who takes referrals.
        title: name of the organisation.
        base_url: where its server is, without a slash at the end.
        credential: where its secret is (``env:NAME`` or ``file:PATH``); None: it asks for none.
        delivery: ``transaction`` or ``resources``.
        guide: version of SDOHCC, ``3.0.0`` or ``2.3.0``.
        custodian: a health information custodian, who may get health card numbers.
        poll_seconds: time between two polls.
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


def add_partner(connection: Connection, tenant: str, partner: Partner, now: datetime) -> Partner:
    """Add a partner; raises ConflictError when the name is taken, ConfigurationError for an unusable entry."""
    if not _NAME.fullmatch(partner.name):
        raise ConfigurationError("A partner's name has 1 to 64 small letters, digits and hyphens.")
    address = urlsplit(partner.base_url)
    if address.scheme not in {"http", "https"} or not address.netloc or address.username:
        raise ConfigurationError(f"The base URL of {partner.name} is an http or https address without a user name.")
    if partner.credential is not None:
        check_reference(partner.credential)
    kept = {**asdict(partner), "base_url": partner.base_url.rstrip("/")}
    try:
        with connection.begin_nested():
            connection.execute(insert(table).values(**kept, tenant=tenant, created=now))
    except IntegrityError as error:
        raise ConflictError(f"There is a partner {partner.name} already, or no such tenant.") from error
    return Partner(**kept)


def list_partners(connection: Connection, tenant: str) -> list[Partner]:
    """Every partner of a tenant by name."""
    return [_partner(row) for row in connection.execute(_OF_TENANT, {"of": tenant})]


def get_partner(connection: Connection, tenant: str, name: str) -> Partner:
    """One partner; raises NotFoundError."""
    row = connection.execute(select(table).where(table.c.tenant == tenant, table.c.name == name)).one_or_none()
    if row is None:
        raise NotFoundError("There is no such partner.")
    return _partner(row)


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
    )
