"""The HTTP side of a simulated FHIR server: routes over a ResourceStore, with faults and quirks on the way.

One function an interaction of https://hl7.org/fhir/R4/http.html. Every request is noted by method and route.
"""

import re
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from flask import Flask, Response, g, request

from footbridge.model.clock import Clock
from footbridge.partners.fhir.references import creation_order, rewritten
from footbridge.partners.fhir.server import Resource
from footbridge.partners.fhir.simulator.faults import Faults, Quirks
from footbridge.partners.fhir.simulator.statement import capability_statement
from footbridge.store.exact_json import dumps, loads
from footbridge.store.interaction_errors import (
    InteractionError,
    InvalidRequest,
    PreconditionFailed,
    issue_of,
    operation_outcome,
)
from footbridge.store.interactions.preconditions import Written
from footbridge.store.resource_rows import Stored
from footbridge.store.resources import ResourceStore

BASE: Final = "/fhir"
FHIR_JSON: Final = "application/fhir+json"
_FRACTION = re.compile(rb'("lastUpdated":\s*"[^".]+)\.\d+')
_PLACES = {"id_": "{id}", "vid": "{vid}"}


@dataclass(frozen=True, slots=True)
class RequestLog:
    """One request that came: its method and route, such as ``PUT`` and ``Task/{id}``; the base's route is empty."""

    method: str
    route: str


@dataclass(slots=True)
class Site:
    """What the HTTP side works on."""

    name: str
    clock: Clock
    store: ResourceStore
    faults: Faults = field(default_factory=Faults)
    quirks: Quirks = field(default_factory=Quirks)
    noted: list[RequestLog] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)


def build_app(site: Site) -> Flask:
    """The Flask application of one simulated server."""
    app = Flask(__name__)
    app.before_request(lambda: _meet(site))
    app.after_request(lambda response: _part(site, response))
    app.register_error_handler(InteractionError, lambda error: _refused(error, error.status))
    _add_server_routes(app, site)
    _add_type_routes(app, site)
    _add_instance_routes(app, site)
    return app


def _add_server_routes(app: Flask, site: Site) -> None:
    @app.get(f"{BASE}/metadata", endpoint="metadata")
    def metadata() -> Response:
        return _json(capability_statement(site.name, site.quirks, site.clock))

    @app.post(BASE, endpoint="", strict_slashes=False)
    def bundle() -> Response:
        return _json(_answer_bundle(site, _body()))


def _add_type_routes(app: Flask, site: Site) -> None:
    @app.get(f"{BASE}/<type_>", endpoint="search")
    def search(type_: str) -> Response:
        return _json(_searchset(site, type_, list(request.args.items(multi=True))))

    @app.post(f"{BASE}/<type_>/_search", endpoint="post search")
    def post_search(type_: str) -> Response:
        query = [*request.args.items(multi=True), *request.form.items(multi=True)]
        return _json(_searchset(site, type_, query))

    @app.post(f"{BASE}/<type_>", endpoint="create")
    def create(type_: str) -> Response:
        condition = request.headers.get("If-None-Exist") if site.quirks.conditional_create else None
        return _written(site.store.create(type_, _body(), if_none_exist=condition))


def _add_instance_routes(app: Flask, site: Site) -> None:
    @app.get(f"{BASE}/<type_>/<id_>", endpoint="read")
    def read(type_: str, id_: str) -> Response:
        return _one(site.store.read(type_, id_))

    @app.get(f"{BASE}/<type_>/<id_>/_history", endpoint="history")
    def history(type_: str, id_: str) -> Response:
        return _json(site.store.history_bundle(type_, id_))

    @app.get(f"{BASE}/<type_>/<id_>/_history/<vid>", endpoint="vread")
    def vread(type_: str, id_: str, vid: str) -> Response:
        return _one(site.store.vread(type_, id_, vid))

    @app.put(f"{BASE}/<type_>/<id_>", endpoint="update")
    def update(type_: str, id_: str) -> Response:
        try:
            return _written(site.store.update(type_, id_, _body(), if_match=request.headers.get("If-Match")))
        except PreconditionFailed as error:
            return _refused(error, site.quirks.stale_status)

    @app.delete(f"{BASE}/<type_>/<id_>", endpoint="delete")
    def delete(type_: str, id_: str) -> Response:
        site.store.delete(type_, id_, if_match=request.headers.get("If-Match"))
        return Response(status=204)


