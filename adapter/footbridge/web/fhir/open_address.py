"""``/open/SEGMENT/fhir``: the base URL of a hosted partner whose client can send no token.

The segment, 256 random bits, stands for the token, and only from the addresses that the partner was set to. A URL gets
into logs and histories as a token does not, so this is off unless the setting ``allow_tokenless`` is on. Before Flask
looks for a route the segment is taken out of the path, as a proxy takes a prefix away: so no log and no trace has it.
"""

from collections.abc import Callable, Iterable
from typing import Any

from flask import g, request

from footbridge import logs
from footbridge.i18n import _
from footbridge.model.principals import Principal
from footbridge.settings import settings
from footbridge.store.partners import find_by_segment
from footbridge.web.client_address import client_address, is_within
from footbridge.web.context import app_context
from footbridge.web.errors import Problem

PREFIX = "/open/"
_KEY = "footbridge.segment"

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


def without_segment(application: Application) -> Application:
    """The WSGI application, with the segment taken out of paths and kept beside them."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:  # noqa: ANN401 - WSGI
        path = str(environ.get("PATH_INFO", ""))
        segment, slash, rest = path.removeprefix(PREFIX).partition("/")
        if path.startswith(PREFIX) and f"{rest}/".startswith("fhir/"):
            environ[_KEY] = segment
            environ["PATH_INFO"] = f"{slash}{rest}"
            environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}{PREFIX}{segment}"
            for name in ("REQUEST_URI", "RAW_URI"):
                environ.pop(name, None)
        return application(environ, start_response)

    return answer


def segment_of_request() -> str | None:
    """The segment of the base URL; None for a request under the usual one."""
    found: str | None = request.environ.get(_KEY)
    return found


def authenticate_segment(segment: str) -> None:
    """Find out who calls by the base URL. Raises Problem ``not-found`` for whatever is wrong, so that nobody learns."""
    failed, address = app_context().failed_tokens, request.remote_addr
    wait = failed.wait(address, segment)
    if wait is not None:
        raise Problem("too-many-requests", _("Nothing is at this address."), headers={"Retry-After": str(wait)})
    found, client = None, client_address()
    if settings().allow_tokenless and client is not None:
        with app_context().database.read() as connection:
            found = find_by_segment(connection, segment)
    if found is None or client is None or not is_within(client, found[1].addresses or ""):
        failed.failed(address, segment)
        raise Problem("not-found", _("Nothing is at this address."))
    tenant, partner = found
    g.principal = Principal(partner.role, partner.name, name=partner.title, tenant=tenant)
    logs.bind(tenant=tenant)
