"""Asks a FHIR server with values, no HTTP, and checks that whatever comes back is FHIR that conforms."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.datastructures import Headers

from footbridge.fhirserver import FhirServer, Request, Response
from footbridge.fhirserver.bodies import write_resource
from footbridge.store.exact_json import loads
from footbridge.validation import Validator

BASE = "https://fhir.north.test/r4"
TYPES = ("Patient", "Task", "Organization", "Procedure")
TASK = {"resourceType": "Task", "status": "requested", "intent": "order"}
JSON = "application/fhir+json"
XML = "application/fhir+xml"


@dataclass
class Answer:
    """A response, with its resource."""

    response: Response

    @property
    def status(self) -> int:
        return self.response.status

    @property
    def headers(self) -> Any:
        return self.response.headers

    @property
    def text(self) -> str:
        return self.response.body.decode()

    @property
    def json(self) -> Any:
        return loads(self.response.body)

    @property
    def issue(self) -> Any:
        """The first issue of an OperationOutcome."""
        assert self.json["resourceType"] == "OperationOutcome"
        return self.json["issue"][0]


@dataclass
class Client:
    """Asks a server, and checks that whatever comes back is a resource that conforms, or empty."""

    server: FhirServer

    def __call__(self, method: str, url: str, body: Any = None, **headers: str) -> Answer:
        path, _, query = url.partition("?")
        sent = Headers([(name.replace("_", "-"), value) for name, value in headers.items()])
        if isinstance(body, dict):
            body = write_resource(body, "xml" if "xml" in sent.get("Content-Type", "") else "json")
        pairs = tuple(parse_qsl(query, keep_blank_values=True))
        response = self.server.handle(Request(method, path, pairs, sent, body or b""))
        check_conformant(response)
        return Answer(response)


def check_conformant(response: Response) -> None:
    """An answer is empty, or a resource that conforms in the form that its Content-Type names."""
    if not response.body:
        return
    assert response.headers["Content-Type"] in {JSON, XML}
    assert response.body.startswith(b"<" if response.headers["Content-Type"] == XML else b"{")
    found = Validator().check_text(response.body)
    assert found.valid, (response.body, found.issues)
