"""The partners of the tenant: add one, test it, make a token, which is shown once.

``partner_changes`` changes and removes one.
"""

from typing import Any

from flask import Blueprint, Response, request

from footbridge.errors import ConfigurationError, ConflictError, FootbridgeError, NotFoundError
from footbridge.i18n import _, spoken
from footbridge.model.principals import Principal
from footbridge.partners.networks import Networks, Surroundings
from footbridge.referrals.onboarding import register_partner
from footbridge.security.access import require
from footbridge.security.shown_once import AGAIN
from footbridge.settings import settings
from footbridge.store.partners import Partner, Role, get_partner, list_partners
from footbridge.store.tenants import make_token_of, recent_token
from footbridge.web.context import app_context
from footbridge.web.portal import door
from footbridge.web.portal.admin.forms_of import field, typed
from footbridge.web.portal.forms import Field
from footbridge.web.portal.pages import page

PATH = "/portal/admin/partners"
ONE = f"{PATH}/<name>"
HOSTED = "hosted"

routes = Blueprint("admin_partners", __name__)


@routes.get(PATH)
def show() -> Response:
    """All of them, and the form for a new one."""
    require(door.signed_in().principal, "partners.manage")
    return _page(_fields(), None)


@routes.post(PATH)
def add() -> Response:
    """Add a partner; one that works on our server gets a token."""
    me = door.signed_in()
    require(me.principal, "partners.manage")
    fields = _fields()
    said = typed(fields)
    here, now = app_context(), app_context().clock.now()
    network = "fhir" if said["base_url"] else HOSTED
    role: Role = "requester" if said["partner_role"] == "requester" else "recipient"
    title = said["title"] or said["partner_name"]
    partner = Partner(said["partner_name"], network, role, title, said["base_url"])
    whose, secret = Principal(role, partner.name, name=title, tenant=me.user.tenant), _secret(partner.name)
    try:
        if door.only_speaks():
            return _page(fields, None)
        with here.database.write() as connection:
            added = register_partner(connection, me.user.tenant, partner, now)
            if network == HOSTED:
                make_token_of(connection, whose, secret, now)
    except (ConfigurationError, ConflictError, NotFoundError) as error:
        token = _shown_again(whose, secret)  # the click came twice: the first one made it
        if token is not None and (known := theirs(partner.name)).title == title:
            return one_page(known, token=token)
        return _page(fields, spoken(str(error)))
    here.wake()
    return one_page(added, token=_shown_again(whose, secret))


@routes.get(ONE)
def edit(name: str) -> Response:
    """One partner."""
    return one_page(theirs(name))


@routes.post(f"{ONE}/token")
def token(name: str) -> Response:
    """Make another token of a partner that works on our server."""
    partner = theirs(name)
    if partner.network != HOSTED:
        raise ConflictError(
            _("{name} has a server of its own; a token is for a partner of the network hosted.", name=name)
        )
    tenant = door.signed_in().user.tenant
    whose = Principal(partner.role, partner.name, name=partner.title, tenant=tenant)
    secret, here = _secret(partner.name), app_context()
    if not door.only_speaks():
        with here.database.write() as connection:
            make_token_of(connection, whose, secret, here.clock.now())
    made = _shown_again(whose, secret)
    problem = None if made is not None else spoken(_("This token is not shown any more: make another one."))
    return one_page(partner, token=made, problem=problem)


@routes.post(f"{ONE}/test")
def test(name: str) -> Response:
    """Ask a partner what it is, and show what it said."""
    partner, here = theirs(name), app_context()
    networks = Networks(Surroundings(here.database, here.clock, here.validator))
    try:
        answer = networks.of(door.signed_in().user.tenant, partner).test()
    except FootbridgeError as error:
        return one_page(partner, problem=spoken(str(error)))
    problem = answer.problem or (None if answer.reachable else spoken(_("It cannot be reached.")))
    return one_page(partner, tested=True, problem=None if problem is None else spoken(problem))


def _secret(name: str) -> str:
    """The secret of a partner's token: of one form the same, so that a second click shows what the first one made."""
    return door.secret_of_form(f"token/{name}")


def _shown_again(whose: Principal, secret: str) -> str | None:
    here = app_context()
    with here.database.read() as connection:
        return recent_token(connection, whose, secret, here.clock.now() - AGAIN)


def theirs(name: str) -> Partner:
    """A partner of the same tenant. Raises ForbiddenError, NotFoundError."""
    me = door.signed_in()
    require(me.principal, "partners.manage")
    with app_context().database.read() as connection:
        return get_partner(connection, me.user.tenant, name)


def _fields() -> list[Field]:
    roles = [
        ("recipient", spoken(_("Recipient: a service that takes referrals"))),
        ("requester", spoken(_("Requester: a system that prescriptions come from"))),
    ]
    return [
        field("partner_name", "line", spoken(_("Short name: small letters, digits, hyphens"))),
        field("title", "line", spoken(_("Name of the organization"))),
        field("partner_role", "select", spoken(_("Role")), roles, "recipient"),
        field("base_url", "line", spoken(_("Address of its FHIR server (empty: it works on ours)"))),
    ]


def _page(fields: list[Field], problem: str | None) -> Response:
    with app_context().database.read() as connection:
        partners = list_partners(connection, door.signed_in().user.tenant)
    return page("admin_partners.html", 422 if problem else 200, partners=partners, fields=fields, problem=problem)


def one_page(
    partner: Partner, *, token: str | None = None, tested: bool = False, problem: str | None = None
) -> Response:
    """The page of one partner, with what was just done."""
    ours = f"{settings().public_url or ''}/fhir"
    told: dict[str, Any] = {"token": token, "tested": tested, "problem": problem, "key": request.form.get(door.KEY, "")}
    return page("admin_partner.html", partner=partner, ours=ours, hosted=HOSTED, **told)
