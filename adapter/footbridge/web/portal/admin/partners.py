"""The partners of the tenant: add one of any network, test it, make a token, which is shown once.

``partner_form`` says what is wrong at which field; ``partner_changes`` changes and removes one; ``partner_ways`` has
what is given to a letter service or an Ocean site.
"""

from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy import Connection

from footbridge.errors import ConfigurationError, ConflictError, FootbridgeError, NotFoundError
from footbridge.i18n import _, spoken
from footbridge.model.principals import Principal
from footbridge.partners.networks import Networks, Surroundings, has_compartment
from footbridge.referrals.onboarding import register_partner
from footbridge.security.access import require
from footbridge.security.shown_once import AGAIN
from footbridge.settings import settings
from footbridge.store import letters
from footbridge.store.credentials import SMART
from footbridge.store.ocean_sites import SECRET_PREFIX, Site, get_site, is_secret, listings_of, set_site
from footbridge.store.partners import Partner, get_partner, list_partners
from footbridge.store.smart_servers import SmartServer, get_smart_server, set_smart_server
from footbridge.store.tenants import make_token_of, recent_token
from footbridge.web.context import app_context
from footbridge.web.portal import door
from footbridge.web.portal.admin.forms_of import typed
from footbridge.web.portal.admin.partner_fields import ADDRESSES, FHIR, LETTER, OCEAN, fields_of_new
from footbridge.web.portal.admin.partner_form import Wanted, must_fit, wanted
from footbridge.web.portal.forms import Field, by_name
from footbridge.web.portal.pages import page

PATH = "/portal/admin/partners"
ONE = f"{PATH}/<name>"

routes = Blueprint("admin_partners", __name__)


@routes.get(PATH)
def show() -> Response:
    """All of them, and the form for a new one."""
    require(door.signed_in().principal, "partners.manage")
    return _page(fields_of_new())


@routes.post(PATH)
def add() -> Response:
    """Add a partner; one that works on our server gets a token, an Ocean site its credentials: each shown once."""
    me = door.signed_in()
    require(me.principal, "partners.manage")
    fields = fields_of_new()
    said = typed(fields)
    if door.only_speaks():
        return _page(fields)
    if not must_fit(fields, said, said["network"]):
        return _page(fields)
    asked = wanted(said)
    secret = _secret(asked.partner.name)
    try:
        with app_context().database.write() as connection:
            _add(connection, me.user.tenant, asked, secret)
    except (ConfigurationError, ConflictError, NotFoundError) as error:
        if (again := _added_before(asked, secret)) is not None:  # the click came twice
            return again
        place = "partner_name" if isinstance(error, ConflictError) else ADDRESSES.get(asked.partner.network, "network")
        by_name(fields)[place].error = _in_words(error, asked.partner)
        return _page(fields)
    app_context().wake()
    return one_page(theirs(asked.partner.name), secret=secret, is_new=True)


def _add(connection: Connection, tenant: str, asked: Wanted, secret: str) -> None:
    """Store all of it, in the caller's transaction. Raises ConfigurationError for what no delivery could use."""
    here, now = app_context(), app_context().clock.now()
    added = register_partner(connection, tenant, asked.partner, now)
    if asked.server is not None:
        set_smart_server(connection, tenant, added.name, asked.server, now)
    if asked.setting is not None:
        letters.put_setting(connection, tenant, added.name, asked.setting)
    Networks(Surroundings(here.database, here.clock, here.validator)).of(tenant, added)  # connects nothing
    if has_compartment(added):
        make_token_of(connection, _whose(added), secret, now)
    if asked.site is not None:
        set_site(connection, tenant, added.name, asked.site, now, secret=secret)


def _added_before(asked: Wanted, secret: str) -> Response | None:
    """The page of the partner that the first of two clicks added; None where it is another one of that name."""
    try:
        known = theirs(asked.partner.name)
    except NotFoundError:
        return None
    of = ("network", "role", "title", "base_url")
    if any(getattr(known, one) != getattr(asked.partner, one).rstrip("/") for one in of):
        return None
    answer = one_page(known, secret=secret)
    shows = has_compartment(known) or known.network == OCEAN
    return answer if not shows or secret in answer.get_data(as_text=True) else None


def _in_words(error: FootbridgeError, partner: Partner) -> str:
    """The error as the page says it: not with a command."""
    if isinstance(error, ConflictError):
        return spoken(_("There is a partner with the short name {name} already.", name=partner.name))
    return spoken(str(error))


