"""Partners that log on at our token endpoint: their public keys, the assertions that they used, their access tokens.

https://hl7.org/fhir/smart-app-launch/backend-services.html. A client id is ``TENANT.PARTNER``: neither name has a dot.
The database holds the SHA-256 of an access token only, as of every token (``store.tenants``).
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, and_, bindparam, delete, insert, select
from sqlalchemy.exc import IntegrityError

from footbridge.model.principals import Principal
from footbridge.store.tables import access_token, partner, smart_client, used_assertion

PREFIX: Final = "fbs_"
"""How every access token starts; one that does not end by itself starts with ``fb_``."""
SKEW: Final = 60  # seconds that the clocks of two hosts may differ

_MINE = and_(partner.c.tenant == smart_client.c.tenant, partner.c.name == smart_client.c.partner)
_CLIENT = (
    select(smart_client, partner.c.role, partner.c.title)
    .join(partner, _MINE)
    .where(smart_client.c.tenant == bindparam("of"), smart_client.c.partner == bindparam("whose"))
)
_TOKEN = (
    select(access_token, partner.c.role, partner.c.title)
    .join(
        smart_client,
        and_(smart_client.c.tenant == access_token.c.tenant, smart_client.c.partner == access_token.c.partner),
    )
    .join(partner, _MINE)
    .where(access_token.c.digest == bindparam("of"), access_token.c.expires > bindparam("at"))
)


@dataclass(frozen=True, slots=True)
class SmartClient:
    """A partner that may log on.

    Attributes:
        tenant, partner: whose it is, and its name there.
        role, title: of the partner.
        jwks: its JWK Set by value; None where ``jwks_url`` says where it is.
    """

    tenant: str
    partner: str
    role: str
    title: str
    jwks: str | None
    jwks_url: str | None

    @property
    def client_id(self) -> str:
        """What it calls itself at the token endpoint."""
        return client_id_of(self.tenant, self.partner)

    @property
    def principal(self) -> Principal:
        """As whom it acts."""
        return Principal(self.role, self.partner, name=self.title, tenant=self.tenant, channel="fhir")


def client_id_of(tenant: str, name: str) -> str:
    """The client id of a tenant's partner."""
    return f"{tenant}.{name}"


def set_smart_client(
    connection: Connection, tenant: str, name: str, keys: tuple[str | None, str | None], now: datetime
) -> None:
    """Register a partner's keys, by value or by URL, in place of earlier ones; its access tokens end."""
    remove_smart_client(connection, tenant, name)
    jwks, url = keys
    values = {"tenant": tenant, "partner": name, "jwks": jwks, "jwks_url": url, "created": now}
    connection.execute(insert(smart_client).values(**values))


def remove_smart_client(connection: Connection, tenant: str, name: str) -> bool:
    """Let a partner log on no more, and end its access tokens; False where it had no keys."""
    connection.execute(delete(access_token).where(access_token.c.tenant == tenant, access_token.c.partner == name))
    mine = delete(smart_client).where(smart_client.c.tenant == tenant, smart_client.c.partner == name)
    return connection.execute(mine).rowcount == 1


def find_smart_client(connection: Connection, client_id: str) -> SmartClient | None:
    """The client of an id; None where nobody has it, or has no keys."""
    tenant, _dot, name = client_id.partition(".")
    row = connection.execute(_CLIENT, {"of": tenant, "whose": name}).one_or_none()
    if row is None:
        return None
    return SmartClient(row.tenant, row.partner, row.role, row.title, row.jwks, row.jwks_url)


def use_assertion(connection: Connection, client_id: str, jti: str, expires: datetime, now: datetime) -> bool:
    """Note that a client used the assertion ``jti``, for every process; False where that was noted before.

    It is remembered until a minute after ``expires``, when it would be refused by its own end even on a host whose
    clock is behind.
    """
    connection.execute(delete(used_assertion).where(used_assertion.c.expires < now - timedelta(seconds=SKEW)))
    digest = hashlib.sha256(f"{client_id}\n{jti}".encode("utf-8", "surrogatepass")).hexdigest()
    try:
        with connection.begin_nested():
            connection.execute(insert(used_assertion).values(digest=digest, expires=expires))
    except IntegrityError:
        return False
    return True


def make_access_token(connection: Connection, client: SmartClient, scope: str, expires: datetime, now: datetime) -> str:
    """Make an access token for the granted ``scope``; this is the only time that it can be seen."""
    connection.execute(delete(access_token).where(access_token.c.expires <= now))
    token = PREFIX + secrets.token_urlsafe(32)
    values = {"tenant": client.tenant, "partner": client.partner, "scope": scope, "issued": now, "expires": expires}
    connection.execute(insert(access_token).values(digest=_digest(token), **values))
    return token


def find_access(connection: Connection, token: str, now: datetime) -> Principal | None:
    """Whom an access token is for, with its scopes; None when it is unknown, at its end, or its client is removed."""
    row = connection.execute(_TOKEN, {"of": _digest(token), "at": now}).one_or_none()
    if row is None:
        return None
    scopes = tuple(str(row.scope).split())
    return Principal(row.role, row.partner, name=row.title, tenant=row.tenant, channel="fhir", scopes=scopes)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
