"""Around every request: its id, and its one line in the log.

The line names the route's template, never the path, the query or a body: those may hold a person's data. Every other
line that is written meanwhile has the request's id and, once it is known who calls, the tenant.
"""

import re
import time
import uuid

from flask import Flask, Response, g, request

from footbridge import logs
from footbridge.store.engine import forget_commits

REQUEST_ID = "X-Request-Id"
_ID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)  # a caller's own id: a UUID, no text

_log = logs.get_logger(__name__)


def register(app: Flask) -> None:
    """Watch over every request of the app."""
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(_forget)


def _begin() -> None:
    given = request.headers.get(REQUEST_ID, "")
    g.request_id = given if _ID.fullmatch(given) else str(uuid.uuid4())
    g.started = time.perf_counter()
    logs.bind(request=g.request_id)
    forget_commits()


def _end(response: Response) -> Response:
    response.headers[REQUEST_ID] = g.request_id
    principal = g.get("principal")
    _log.info(
        "request",
        method=request.method if request.url_rule else "-",
        route=request.url_rule.rule if request.url_rule else "unmatched",
        status=response.status_code,
        ms=round((time.perf_counter() - g.started) * 1000, 1),
        tenant=principal.tenant if principal else None,
    )
    return response


def _forget(_error: BaseException | None) -> None:
    logs.unbind()
