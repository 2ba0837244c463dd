"""Tenants, and the bearer tokens that name who calls on whose behalf.

A token is shown once, when it is made; the database holds its SHA-256 only. Tokens are 256 bits of chance, so a plain
digest is enough: there is nothing to guess.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import Connection, Row, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError

from footbridge.errors import ConfigurationError, ConflictError, NotFoundError
from footbridge.i18n import Language, _
from footbridge.model.principals import Principal
from footbridge.store.dialect import unless_there
from footbridge.store.tables import tenant as table
from footbridge.store.tables import token as tokens

PREFIX = "fb_"
"""How every token starts, so that scanners for leaked secrets can find one."""

_NONE_SUCH = _("The tenant has no such valid token.")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")

Jurisdiction = Literal["us", "ca"]

_ADD_TOKEN = unless_there(tokens)
_BY_NAME = select(table).where(table.c.name == bindparam("of"))
_BY_DIGEST = select(tokens).where(tokens.c.digest == bindparam("of"), tokens.c.revoked.is_(None))


@dataclass(frozen=True, slots=True)
class Tenant:
    """An organisation whose data are kept apart.

    Attributes:
        jurisdiction: ``us`` or ``ca``.
        requester: the partner to which those prescriptions belong that come with no partner's token; None: to nobody.
        retention_days: after which ended prescriptions are erased; None: never.
        language: of the narratives that are made for it; None: each in the language of its prescription.
        requester_chosen: a person chose the requester: then prescriptions of the portal belong to it too.
        timezone: IANA, in which its people read and write times; None: see ``directory.asking.Asker.zone_of_people``.
    """

    name: str
    jurisdiction: Jurisdiction
    created: datetime
    requester: str | None = None
    retention_days: int | None = None
    language: Language | None = None
    timezone: str | None = None
    requester_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token: whom it stands for, its SHA-256 in hex, since when, and when it was revoked."""

    principal: Principal
    digest: str
    created: datetime
    revoked: datetime | None


def add_tenant(connection: Connection, name: str, jurisdiction: Jurisdiction, now: datetime) -> Tenant:
    """Make a tenant; raises ConflictError when the name is taken, ConfigurationError when it is not usable."""
    if not _NAME.fullmatch(name):
        raise ConfigurationError(_("The name of a tenant must have 1 to 64 lower-case letters, digits or hyphens."))
    try:
        with connection.begin_nested():
            connection.execute(insert(table).values(name=name, jurisdiction=jurisdiction, created=now))
    except IntegrityError as error:
        raise ConflictError(_("The tenant {name} exists already.", name=name)) from error
    return Tenant(name, jurisdiction, now)


def set_requester(connection: Connection, tenant: str, partner: str | None, *, chosen: bool = True) -> None:
    """Say to which partner those prescriptions belong that come with no partner's token. Raises NotFoundError.

    ``chosen``: a person says so, and it holds for what is written in the portal too.
    """
    mine = update(table).where(table.c.name == tenant)
    said = {"requester": partner, "requester_chosen": chosen and partner is not None}
    if connection.execute(mine.values(**said)).rowcount == 0:
        raise NotFoundError(_("Unknown tenant."))


def set_retention(connection: Connection, tenant: str, days: int | None) -> None:
    """Say after how many days ended prescriptions are erased; None: never. Raises NotFoundError."""
    mine = update(table).where(table.c.name == tenant)
    if connection.execute(mine.values(retention_days=days)).rowcount == 0:
        raise NotFoundError(_("Unknown tenant."))


def set_language(connection: Connection, tenant: str, language: Language | None) -> None:
    """Say in which language narratives are made from now on; None: each in its prescription's. Raises NotFoundError."""
    mine = update(table).where(table.c.name == tenant)
    if connection.execute(mine.values(language=language)).rowcount == 0:
        raise NotFoundError(_("Unknown tenant."))


def set_timezone(connection: Connection, tenant: str, timezone: str | None) -> None:
    """Say in which time zone (IANA) its people read and write times; None: not said. Raises NotFoundError."""
    mine = update(table).where(table.c.name == tenant)
    if connection.execute(mine.values(timezone=timezone)).rowcount == 0:
        raise NotFoundError(_("Unknown tenant."))


