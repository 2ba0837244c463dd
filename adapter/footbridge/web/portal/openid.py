"""Getting in by OpenID Connect: to the issuer, and back with a code.

The way out is a link, not a form, so that our policy for forms says nothing about where the issuer leads the browser;
it changes nothing here. Coming back signs in the browser that went, once. Whatever goes wrong, from a stranger to an
issuer that is down, is answered with one and the same page; the log has a word for it.
"""

from typing import Final

from flask import Blueprint, Response, g, request

from footbridge import logs
from footbridge.errors import FootbridgeError, PartnerUnavailable
from footbridge.security import openid, sign_in
from footbridge.security.openid import Client, NotSignedIn
from footbridge.web.context import app_context
from footbridge.web.portal import door, first_asked
from footbridge.web.portal.pages import page

routes = Blueprint("openid", __name__)

LONGEST_CODE: Final = 4_096  # characters

_log = logs.get_logger(__name__)


@routes.get("/portal/sign-in/openid")
def go() -> Response:
    """Send the browser to the issuer."""
    client = openid.configured()
    if client is None or "signed_in" in g:
        return door.see_other(first_asked.sent() or first_asked.FIRST)
    here = app_context()
    now = here.clock.now()
    try:
        mine = openid.begin(sign_in.form_key(here.database, now), g.browser, now)
        return door.keep_first_asked(door.see_other(here.issuer.way_in(client, mine)), first_asked.sent())
    except FootbridgeError as error:
        return _failed(error)


@routes.get("/portal/sign-in/openid/back")
def back() -> Response:
    """Begin the session of the user whom the issuer names."""
    client = openid.configured()
    if client is None:
        return door.see_other("/portal")
    try:
        response = door.begin(door.see_other(first_asked.kept()), _session(client))
        return door.keep_first_asked(response, None)
    except FootbridgeError as error:
        return _failed(error)


def _session(client: Client) -> str:
    """What the cookie of the new session holds. Raises FootbridgeError."""
    here = app_context()
    now = here.clock.now()
    given = {name: values[0] for name, values in request.args.lists() if len(values) == 1}
    browser = request.cookies.get(door.BROWSER, "")
    mine = openid.resume(sign_in.form_key(here.database, now), browser, given.get("state", ""), now)
    with here.database.write() as connection:
        openid.spend(connection, mine)
    code = given.get("code", "")
    if "error" in request.args or not 0 < len(code) <= LONGEST_CODE:
        raise NotSignedIn("refused")
    email = here.issuer.address(client, mine, code, given.get("iss"))
    with here.database.write() as connection:
        user = openid.user_named(connection, email)
        sign_in.sign_out(connection, request.cookies.get(door.SESSION, ""))  # the one before, if there is one
        return sign_in.begin_session(connection, user, here.clock.now())


def _failed(error: FootbridgeError) -> Response:
    reason = error.reason if isinstance(error, NotSignedIn) else str(error)
    level = _log.info if isinstance(error, NotSignedIn) else _log.warning
    level("sign_in.failed", reason=reason, unavailable=isinstance(error, PartnerUnavailable))
    return page("openid_failed.html", 403, by_link=openid.links_are_sent(), number=g.get("request_id"))