def _meet(site: Site) -> Response | None:
    """Note a request, and let what is to go wrong before it go wrong."""
    route = _route(request.view_args)
    site.noted.append(RequestLog(request.method, route))
    g.fault = fault = site.faults.take(request.method, route)
    if fault is not None and fault.delay:
        site.stopping.wait(fault.delay)
    if fault is not None and fault.status is not None:
        answer = _json(_outcome("transient"), fault.status)
        if fault.retry_after is not None:
            answer.headers["Retry-After"] = str(fault.retry_after)
        return answer
    wanted = site.quirks.token
    if wanted is not None and route != "metadata" and request.headers.get("Authorization") != f"Bearer {wanted}":
        return _json(_outcome("login"), 401)
    return None


def _part(site: Site, response: Response) -> Response:
    """Let what is to go wrong after a request go wrong with its answer."""
    if site.quirks.whole_seconds:
        response.set_data(_FRACTION.sub(rb"\1", response.get_data()))
    fault = g.get("fault")
    if fault is not None and fault.truncate:
        response.set_data(response.get_data()[: len(response.get_data()) // 2])
    if fault is not None and fault.drop:
        with suppress(OSError):  # the client may have gone before
            request.environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    return response


def _route(arguments: Mapping[str, Any] | None) -> str:
    """The path under the base as a template: ``Task/{id}``."""
    path = request.path.removeprefix(BASE).strip("/")
    parts = path.split("/")
    values = {value: _PLACES[name] for name, value in (arguments or {}).items() if name in _PLACES}
    return "/".join([parts[0], *(values.get(part, part) for part in parts[1:])])


def _answer_bundle(site: Site, bundle: Resource) -> Resource:
    if not site.quirks.conditional_create:
        bundle = {**bundle, "entry": [_unconditional(entry) for entry in bundle.get("entry", [])]}
    if bundle.get("type") == "batch":
        return site.store.batch(bundle)
    answer = site.store.transaction(bundle) if site.quirks.rollback else _without_rollback(site, bundle)
    if not site.quirks.locations:
        for entry in answer["entry"]:
            entry["response"].pop("location", None)
    return answer


def _unconditional(entry: Resource) -> Resource:
    return {**entry, "request": {name: value for name, value in entry["request"].items() if name != "ifNoneExist"}}


def _without_rollback(site: Site, bundle: Resource) -> Resource:
    """Each entry by itself, after those that it refers to; failures stay in their entries."""
    answers: dict[str, Resource] = {}
    places: dict[str, str] = {}
    for entry in creation_order(bundle["entry"]):
        single = {**entry, "resource": rewritten(entry["resource"], places)}
        answer = site.store.batch({"resourceType": "Bundle", "type": "batch", "entry": [single]})["entry"][0]
        answers[entry["fullUrl"]] = answer
        if "location" in answer["response"]:
            place = answer["response"]["location"].partition("/_history/")[0]
            places[entry["fullUrl"]] = "/".join(place.split("/")[-2:])
    ordered = [answers[entry["fullUrl"]] for entry in bundle["entry"]]
    return {"resourceType": "Bundle", "type": "transaction-response", "entry": ordered}


def _searchset(site: Site, type_: str, query: list[tuple[str, str]]) -> Resource:
    if not site.quirks.sorting:
        query = [*((name, value) for name, value in query if name != "_sort"), ("_sort", "-_lastUpdated")]
    page = site.store.search(type_, query).bundle()
    if not site.quirks.paging:
        page["link"] = [link for link in page["link"] if link["relation"] != "next"]
    return page


def _body() -> Resource:
    try:
        body = loads(request.get_data())
    except (ValueError, RecursionError):
        raise InvalidRequest("The body is not JSON.") from None
    if not isinstance(body, dict):
        raise InvalidRequest("The body is not a resource.")
    return body


def _one(found: Stored) -> Response:
    return _stamped(Response(found.body, mimetype=FHIR_JSON), found)


def _written(written: Written) -> Response:
    found = written.stored
    if found is None:
        return Response(status=written.status)
    response = Response(found.body, status=written.status, mimetype=FHIR_JSON)
    response.headers["Location"] = f"{request.host_url.rstrip('/')}{BASE}/{written.location}"
    return _stamped(response, found)


def _stamped(response: Response, found: Stored) -> Response:
    response.headers["ETag"] = found.etag
    response.last_modified = found.last_updated
    return response


def _refused(error: InteractionError, status: int) -> Response:
    return _json(operation_outcome([issue_of(error)]), status)


def _outcome(code: str) -> Resource:
    return {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": code}]}


def _json(body: Resource, status: int = 200) -> Response:
    return Response(dumps(body), status=status, mimetype=FHIR_JSON)
