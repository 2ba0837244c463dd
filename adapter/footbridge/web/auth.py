"""Who calls: the bearer token (RFC 6750) names tenant, actor, role and partner; nothing in a body ever does."""

from typing import cast

from flask import g, request

from footbridge import logs
from footbridge.model.principals import Principal
from footbridge.security.access import require
from footbridge.store.tenants import find_principal
from footbridge.web.context import app_context
from footbridge.web.errors import Problem


def authenticate_bearer() -> None:
    """Find out who calls by its bearer token. Raises Problem ``unauthorized``."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise _unauthorized("Send the header Authorization: Bearer TOKEN.")
    with app_context().database.read() as connection:
        found = find_principal(connection, token.strip())
    if found is None:
        raise _unauthorized("This token is unknown or was revoked.", ', error="invalid_token"')
    g.principal = found
    logs.bind(tenant=found.tenant)


def principal(action: str) -> Principal:
    """Who sent the request; refuses an action that its role may not do (``mappings/access.json``)."""
    found = cast("Principal", g.principal)
    require(found, action)
    return found


def _unauthorized(detail: str, more: str = "") -> Problem:
    return Problem("unauthorized", detail, headers={"WWW-Authenticate": f'Bearer realm="footbridge"{more}'})
