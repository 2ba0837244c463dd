"""Sites of Ocean: the number of each, its listings, and the credentials with which it calls us.

Client secret and tokens are shown once, when they are made; the database holds their SHA-256. Both are 256 bits of
chance, so that a plain digest is enough. A token is a row, so any process of ours knows it.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import orjson
from sqlalchemy import ColumnElement, Connection, bindparam, delete, insert, select, update

from footbridge.errors import ConfigurationError, NotFoundError
from footbridge.i18n import _
from footbridge.store.tables import Instant, ocean_listing, ocean_site, ocean_token

NETWORK: Final = "ocean"
"""The network of a partner that is a site."""

LIFETIME: Final = timedelta(hours=1)
"""Of a token."""

CLIENT_PREFIX, SECRET_PREFIX, TOKEN_PREFIX = "fbc_", "fbs_", "fbo_"
_NUMBER = re.compile(r"[A-Za-z0-9-]{1,32}")

_BY_CLIENT = select(ocean_site).where(ocean_site.c.client_id == bindparam("of"))
_BY_TOKEN = (
    select(ocean_site)
    .join(ocean_token, (ocean_token.c.tenant == ocean_site.c.tenant) & (ocean_token.c.partner == ocean_site.c.partner))
    .where(ocean_token.c.digest == bindparam("of"), ocean_token.c.expires > bindparam("now", type_=Instant))
)
_EXPIRED = delete(ocean_token).where(ocean_token.c.expires <= bindparam("now", type_=Instant))


@dataclass(frozen=True, slots=True)
class Site:
    """A site.

    Attributes:
        partner: that it is.
        number: at Ocean.
        client_id: by which it asks for tokens.
        since: when its client secret was made.
    """

    tenant: str
    partner: str
    number: str
    client_id: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the site's administrator enters at Ocean; the secret is shown once."""

    client_id: str
    secret: str


def checked_number(number: str) -> str:
    """The number of a site. Raises ConfigurationError for what is none."""
    if not _NUMBER.fullmatch(number):
        raise ConfigurationError(_("A site number has 1 to 32 letters, digits or hyphens, such as 1234."))
    return number


def set_site(
    connection: Connection, tenant: str, partner: str, number: str, now: datetime, *, secret: str | None = None
) -> Credentials | None:
    """Say which site a partner is; new credentials for a new one, None where only the number changed.

    ``secret``: 256 bits to make the client secret of, in place of chance. Raises ConfigurationError for what is no site
    number.
    """
    checked_number(number)
    here = (ocean_site.c.tenant == tenant, ocean_site.c.partner == partner)
    if connection.execute(update(ocean_site).where(*here).values(number=number)).rowcount:
        return None
    made = Credentials(CLIENT_PREFIX + secrets.token_hex(8), SECRET_PREFIX + (secret or secrets.token_urlsafe(32)))
    row = {"tenant": tenant, "partner": partner, "number": number, "client_id": made.client_id, "created": now}
    connection.execute(insert(ocean_site).values(**row, secret=_digest(made.secret)))
    return made


def renew_secret(
    connection: Connection, tenant: str, partner: str, *, secret: str | None = None, now: datetime | None = None
) -> Credentials:
    """A new client secret; the old one and every token of the site end. Raises NotFoundError.

    ``secret``: as for ``set_site``; where that is the site's already, nothing ends.
    """
    site = get_site(connection, tenant, partner)
    made = Credentials(site.client_id, SECRET_PREFIX + (secret or secrets.token_urlsafe(32)))
    if is_secret(connection, site, made.secret):
        return made
    here = (ocean_site.c.tenant == tenant, ocean_site.c.partner == partner)
    connection.execute(update(ocean_site).where(*here).values(secret=_digest(made.secret), created=now or site.since))
    connection.execute(delete(ocean_token).where(ocean_token.c.tenant == tenant, ocean_token.c.partner == partner))
    return made


def is_secret(connection: Connection, site: Site, secret: str) -> bool:
    """Whether this is the client secret of a site."""
    row = connection.execute(_BY_CLIENT, {"of": site.client_id}).one_or_none()
    return row is not None and hmac.compare_digest(row.secret, _digest(secret))


def get_site(connection: Connection, tenant: str, partner: str) -> Site:
    """The site that a partner is; raises NotFoundError."""
    here = (ocean_site.c.tenant == tenant, ocean_site.c.partner == partner)
    row = connection.execute(select(ocean_site).where(*here)).one_or_none()
    if row is None:
        message = _("Partner {name} has no site number: `footbridge partner site {name} --number N`.", name=partner)
        raise NotFoundError(message)
    return Site(row.tenant, row.partner, row.number, row.client_id, row.created)


def remove_site(connection: Connection, tenant: str, partner: str) -> None:
    """Forget a site: its listings, credentials and tokens."""
    for table in (ocean_token, ocean_listing, ocean_site):
        connection.execute(delete(table).where(table.c.tenant == tenant, table.c.partner == partner))


def site_of_client(connection: Connection, client_id: str, secret: str) -> Site | None:
    """The site with this client id and secret; None where there is none."""
    row = connection.execute(_BY_CLIENT, {"of": client_id}).one_or_none()
    known = "" if row is None else row.secret
    if not hmac.compare_digest(known, _digest(secret)) or row is None:
        return None
    return Site(row.tenant, row.partner, row.number, row.client_id, row.created)


def make_token(connection: Connection, site: Site, now: datetime) -> str:
    """A bearer token that holds for ``LIFETIME``; those that have expired are deleted."""
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    connection.execute(_EXPIRED, {"now": now})
    row = {"digest": _digest(token), "tenant": site.tenant, "partner": site.partner, "expires": now + LIFETIME}
    connection.execute(insert(ocean_token), row)
    return token


def site_of_token(connection: Connection, token: str, now: datetime) -> Site | None:
    """The site that a token stands for; None for one that is unknown or has expired."""
    row = connection.execute(_BY_TOKEN, {"of": _digest(token), "now": now}).one_or_none()
    return None if row is None else Site(row.tenant, row.partner, row.number, row.client_id, row.created)


def put_listing(connection: Connection, tenant: str, partner: str, name: str, entry: object) -> bool:
    """Store a listing in its JSON form, in place of the one of that name; whether it is new."""
    here = _listing(tenant, partner, name)
    text = orjson.dumps(entry).decode()
    if connection.execute(update(ocean_listing).where(*here).values(entry=text)).rowcount:
        return False
    row = {"tenant": tenant, "partner": partner, "name": name, "entry": text}
    connection.execute(insert(ocean_listing), row)
    return True


def listings_of(connection: Connection, tenant: str, partner: str) -> dict[str, object]:
    """The listings of a site in their JSON form, by name."""
    here = (ocean_listing.c.tenant == tenant, ocean_listing.c.partner == partner)
    query = select(ocean_listing.c.name, ocean_listing.c.entry).where(*here).order_by(ocean_listing.c.name)
    return {row.name: orjson.loads(row.entry) for row in connection.execute(query)}


def remove_listing(connection: Connection, tenant: str, partner: str, name: str) -> None:
    """Remove a listing; raises NotFoundError."""
    if connection.execute(delete(ocean_listing).where(*_listing(tenant, partner, name))).rowcount == 0:
        raise NotFoundError(_("The site has no such listing."))


def _listing(tenant: str, partner: str, name: str) -> tuple[ColumnElement[bool], ...]:
    return (ocean_listing.c.tenant == tenant, ocean_listing.c.partner == partner, ocean_listing.c.name == name)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
