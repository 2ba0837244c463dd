"""Around every request: its id, its one line in the log, how long it may wait for the database, its prefix.

The line names the route's template, never the path, the query or a body: those may hold a person's data. Every other
line that is written meanwhile has the request's id and, once it is known who calls, the tenant. Probes are logged at
the level debug, and of failed authentication only some lines a minute.

Behind a proxy that serves us under a path (nginx: ``location /footbridge/``), the addresses in Location and Link begin
with that path: of the setting FOOTBRIDGE_PUBLIC_URL, else of the header X-Forwarded-Prefix
(https://doc.traefik.io/traefik/middlewares/http/stripprefix/). A client that makes that header up misleads itself.
"""

import re
import time
import uuid
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, g, request

from footbridge import logs, metrics, traces
from footbridge.i18n import _
from footbridge.settings import settings
from footbridge.store.engine import forget_commits
from footbridge.store.patience import limit_waits, seconds_used
from footbridge.web.errors import Problem
from footbridge.web.rate_limits import LineLimit

REQUEST_ID = "X-Request-Id"
_ID = re.compile(r"[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)  # a caller's own id: a UUID, no text
_PROBES = {"/healthz", "/readyz", "/metrics"}
_PREFIX = re.compile(r"(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+")
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+;=%-]+)(:[0-9]*)?")
_FAILED = {401, 429}

_log = logs.get_logger(__name__)


def register(app: Flask) -> None:
    """Watch over every request of the app."""
    lines = LineLimit()

    def end(response: Response) -> Response:
        return _end(response, lines)

    app.before_request(_begin)
    app.before_request(_refuse_odd_addresses)
    app.after_request(end)
    app.after_request(_add_prefix)
    app.teardown_request(_forget)


def _begin() -> None:
    given = request.headers.get(REQUEST_ID, "")
    g.request_id = given if _ID.fullmatch(given) else str(uuid.uuid4())
    g.started = time.perf_counter()
    if request.url_rule is None or request.url_rule.rule not in _PROBES:
        g.traced = traces.request(request.headers.get("traceparent"))
        g.traced.__enter__()
    logs.bind(request=g.request_id, trace=traces.current_trace())
    forget_commits()
    limit_waits(settings().database_wait_seconds)


def _refuse_odd_addresses() -> None:
    """Refuse what a proxy and we could read differently: two slashes at the start, no Host, or an odd one.

    Host: https://www.rfc-editor.org/rfc/rfc9112#section-3.2.
    """
    host = request.environ.get("HTTP_HOST")
    if host is None and request.environ.get("SERVER_PROTOCOL") == "HTTP/1.1":
        raise Problem("bad-request", _("A request of HTTP/1.1 has the header Host."))
    if host and not _HOST.fullmatch(host):
        raise Problem("bad-request", _("The header Host is not valid."))
    if str(request.environ.get("PATH_INFO", "")).startswith("//"):  # which Werkzeug would take for one
        raise Problem("not-found", _("Nothing is at this address."))


def _end(response: Response, lines: LineLimit) -> Response:
    response.headers[REQUEST_ID] = g.request_id
    principal = g.get("principal")
    facts: dict[str, Any] = {
        "method": request.method if request.url_rule else "-",
        "route": request.url_rule.rule if request.url_rule else "unmatched",
        "status": response.status_code,
        "ms": round((time.perf_counter() - g.started) * 1000, 1),
        "tenant": principal.tenant if principal else None,
    }
    _count(facts["method"], facts["route"], response.status_code)
    if "traced" in g:
        known = {name: facts[name] for name in ("method", "route", "status", "tenant")}
        traces.answered(**known, request=g.request_id, waited=round(seconds_used(), 4))
    if response.status_code in _FAILED:
        unlogged = lines.take(request.remote_addr)
        if unlogged is None:
            return response
        facts |= {"unlogged": unlogged} if unlogged else {}
    is_probe = facts["route"] in _PROBES and response.status_code == 200
    (_log.debug if is_probe else _log.info)("request", **facts)
    return response


def _count(method: str, route: str, status: int) -> None:
    counted = metrics.enabled()
    if counted is not None:
        counted.request(method, route, status, time.perf_counter() - g.started)
        counted.database_wait(seconds_used())


def _add_prefix(response: Response) -> Response:
    """Let our addresses begin with the path that the proxy took away."""
    if "Location" not in response.headers and "Link" not in response.headers:
        return response
    before = prefix()
    location, link = response.headers.get("Location", ""), response.headers.get("Link", "")
    if before and location.startswith("/"):
        response.headers["Location"] = before + location
    if before and link.startswith("</"):
        response.headers["Link"] = f"<{before}{link.removeprefix('<')}"
    return response


def prefix() -> str:
    """The path under which a proxy serves us; empty where it serves us at its root."""
    url = settings().public_url
    if url is not None:
        return urlsplit(url).path.rstrip("/")
    given = request.headers.get("X-Forwarded-Prefix", "").rstrip("/")
    return given if _PREFIX.fullmatch(given) else ""


def _forget(_error: BaseException | None) -> None:
    if (traced := g.pop("traced", None)) is not None:
        traced.__exit__(None, None, None)
    logs.unbind()
    limit_waits(None)
