"""What is neither a read nor a write of a resource: operations, and what the server declares of itself."""

from footbridge.fhirserver.call import Call
from footbridge.fhirserver.message import Response, refuse_others
from footbridge.fhirserver.offer import OperationCall
from footbridge.i18n import _
from footbridge.store.interaction_errors import NotFound, NotSupported

STATEMENTS = {"full", "normative"}


def capabilities(call: Call) -> Response:
    """The CapabilityStatement; ``mode=normative`` gets the full one too, as a server may answer.

    https://hl7.org/fhir/R4/http.html#capabilities
    """
    refuse_others(call.request.query, ("mode",))
    if not {value for name, value in call.request.query if name == "mode"} <= STATEMENTS:
        raise NotSupported(_("The parameter mode takes full or normative here."))
    return call.answer(call.statement())


def operation(call: Call) -> Response:
    """Run an operation (https://hl7.org/fhir/R4/operations.html); its executor was handed in with the offer."""
    found = call.offer.operation(call.target.values["operation"], call.target.type)
    if found is None:
        raise NotFound(_("This operation is not supported here."))
    return call.answer(found.run(OperationCall(call.request, call.target.type)))