@routes.get(ONE)
def edit(name: str) -> Response:
    """One partner."""
    return one_page(theirs(name))


@routes.post(f"{ONE}/token")
def token(name: str) -> Response:
    """Make another token of a partner that works on our server."""
    partner = theirs(name)
    if not has_compartment(partner):
        raise ConflictError(
            _("{name} has a server of its own; a token is for a partner of the network hosted.", name=name)
        )
    secret, here = _secret(partner.name), app_context()
    if not door.only_speaks():
        with here.database.write() as connection:
            make_token_of(connection, _whose(partner), secret, here.clock.now())
    is_shown = _shown_again(partner, secret) is not None
    problem = None if is_shown else spoken(_("This token is not shown any more: make another one."))
    return one_page(partner, secret=secret, problem=problem)


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
    return one_page(partner, tested=_tested(partner), problem=None if problem is None else spoken(problem))


def _tested(partner: Partner) -> str:
    """What a test without a problem says; an e-mail address is not tried by sending to it."""
    if partner.network == LETTER:
        by_mail = partner.base_url.startswith("mailto:")
        told = _("The address is usable. Whether it is theirs, only they can say: phone them.") if by_mail else _(
            "The folder is there, and letters can be put into it.")  # fmt: skip
        return spoken(told)
    return spoken(_("It answers, and is ready for use."))


def _whose(partner: Partner) -> Principal:
    return Principal(partner.role, partner.name, name=partner.title, tenant=door.signed_in().user.tenant)


def _secret(name: str) -> str:
    """The secret that a form makes: of one form the same, so that a second click shows what the first one made."""
    return door.secret_of_form(f"token/{name}")


def _shown_again(partner: Partner, secret: str) -> str | None:
    here = app_context()
    with here.database.read() as connection:
        return recent_token(connection, _whose(partner), secret, here.clock.now() - AGAIN)


def theirs(name: str) -> Partner:
    """A partner of the same tenant. Raises ForbiddenError, NotFoundError."""
    me = door.signed_in()
    require(me.principal, "partners.manage")
    with app_context().database.read() as connection:
        return get_partner(connection, me.user.tenant, name)


def _page(fields: list[Field]) -> Response:
    with app_context().database.read() as connection:
        partners = list_partners(connection, door.signed_in().user.tenant)
    status = 422 if any(one.error for one in fields) else 200
    return page("admin_partners.html", status, partners=partners, fields=fields)


def one_page(
    partner: Partner,
    *,
    secret: str | None = None,
    code: str | None = None,
    tested: str | None = None,
    problem: str | None = None,
    is_new: bool = False,
) -> Response:
    """The page of one partner, with what was just done; ``secret`` is shown where it is the partner's, and new."""
    tenant = door.signed_in().user.tenant
    token = None if secret is None or not has_compartment(partner) else _shown_again(partner, secret)
    told: dict[str, Any] = {"token": token, "code": code, "tested": tested, "problem": problem, "is_new": is_new}
    with app_context().database.read() as connection:
        told["setting"] = letters.setting_of(connection, tenant, partner.name) if partner.network == LETTER else None
        told |= _of_ocean(connection, partner, secret)
        told["server"] = _server(connection, partner)
    told |= {"key": request.form.get(door.KEY, ""), "served": has_compartment(partner), "base": settings().own_url}
    return page("admin_partner.html", partner=partner, **told)


def _of_ocean(connection: Connection, partner: Partner, secret: str | None) -> dict[str, Any]:
    """What the administrator of an Ocean site enters there; the secret only with the form that made it, and soon."""
    if partner.network != OCEAN:
        return {"site": None, "client_secret": None, "listings": 0}
    tenant = door.signed_in().user.tenant
    listings = len(listings_of(connection, tenant, partner.name))
    site: Site | None = None
    try:
        site = get_site(connection, tenant, partner.name)
    except NotFoundError:
        return {"site": None, "client_secret": None, "listings": listings}
    is_its = secret is not None and is_secret(connection, site, f"{SECRET_PREFIX}{secret}")
    shown = f"{SECRET_PREFIX}{secret}" if is_its and site.since > app_context().clock.now() - AGAIN else None
    return {"site": site, "client_secret": shown, "listings": listings}


def _server(connection: Connection, partner: Partner) -> SmartServer | None:
    """How we sign in at a partner's server, where our keys do."""
    if partner.network != FHIR or partner.credential != SMART:
        return None
    try:
        return get_smart_server(connection, door.signed_in().user.tenant, partner.name)
    except NotFoundError:
        return None
