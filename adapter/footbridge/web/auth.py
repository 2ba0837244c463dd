"""Who calls: the bearer token (RFC 6750) names tenant, actor, role and partner; nothing in a body ever does."""

from typing import cast

from flask import g, request

from footbridge.referrals.unit import Author
from footbridge.store.tenants import Caller, find_caller
from footbridge.web.context import app_context
from footbridge.web.problems import Problem

SOURCE = "api"
RECIPIENT = "recipient"


def authenticate() -> None:
    """Find out who calls, before any view of the API runs."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise _unauthorized("Send the header Authorization: Bearer TOKEN.")
    with app_context().database.read() as connection:
        found = find_caller(connection, token.strip())
    if found is None:
        raise _unauthorized("This token is unknown or was revoked.", ', error="invalid_token"')
    g.caller = found


def caller(*roles: str) -> Caller:
    """Who sent the request; refuses anyone in another role than these, when any are named."""
    found = cast("Caller", g.caller)
    if roles and found.role not in roles:
        raise Problem("forbidden", f"This is for the role {' or '.join(roles)}; the token's role is {found.role}.")
    return found


def author() -> Author:
    """Who sent the request, as the timeline names them."""
    found = caller()
    return Author(found.actor, found.role, SOURCE, found.partner)


def _unauthorized(detail: str, more: str = "") -> Problem:
    return Problem("unauthorized", detail, headers={"WWW-Authenticate": f'Bearer realm="footbridge"{more}'})
