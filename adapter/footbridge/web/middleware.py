"""Around every request: its id, its one line in the log, the headers that every answer has.

The line names the route's template, never the path, the query or a body: those may hold a person's data.
"""

import re
import time
import uuid

from flask import Flask, Response, g, request

from footbridge.logs import EventLog

REQUEST_ID = "X-Request-Id"
_ID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)  # a caller's own id: a UUID, no text
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_log = EventLog(__name__)


def register(app: Flask) -> None:
    """Watch over every request of the app."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    given = request.headers.get(REQUEST_ID, "")
    g.request_id = given if _ID.fullmatch(given) else str(uuid.uuid4())
    g.started = time.perf_counter()


def _end(response: Response) -> Response:
    response.headers.extend({name: value for name, value in HEADERS.items() if name not in response.headers})
    response.headers[REQUEST_ID] = g.request_id
    principal = g.get("principal")
    _log.info(
        "request",
        request=g.request_id,
        method=request.method if request.url_rule else "-",
        route=request.url_rule.rule if request.url_rule else "unmatched",
        status=response.status_code,
        ms=round((time.perf_counter() - g.started) * 1000, 1),
        tenant=principal.tenant if principal else None,
    )
    return response
