"""``/fhir`` for hosted partners: each works in its own compartment, by the interactions that its role is offered.

The token says who calls. A token of a hosted partner gets its compartment, every other one ``$validate`` only; without
a token there is the CapabilityStatement. What is written is judged in the transaction that stores it
(``partners.networks.Hosting``). The addresses are those of the one table of routes (``fhirserver.routes``).
"""

from flask import Blueprint, Response, g, request

from footbridge.fhirserver import FhirServer
from footbridge.fhirserver.routes import ROUTES
from footbridge.model.principals import Principal
from footbridge.partners.networks import Hosting, has_compartment
from footbridge.referrals.hosted_intake import HostedIntake
from footbridge.referrals.inbound import receive
from footbridge.security import audit
from footbridge.store.partners import Partner, get_partner
from footbridge.web.auth import authenticate_bearer, given_token
from footbridge.web.context import app_context
from footbridge.web.fhir import adapter
from footbridge.web.fhir.audit_refusals import note_refusal
from footbridge.web.fhir.open_address import authenticate_segment, segment_of_request
from footbridge.web.fhir.validate import VALIDATE

OPEN = "metadata"
"""What anybody may ask: https://hl7.org/fhir/R4/http.html#capabilities."""

routes = Blueprint("fhir-compartment", __name__, url_prefix=adapter.BASE)


def authenticate() -> None:
    """Find out who calls; nobody in particular may read the CapabilityStatement. Raises as ``authenticate_bearer``."""
    segment = segment_of_request()
    if segment is not None:
        authenticate_segment(segment)
        return
    if given_token() is None and request.path == f"{adapter.BASE}/{OPEN}":
        return
    authenticate_bearer()


def answer(**_of_address: str) -> Response:
    """Do what is asked for, for the caller; the server reads the address itself."""
    answered = server().handle(adapter.asked())
    if answered.status >= 400:
        note_refusal(answered.status)
    if request.method not in {"GET", "HEAD"} and answered.status < 400:
        app_context().wake()
    return adapter.sent(answered)


def server() -> FhirServer:
    """The server as the caller finds it."""
    context, principal = app_context(), g.get("principal")
    hosting = Hosting(
        context.database,
        context.clock,
        context.validator,
        receive,
        (VALIDATE,),
        HostedIntake(context.intake),
        context.audit,
        context.beside,
    )
    partner = None if principal is None else _hosted(principal)
    if principal is None or partner is None:
        return hosting.of_others(adapter.base_url())
    return hosting.of_partner(principal.tenant, partner, adapter.base_url(), audit.current())


def _hosted(principal: Principal) -> Partner | None:
    """The partner whose system calls, if it has a compartment: its token has the partner's own role."""
    if principal.partner is None:
        return None
    with app_context().database.read() as connection:
        partner = get_partner(connection, principal.tenant, principal.partner)
    return partner if has_compartment(partner) and principal.role == partner.role else None


def _rule(template: str) -> str:
    """An address of the table as Flask writes it."""
    names = {"{type}": "<type_name>", "{id}": "<id>", "{vid}": "<vid>"}
    return "/" + "/".join(names.get(part, part) for part in template.split("/"))


def _register() -> None:
    methods: dict[str, list[str]] = {}
    for route in ROUTES:
        if route.interaction not in {"operation", "delete"}:  # an address for each operation; nobody deletes
            methods.setdefault(route.template, []).append(route.method)
    for template, several in methods.items():
        routes.add_url_rule(
            _rule(template) if template else "", f"fhir:{template}", answer, methods=sorted(set(several))
        )


_register()
adapter.register(routes, authenticate, server)
