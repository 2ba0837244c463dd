"""A FHIR server: a request value comes in, and whatever it holds, a response value goes out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from footbridge.errors import FootbridgeError
from footbridge.fhirserver import reading, writing
from footbridge.fhirserver.bundles import bundle
from footbridge.fhirserver.call import Call
from footbridge.fhirserver.capability import Identity, capability_statement
from footbridge.fhirserver.message import Request, Response
from footbridge.fhirserver.negotiation import wanted_form
from footbridge.fhirserver.offer import Interaction, Offer
from footbridge.fhirserver.operations import capabilities, operation
from footbridge.fhirserver.outcomes import refusal_of, refuse
from footbridge.fhirserver.preferences import read_preferences
from footbridge.fhirserver.routes import resolve
from footbridge.fhirserver.searching import search
from footbridge.fhirserver.write_policy import Inspect, OfferPolicy, WritePolicy
from footbridge.store.resources import ResourceStore

HANDLERS: Mapping[Interaction, Callable[[Call], Response]] = {
    "capabilities": capabilities,
    "transaction": bundle,
    "batch": bundle,
    "operation": operation,
    "search-type": search,
    "create": writing.create,
    "conditional-update": writing.conditional_update,
    "read": reading.read,
    "update": writing.update,
    "delete": writing.delete,
    "history-instance": reading.history,
    "vread": reading.vread,
}
"""What does each interaction of the table of routes."""

_IDENTITY = Identity("Footbridge", datetime(2026, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class FhirServer:
    """One configuration of the server; cheap to make, so that a request can have one of its own.

    Attributes:
        offer: what it has.
        base_url: where it is; written into Location, and into the CapabilityStatement.
        store: the resources; None for a server of operations only.
        policy: judges every write.
        identity: how it names itself.
        inspect: checks every resource that is to be stored, before a transaction is open.
    """

    offer: Offer
    base_url: str
    store: ResourceStore | None = None
    policy: WritePolicy | None = None
    identity: Identity = _IDENTITY
    inspect: Inspect | None = None

    def handle(self, request: Request) -> Response:
        """Do what a request asks for. Never raises for what is in a request: a refusal is an OperationOutcome.

        Raises what is an error of ours or of the database, with nothing stored that the request asked for; ``failed``
        makes the answer to it.
        """
        try:
            response = self._answer(request)
        except FootbridgeError as error:
            refusal = refusal_of(error)
            if refusal.status == 500:
                raise
            response = refuse(request, refusal)
        if request.method != "HEAD":
            return response
        headers = {**response.headers, "Content-Length": str(len(response.body))}
        return replace(response, headers=headers, body=b"")

    def failed(self, request: Request, error: Exception) -> Response:
        """The answer in place of what an adapter could not do: an OperationOutcome with the status of this error."""
        return refuse(request, refusal_of(error))

    def _answer(self, request: Request) -> Response:
        form = wanted_form(request)
        target = resolve(self.offer, request.method, request.path)
        call = Call(
            request=request,
            target=target,
            offer=self.offer,
            resources=None if self.store is None else self.store.under(OfferPolicy(self.offer, self.policy)),
            base_url=self.base_url.rstrip("/"),
            form=form,
            preferences=read_preferences(request),
            statement=lambda: capability_statement(self.offer, self.identity, self.base_url),
            inspect=self.inspect,
        )
        return HANDLERS[target.route.interaction](call)
