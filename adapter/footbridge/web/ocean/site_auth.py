"""Which site calls: by the bearer token that it got from our token endpoint (RFC 6750).

A token names the site's partner. The number in the address has to be that of this site: another one is refused (403),
so that a mistake in Ocean's settings is seen at once and no message is stored for the wrong site.
"""

from typing import Final, cast

from flask import g, request

from footbridge import logs
from footbridge.i18n import _
from footbridge.store.ocean_sites import Site, site_of_token
from footbridge.web.auth import FAILED_TOO_OFTEN, given_token
from footbridge.web.context import app_context
from footbridge.web.errors import Problem

TOKEN_ENDPOINT: Final = "ocean_token"  # noqa: S105 - a name
"""Name of the blueprint where a site is not asked for a token, since it gets one there."""


def authenticate_site() -> None:
    """Find out which site calls. Raises Problem ``unauthorized``, ``forbidden`` or ``too-many-requests``."""
    if request.blueprint is not None and request.blueprint.endswith(TOKEN_ENDPOINT):
        return
    here = app_context()
    token = given_token()
    if token is None:
        raise _unauthorized(_("Send the header Authorization: Bearer TOKEN; POST …/token gives one."))
    wait = here.failed_tokens.wait(request.remote_addr, token)
    if wait is not None:
        raise Problem("too-many-requests", FAILED_TOO_OFTEN, headers={"Retry-After": str(wait)})
    with here.database.read() as connection:
        site = site_of_token(connection, token, here.clock.now())
    if site is None:
        here.failed_tokens.failed(request.remote_addr, token)
        raise _unauthorized(_("This token is unknown or has expired."), ', error="invalid_token"')
    if (request.view_args or {}).get("site") != site.number:
        raise Problem("forbidden", _("The token is of another site than the address names."))
    g.ocean_site = site
    logs.bind(tenant=site.tenant)


def calling_site() -> Site:
    """The site that sent the request."""
    return cast("Site", g.ocean_site)


def _unauthorized(detail: str, more: str = "") -> Problem:
    return Problem("unauthorized", detail, headers={"WWW-Authenticate": f'Bearer realm="footbridge"{more}'})
