"""Refusals of what never becomes a request of the app: problem details, with the headers of every other answer.

Under ``/fhir`` it is an OperationOutcome, as there is no other form of an answer there.

Nothing of what was sent is repeated, for it may name a person.
"""

import re
import uuid
from http import HTTPStatus

import orjson

from footbridge.error_kinds import KINDS, kind_of_status
from footbridge.fhirserver.negotiation import SENT
from footbridge.model.issues import Issue
from footbridge.model.operation_outcome import operation_outcome
from footbridge.uris import own_uri
from footbridge.web.front_doors import DATA_HEADERS
from footbridge.web.middleware import REQUEST_ID
from footbridge.web.responses import PROBLEM_JSON

START = 256
"""Bytes of a request by which its answer is chosen."""
_OF_FHIR = re.compile(rb"[A-Z]{1,16} \S*?/fhir(?:[/? ]|$)")


def refusal(status: int, detail: str, *, retry_after: int | None = None, start: bytes = b"") -> bytes:
    """A whole answer of HTTP/1.1, after which the connection is closed; ``start``: the first bytes of the request."""
    name = kind_of_status(status)
    kind = KINDS[name]
    request = str(uuid.uuid4())
    reason = HTTPStatus(status).phrase
    if _OF_FHIR.match(start):
        issue = Issue(f"request.{name}", "error", kind.issue, f"{kind.title}. {detail}")
        form, body = SENT["json"], operation_outcome((issue,), fault=kind.fault)
    else:
        said = {"type": own_uri(f"problem/{name}"), "title": kind.title, "status": status, "detail": detail}
        form, body = PROBLEM_JSON, said | {"request": request}
    content = orjson.dumps(body)
    headers = {
        "Connection": "close",
        "Content-Type": form,
        "Content-Length": str(len(content)),
        REQUEST_ID: request,
        **({} if retry_after is None else {"Retry-After": str(retry_after)}),
        **DATA_HEADERS,
    }
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1") + content


class ErrorPage:
    """Stands for a client's socket while gunicorn writes its error page, and keeps the status."""

    def __init__(self) -> None:
        self._text = b""

    @property
    def status(self) -> int:
        """Of the page, 400 where there is none."""
        words = self._text.split(b" ", 2)
        return int(words[1]) if len(words) > 1 and words[1].isdigit() else 400

    def sendall(self, data: bytes) -> None:
        """Keep it."""
        self._text += data

    def gettimeout(self) -> float:
        """As a socket that does not block."""
        return 0.0
