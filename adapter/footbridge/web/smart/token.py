"""``POST /fhir/token``: an access token for a partner's system, by its signed assertion.

What is done stands in ``security.backend_services``; here are the form and the two forms of the answer
(https://www.rfc-editor.org/rfc/rfc6749#section-5). Whoever calls has no token yet, so the route has no authentication.
"""

from urllib.parse import parse_qs

from flask import Blueprint, Response, g, request

from footbridge import logs
from footbridge.i18n import _, spoken
from footbridge.security.assertions import TokenError
from footbridge.security.audit import Call
from footbridge.security.backend_services import Issued, issue
from footbridge.store.smart_clients import SmartClient, find_smart_client
from footbridge.web.context import app_context
from footbridge.web.errors import Problem
from footbridge.web.request_body import read_body
from footbridge.web.responses import answer
from footbridge.web.smart.addresses import TOKEN, token_url

FORM = "application/x-www-form-urlencoded"
LONGEST = 65_536  # bytes of a form
MOST_PARAMETERS = 50
_STATUS = {"invalid_client": 401}
_CODES = {429: "temporarily_unavailable", 503: "temporarily_unavailable"}

_log = logs.get_logger(__name__)

routes = Blueprint("smart-token", __name__)


@routes.post(TOKEN)
def token() -> Response:
    """Verify the assertion, and answer with a token."""
    here = app_context()
    try:
        issued = issue(_form(), token_url(), here.database, here.clock, here.key_sets.keys, _call_of)
    except TokenError as error:
        _note_failure(error)
        return oauth_error(error)
    g.principal = issued.client.principal
    logs.bind(tenant=issued.client.tenant)
    return answer(_body(issued), headers={"Pragma": "no-cache"})


def oauth_error(error: TokenError) -> Response:
    """A refusal as RFC 6749, section 5.2, has it."""
    status = _STATUS.get(error.code, 400)
    headers = {"Pragma": "no-cache"} | ({"WWW-Authenticate": 'Bearer realm="footbridge"'} if status == 401 else {})
    return answer({"error": error.code, "error_description": spoken(str(error))}, status, headers)


def problem_error(problem: Problem) -> Response:
    """What was refused, or failed, before or around the endpoint, in the same form."""
    code = "invalid_request" if problem.status < 500 else _CODES.get(problem.status, "server_error")
    body = {"error": _CODES.get(problem.status, code), "error_description": spoken(problem.detail)}
    return answer(body, problem.status, problem.headers)


def _call_of(client: SmartClient) -> Call:
    return Call(client.principal, "fhir", request.remote_addr, g.get("request_id"))


def _note_failure(error: TokenError) -> None:
    """Log it; note it in the audit of the client's tenant, at most ``rate_limits.LINES`` times a minute."""
    unlogged = app_context().refused_clients.take(error.client_id)
    if unlogged is None:
        return
    _log.warning("smart.token-refused", code=error.code, unlogged=unlogged)
    if error.client_id is None:
        return
    with app_context().database.read() as connection:
        client = find_smart_client(connection, error.client_id)
    if client is not None:
        app_context().audit.note(_call_of(client), "token", status=_STATUS.get(error.code, 400))


def _body(issued: Issued) -> dict[str, object]:
    return {
        "access_token": issued.token,
        "token_type": "bearer",
        "expires_in": issued.expires_in,
        "scope": issued.scope,
    }


def _form() -> dict[str, list[str]]:
    if request.mimetype != FORM:
        raise TokenError("invalid_request", _("Send the parameters as {form}.", form=FORM))
    if request.args:
        raise TokenError("invalid_request", _("The parameters belong into the body, not into the URL."))
    body = read_body()
    if len(body) > LONGEST:
        raise Problem("too-large", _("The body is larger than the limit of {most} bytes.", most=LONGEST))
    try:
        return parse_qs(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except ValueError:
        raise TokenError("invalid_request", _("The body is not a form in UTF-8.")) from None
