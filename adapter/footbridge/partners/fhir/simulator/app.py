"""The HTTP side of a simulated FHIR server: Flask in front of a ``FhirServer``, with faults and quirks on the way."""

import re
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from flask import Flask, Response, g, request
from werkzeug.datastructures import Headers

from footbridge import fhirserver
from footbridge.fhirserver.capability import Identity
from footbridge.fhirserver.offer import everything
from footbridge.fhirserver.outcomes import Refusal, refuse
from footbridge.fhirserver.routes import template_of
from footbridge.model.issues import Issue
from footbridge.partners.fhir.simulator.arrivals import Arrival, arrival_of
from footbridge.partners.fhir.simulator.faults import Fault, Faults, Quirks
from footbridge.partners.fhir.simulator.quirky_store import QuirkyStore
from footbridge.partners.fhir.simulator.token_server import TokenServer
from footbridge.store.resources import ResourceStore
from footbridge.store.search_parameters import resource_types

BASE: Final = "/fhir"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_FRACTION = re.compile(rb'("lastUpdated":\s*"[^".]+)\.\d+')
_LOGIN = Issue("simulator.login", "error", "login", "A valid bearer token is required.")
_SCOPE = Issue("simulator.scope", "error", "forbidden", "The scopes of the access token do not allow this.")
_FAULT = Issue("simulator.fault", "error", "transient", "This request was chosen to fail.")


@dataclass(frozen=True, slots=True)
class RequestLog:
    """One request that came: its method and route, such as ``PUT`` and ``Task/{id}``; the base's route is empty."""

    method: str
    route: str


@dataclass(slots=True)
class Site:
    """What the HTTP side works on. ``store`` are the records themselves, ``answering`` as the quirks show them.

    ``notice`` is called with each request once its answer is known; ``tokens`` gives and verifies access tokens, where
    there is one.
    """

    name: str
    started: datetime
    base_url: str
    store: ResourceStore
    answering: QuirkyStore
    faults: Faults = field(default_factory=Faults)
    quirks: Quirks = field(default_factory=Quirks)
    notice: Callable[[Arrival], None] | None = None
    tokens: TokenServer | None = None
    noted: list[RequestLog] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)


def build_app(site: Site) -> Flask:
    """The Flask application of one simulated server."""
    app = Flask(__name__, static_folder=None)
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.url_map.merge_slashes = False

    @app.route(BASE, defaults={"path": ""}, methods=METHODS, strict_slashes=False)
    @app.route(f"{BASE}/<path:path>", methods=METHODS)
    def answer(path: str) -> Response:
        asked = _asked(site, path)
        site.noted.append(RequestLog(asked.method, template_of(path)))
        g.fault = site.faults.take(asked.method, template_of(path))
        answered = _struck(site, asked, g.fault) or _of_tokens(site, asked) or _server(site).handle(asked)
        if site.notice is not None:
            site.notice(arrival_of(asked, answered, g.fault))
        return _sent(site, answered)

    app.after_request(_dropped)
    return app


def _server(site: Site) -> fhirserver.FhirServer:
    """The server, as its quirks leave it."""
    offer = everything(resource_types(), without=() if site.quirks.conditional_create else ("conditional-create",))
    identity = Identity(f"Footbridge simulator {site.name}", site.started)
    return fhirserver.FhirServer(offer, site.base_url, site.answering, identity=identity)


def _asked(site: Site, path: str) -> fhirserver.Request:
    headers = Headers(request.headers)
    if not site.quirks.conditional_create:
        headers.remove("If-None-Exist")
    query = tuple(request.args.items(multi=True))
    return fhirserver.Request(request.method, path, query, headers, request.get_data())


def _struck(site: Site, asked: fhirserver.Request, fault: Fault | None) -> fhirserver.Response | None:
    """The answer of what goes wrong before a request takes effect."""
    if fault is not None and fault.delay:
        site.stopping.wait(fault.delay)
    if fault is not None and fault.status is not None:
        headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
        return refuse(asked, Refusal(fault.status, (_FAULT,), headers))
    token = site.quirks.token
    if token is not None and asked.path != "metadata" and asked.header("Authorization") != f"Bearer {token}":
        return refuse(asked, Refusal(401, (_LOGIN,), {"WWW-Authenticate": "Bearer"}))
    return None


def _of_tokens(site: Site, asked: fhirserver.Request) -> fhirserver.Response | None:
    """The answer of the token endpoint, or the refusal of a request whose token does not allow it."""
    if site.tokens is None:
        return None
    status = site.tokens.refusal(asked)
    if status is None:
        return site.tokens.handle(asked, site.base_url)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return refuse(asked, Refusal(status, (_LOGIN if status == 401 else _SCOPE,), headers))


def _sent(site: Site, answer: fhirserver.Response) -> Response:
    """The answer, less what goes wrong with it on its way."""
    body = _FRACTION.sub(rb"\1", answer.body) if site.quirks.whole_seconds else answer.body
    if g.fault is not None and g.fault.truncate:
        body = body[: len(body) // 2]
    response = Response(body, answer.status, dict(answer.headers))
    if "Content-Type" not in answer.headers:  # Flask gives an empty body a type too
        del response.headers["Content-Type"]
    return response


def _dropped(response: Response) -> Response:
    """Close the connection in place of an answer, where a fault says so."""
    fault = g.get("fault")
    if fault is not None and fault.drop:
        with suppress(OSError):  # the client may have gone before
            request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    return response
