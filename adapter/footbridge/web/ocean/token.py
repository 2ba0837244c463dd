"""``POST /ocean/{site}/token``: OAuth 2.0 client credentials, https://www.rfc-editor.org/rfc/rfc6749#section-4.4.

The site's client id and secret come in the body, as Ocean sends them, or by HTTP Basic. Errors are those of §5.2.
"""

import base64
import binascii
from typing import Final
from urllib.parse import unquote_plus

from flask import Blueprint, Response, request

from footbridge.store.ocean_sites import LIFETIME, make_token, site_of_client
from footbridge.web.context import app_context
from footbridge.web.ocean.site_auth import TOKEN_ENDPOINT
from footbridge.web.responses import answer

GRANT: Final = "client_credentials"
MOST: Final = 10_000  # bytes of a request for a token
_HEADERS: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}

routes = Blueprint(TOKEN_ENDPOINT, __name__)


@routes.post("/ocean/<site>/token")
def token(site: str) -> Response:
    """A bearer token for the site with this client id and secret."""
    request.max_content_length = MOST
    said = _members()
    basic = _basic()
    if basic is not None and "client_secret" in said:
        return _refused("invalid_request", 400, "Send the client's secret in the body or by HTTP Basic, not both.")
    client, secret = basic or (said.get("client_id", ""), said.get("client_secret", ""))
    if not client or not secret:
        return _refused("invalid_request", 400, "client_id and client_secret are required.")
    if said.get("grant_type", GRANT) != GRANT:
        return _refused("unsupported_grant_type", 400, f"grant_type must be {GRANT}.")
    return _given(site, client, secret, basic=basic is not None)


def _given(site: str, client: str, secret: str, *, basic: bool) -> Response:
    here = app_context()
    tried = f"{client}\n{secret}"
    if here.failed_tokens.wait(request.remote_addr, tried) is not None:
        return _refused("invalid_client", 401, "These credentials failed too often.", basic=basic)
    with here.database.read() as connection:
        found = site_of_client(connection, client, secret)
    if found is None or found.number != site:
        here.failed_tokens.failed(request.remote_addr, tried)
        return _refused("invalid_client", 401, "The client is unknown, or the secret is wrong.", basic=basic)
    with here.database.write() as connection:
        made = make_token(connection, found, here.clock.now())
    body = {"access_token": made, "token_type": "Bearer", "expires_in": int(LIFETIME.total_seconds())}
    return answer(body, headers=_HEADERS)


def _members() -> dict[str, str]:
    """What the body says: a form, or the same members as a JSON object."""
    if request.is_json:
        found = request.get_json(silent=True)
        return (
            {name: value for name, value in found.items() if isinstance(value, str)} if isinstance(found, dict) else {}
        )
    return dict(request.form.items())


def _basic() -> tuple[str, str] | None:
    """Client id and secret of HTTP Basic, each form-encoded before (RFC 6749 §2.3.1)."""
    scheme, _space, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        client, _colon, secret = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return unquote_plus(client), unquote_plus(secret)


def _refused(error: str, status: int, description: str, *, basic: bool = False) -> Response:
    """An error of RFC 6749 §5.2; its description is ASCII."""
    headers = {**_HEADERS, "WWW-Authenticate": 'Basic realm="footbridge"'} if basic and status == 401 else _HEADERS
    return answer({"error": error, "error_description": description}, status, headers)
