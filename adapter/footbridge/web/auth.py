"""Who calls: the bearer token (RFC 6750) names tenant, actor, role and partner; nothing in a body ever does."""

from typing import cast

from flask import g, request

from footbridge import logs
from footbridge.i18n import _
from footbridge.model.principals import Principal
from footbridge.security.access import require
from footbridge.store.smart_clients import PREFIX, find_access
from footbridge.store.tenants import find_principal
from footbridge.web.context import app_context
from footbridge.web.errors import Problem

FAILED_TOO_OFTEN = _("This token failed too often: it is unknown or was revoked.")


def authenticate_bearer() -> None:
    """Find out who calls by its bearer token. Raises Problem ``unauthorized``, or ``too-many-requests``."""
    token = given_token()
    if token is None:
        raise _unauthorized(_("Send the header Authorization: Bearer TOKEN."))
    failed, address = app_context().failed_tokens, request.remote_addr
    wait = failed.wait(address, token)
    if wait is not None:
        raise Problem("too-many-requests", FAILED_TOO_OFTEN, headers={"Retry-After": str(wait)})
    found = find(token)
    if found is None:
        failed.failed(address, token)
        raise _unauthorized(_("This token is unknown or was revoked."), ', error="invalid_token"')
    g.principal = found
    logs.bind(tenant=found.tenant)


def authenticate_unscoped() -> None:
    """As ``authenticate_bearer``; refuses a token with SMART scopes, which are for FHIR and say nothing of the API."""
    authenticate_bearer()
    if g.principal.scopes is not None:
        raise _unauthorized(
            _("An access token of SMART Backend Services is for /fhir only."), ', error="invalid_token"'
        )


def given_token() -> str | None:
    """The bearer token of the request."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def find(token: str) -> Principal | None:
    """Whose token it is; None for one that is unknown, was revoked, or has expired."""
    with app_context().database.read() as connection:
        if token.startswith(PREFIX):
            return find_access(connection, token, app_context().clock.now())
        return find_principal(connection, token)


def principal(action: str) -> Principal:
    """Who sent the request; refuses an action that its role may not do (``mappings/access.json``)."""
    found = cast("Principal", g.principal)
    require(found, action)
    return found


def _unauthorized(detail: str, more: str = "") -> Problem:
    return Problem("unauthorized", detail, headers={"WWW-Authenticate": f'Bearer realm="footbridge"{more}'})
