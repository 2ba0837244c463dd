"""One request on its way: what the interactions get, and the responses that they have in common."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.http import http_date

from footbridge.fhirserver.bodies import write_resource, write_stored
from footbridge.fhirserver.message import Request, Response
from footbridge.fhirserver.negotiation import SENT, Form
from footbridge.fhirserver.offer import Offer
from footbridge.fhirserver.preferences import Preferences
from footbridge.fhirserver.routes import Target
from footbridge.fhirserver.subsetting import Subset
from footbridge.fhirserver.write_policy import Inspect
from footbridge.store.resources import ResourceStore
from footbridge.store.stored import Stored


@dataclass(frozen=True, slots=True)
class Call:
    """A request that was routed.

    Attributes:
        resources: what it works on, with the write policy of the server in it.
        form: of the answer.
        statement: makes the server's CapabilityStatement.
        inspect: checks what is to be stored; None: nothing does.
    """

    request: Request
    target: Target
    offer: Offer
    resources: ResourceStore | None
    base_url: str
    form: Form
    preferences: Preferences
    statement: Callable[[], dict[str, Any]]
    inspect: Inspect | None = None

    @property
    def store(self) -> ResourceStore:
        """The resources; a server that offers nothing that needs them may have none."""
        if self.resources is None:
            raise ValueError("this server has no resources")
        return self.resources

    @property
    def type(self) -> str:
        """The resource type of the address."""
        return self.target.values["type"]

    @property
    def id(self) -> str:
        """The id of the address."""
        return self.target.values["id"]

    def answer(
        self, resource: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
    ) -> Response:
        """A resource as the answer; an empty list at its top is left out, since FHIR has none."""
        shown = {name: value for name, value in resource.items() if value != []}
        return self._response(write_resource(shown, self.form), status, headers)

    def answer_stored(self, found: Stored, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        """A version of a resource as the answer, or the part of it that the query asks for."""
        place = {"Content-Location": self.url_of(found)}
        subset = Subset(self.request.query)
        body = (
            write_stored(found, self.form) if subset.is_whole else write_resource(subset.of(found.resource), self.form)
        )
        return self._response(body, status, {**stamps(found), **place, **(headers or {})})

    def url_of(self, found: Stored) -> str:
        """The address of this version."""
        return f"{self.base_url}/{found.reference}/_history/{found.version}"

    def _response(self, body: bytes, status: int, headers: Mapping[str, str] | None) -> Response:
        return Response(status, {"Content-Type": SENT[self.form], "Vary": "Accept", **(headers or {})}, body)


def stamps(found: Stored) -> dict[str, str]:
    """ETag and Last-Modified of a version (https://hl7.org/fhir/R4/http.html#versioning)."""
    return {"ETag": found.etag, "Last-Modified": http_date(found.last_updated)}
