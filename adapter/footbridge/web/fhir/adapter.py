"""Flask on one side, ``fhirserver`` on the other: requests and responses from the one's values to the other's.

What the server itself cannot answer, because Flask or the authentication refused it first, is shown as an
OperationOutcome by ``problem_outcome``: so every answer under ``/fhir`` is FHIR. Bodies may be compressed with gzip,
both ways.
"""

import gzip
import zlib
from collections.abc import Callable

from flask import Blueprint, Response, request
from werkzeug.datastructures import Headers

from footbridge.fhirserver import FhirServer, Request
from footbridge.fhirserver.message import Response as FhirResponse
from footbridge.fhirserver.outcomes import Refusal, refuse
from footbridge.i18n import _
from footbridge.model.issues import Issue
from footbridge.settings import settings
from footbridge.web.errors import Problem
from footbridge.web.middleware import prefix
from footbridge.web.request_body import read_body

BASE = "/fhir"
WORTH = 860  # bytes from which a body is compressed; a smaller one fits into a packet anyway
_GZIP = 31  # window bits of zlib for gzip: https://docs.python.org/3/library/zlib.html#zlib.decompressobj


def register(routes: Blueprint, authenticate: Callable[[], None], server: Callable[[], FhirServer]) -> None:
    """Let the caller's server answer what has no route of Flask under its base."""

    def unrouted() -> Response | None:
        if request.routing_exception is None or not f"{request.path}/".startswith(f"{BASE}/"):
            return None
        authenticate()
        return sent(server().handle(asked()))

    routes.before_app_request(unrouted)


def base_url() -> str:
    """The address of ``/fhir`` as the caller reaches it: of the setting ``public_url``, else of the request.

    The root of the script is the segment of a partner without a token (``open_address``).
    """
    public = settings().public_url
    if public is not None:
        return f"{public.rstrip('/')}{request.script_root}{BASE}"
    return f"{request.host_url.rstrip('/')}{prefix()}{request.script_root}{BASE}"


def problem_outcome(problem: Problem) -> Response:
    """A refusal as an OperationOutcome, in the form that the caller wants."""
    kind = problem.kind
    issue = Issue(
        f"request.{problem.name}", "error", kind.issue, _("{title}. {detail}", title=kind.title, detail=problem.detail)
    )
    status = kind.fhir_status if kind.fhir_status and problem.status == kind.status else problem.status
    return sent(refuse(asked(with_body=False), Refusal(status, (issue,), problem.headers, kind.fault)))


def asked(*, with_body: bool = True) -> Request:
    """The request that Flask is answering. Raises Problem ``too-large`` or ``malformed`` for its body."""
    path = request.path.removeprefix(BASE).removeprefix("/")
    headers, body = Headers(request.headers), read_body() if with_body else b""
    if body and headers.get("Content-Encoding", "").lower() in {"gzip", "x-gzip"}:
        headers.remove("Content-Encoding")
        body = _decompressed(body)
    return Request(request.method, path, tuple(request.args.items(multi=True)), headers, body)


def sent(answer: FhirResponse) -> Response:
    """A response for Flask to send, compressed where the caller takes that."""
    headers, body = dict(answer.headers), answer.body
    if len(body) >= WORTH:
        headers["Vary"] = ", ".join(filter(None, (headers.get("Vary"), "Accept-Encoding")))
        if request.accept_encodings.quality("gzip") > 0:
            body = gzip.compress(body, compresslevel=5, mtime=0)
            headers["Content-Encoding"] = "gzip"
    response = Response(body, answer.status, headers)
    if "Content-Type" not in answer.headers:  # Flask gives an empty body a type too
        del response.headers["Content-Type"]
    return response


def _decompressed(body: bytes) -> bytes:
    """The body without gzip, which may not grow beyond the limit of a body."""
    most = request.max_content_length
    stream = zlib.decompressobj(wbits=_GZIP)
    try:
        plain = stream.decompress(body, 0 if most is None else most + 1)
    except zlib.error:
        raise Problem("malformed", _("The body is not valid gzip.")) from None
    if most is not None and len(plain) > most:
        raise Problem("too-large", _("The body is larger than the limit of {most} bytes.", most=most))
    if not stream.eof or stream.unused_data:
        raise Problem("malformed", _("The body is not valid gzip."))
    return plain