def list_tenants(connection: Connection) -> list[Tenant]:
    """Every tenant by name."""
    return [_tenant(row) for row in connection.execute(select(table).order_by(table.c.name))]


def get_tenant(connection: Connection, name: str) -> Tenant:
    """One tenant; raises NotFoundError."""
    row = connection.execute(_BY_NAME, {"of": name}).one_or_none()
    if row is None:
        raise NotFoundError(_("Unknown tenant."))
    return _tenant(row)


def make_token(connection: Connection, principal: Principal, now: datetime) -> str:
    """Make a bearer token for a caller; this is the only time that it can be seen."""
    token = PREFIX + secrets.token_urlsafe(32)
    connection.execute(insert(tokens).values(**_token_row(token, principal, now)))
    return token


def make_token_of(connection: Connection, principal: Principal, secret: str, now: datetime) -> None:
    """Make a token of this secret, unless it is there: two at once make one."""
    connection.execute(_ADD_TOKEN[connection.dialect.name], _token_row(PREFIX + secret, principal, now))


def recent_token(connection: Connection, principal: Principal, secret: str, since: datetime) -> str | None:
    """The token of this secret; None where it is older, revoked, of another partner, or not there."""
    token = PREFIX + secret
    mine = (tokens.c.tenant == principal.tenant, tokens.c.partner == principal.partner)
    recent = (tokens.c.created > since, tokens.c.revoked.is_(None))
    query = select(tokens.c.digest).where(tokens.c.digest == _digest(token), *mine, *recent)
    return None if connection.scalar(query) is None else token


def _token_row(token: str, principal: Principal, now: datetime) -> dict[str, Any]:
    named = {"tenant": principal.tenant, "actor": principal.name, "role": principal.role, "partner": principal.partner}
    return {"digest": _digest(token), **named, "created": now}


def find_principal(connection: Connection, token: str) -> Principal | None:
    """Whom a token stands for; None when it is unknown or revoked."""
    row = connection.execute(_BY_DIGEST, {"of": _digest(token)}).one_or_none()
    return None if row is None else Principal(row.role, row.partner, name=row.actor, tenant=row.tenant)


def list_tokens(connection: Connection, tenant: str | None = None) -> list[Token]:
    """The tokens of a tenant, or of all, revoked ones too; the oldest first."""
    query = select(tokens).order_by(tokens.c.tenant, tokens.c.created, tokens.c.digest)
    if tenant is not None:
        query = query.where(tokens.c.tenant == tenant)
    return [
        Token(Principal(row.role, row.partner, name=row.actor, tenant=row.tenant), row.digest, row.created, row.revoked)
        for row in connection.execute(query)
    ]


def revoke_token(connection: Connection, tenant: str, token: str, now: datetime) -> None:
    """End a token of this tenant; raises NotFoundError when it has no such token, or it was revoked before."""
    _revoke(connection, tenant, _digest(token), now)


def revoke_digest(connection: Connection, tenant: str, beginning: str, now: datetime) -> Token:
    """End the one token of this tenant whose digest begins so; returns what it was.

    Raises NotFoundError as ``revoke_token``, ConflictError when several tokens in force begin so.
    """
    valid = [one for one in list_tokens(connection, tenant) if one.revoked is None]
    meant = [one for one in valid if beginning and one.digest.startswith(beginning)]
    if len(meant) > 1:
        raise ConflictError(_("{count} tokens begin with this: give more of the digest.", count=len(meant)))
    if not meant:
        raise NotFoundError(_NONE_SUCH)
    _revoke(connection, tenant, meant[0].digest, now)
    return meant[0]


def _revoke(connection: Connection, tenant: str, digest: str, now: datetime) -> None:
    mine = (tokens.c.digest == digest, tokens.c.tenant == tenant, tokens.c.revoked.is_(None))
    if connection.execute(update(tokens).where(*mine).values(revoked=now)).rowcount == 0:
        raise NotFoundError(_NONE_SUCH)


def _tenant(row: Row[*tuple[Any, ...]]) -> Tenant:
    jurisdiction = cast("Jurisdiction", row.jurisdiction)
    language = cast("Language | None", row.language)
    more = (row.retention_days, language, row.timezone, row.requester_chosen)
    return Tenant(row.name, jurisdiction, row.created, row.requester, *more)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
