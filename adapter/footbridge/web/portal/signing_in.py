"""Getting in and out: ask for a link, open it, press the one button; the first administrator; sign out.

The way in by an issuer of OpenID Connect is ``openid``.

The answer to "send me a link" is the same for every address. Opening a link signs nobody in, since programs that look
into e-mail open links too: only the button does, once.
"""

import uuid
from typing import get_args

from flask import Blueprint, Response, g, request

from footbridge.errors import ConfigurationError, ConflictError, NotFoundError
from footbridge.i18n import _, current, spoken
from footbridge.referrals.sign_in_mail import queue_link
from footbridge.security import openid, sign_in
from footbridge.store.sessions import use_link
from footbridge.store.tenants import Jurisdiction, add_tenant, get_tenant, list_tenants
from footbridge.store.users import add_user, has_users, new_user, read_email
from footbridge.web.context import app_context
from footbridge.web.portal import door, first_asked
from footbridge.web.portal.pages import page

routes = Blueprint("signing_in", __name__)


@routes.get("/portal/sign-in")
def ask() -> Response:
    """The form that asks for an address of e-mail."""
    return door.see_other(first_asked.sent() or first_asked.FIRST) if "signed_in" in g else _form()


@routes.post("/portal/sign-in")
def send() -> Response:
    """Queue a link; the same answer whoever it is."""
    if not openid.links_are_sent():
        return _form(403)
    typed = request.form.get("email", "")
    if door.only_speaks():
        return _form(typed=typed[:254])
    try:
        email = read_email(typed)
    except ConfigurationError as error:
        return _form(422, spoken(str(error)), typed[:254])
    here = app_context()
    now = here.clock.now()
    key = sign_in.form_key(here.database, now)
    with here.database.write() as connection:
        within = sign_in.may_be_sent(connection, key, email, now)
        user = sign_in.who_asks(connection, email)
        tenants = list_tenants(connection)
        if within and tenants:  # nobody's address costs as much as a user's
            known = user is not None
            tenant, subject = (user.tenant, user.id) if user is not None else (tenants[0].name, str(uuid.uuid4()))
            queue_link(connection, here.clock, tenant, subject, current() if known else "", first_asked.sent())
    here.wake()
    return page("sign_in_sent.html", minutes=int(sign_in.LINK.total_seconds() // 60), most=sign_in.MOST_LINKS)


@routes.get("/portal/link/<secret>")
def open_link(secret: str) -> Response:
    """What a link is good for, and one button."""
    return _link_page(secret)


@routes.post("/portal/link/<secret>")
def use(secret: str) -> Response:
    """Use a link up, and begin a session."""
    here = app_context()
    now = here.clock.now()
    with here.database.read() as connection:
        state, user = sign_in.state_of_link(connection, secret, now)
    if state == "open" and user is None:
        return _make_first_user(secret)
    with here.database.write() as connection:
        done = sign_in.sign_in(connection, secret, now, before=request.cookies.get(door.SESSION, ""))
    if done is None:
        return _link_page(secret)
    return door.begin(door.see_other(first_asked.page_of_ours(done.leads_to) or first_asked.FIRST), done.cookie)


@routes.post("/portal/sign-out")
def leave() -> Response:
    """End the session."""
    cookie = request.cookies.get(door.SESSION, "")
    with app_context().database.write() as connection:
        sign_in.sign_out(connection, cookie)
    return door.end(door.see_other("/portal/sign-in"))


def _form(status: int = 200, error: str | None = None, typed: str = "") -> Response:
    ways = {"by_link": openid.links_are_sent(), "by_issuer": openid.configured() is not None}
    return page("sign_in.html", status, error=error, typed=typed, after=first_asked.sent(), **ways)


def _link_page(secret: str) -> Response:
    here = app_context()
    with here.database.read() as connection:
        state, user = sign_in.state_of_link(connection, secret, here.clock.now())
        tenants = [tenant.name for tenant in list_tenants(connection)]
        known = has_users(connection)
    if state == "open" and user is None:
        return page("first_user.html", tenants=tenants, errors={}, typed={}, secret=secret)
    return page("link.html", 200 if state == "open" else 410, state=state, secret=secret, has_users=known)


def _make_first_user(secret: str) -> Response:
    """Make the first administrator, and the tenant where there is none."""
    here = app_context()
    now = here.clock.now()
    typed = {name: request.form.get(name, "").strip() for name in ("name", "email", "tenant", "jurisdiction")}
    errors: dict[str, str] = {}
    if door.only_speaks():
        with here.database.read() as connection:
            tenants = [tenant.name for tenant in list_tenants(connection)]
        return page("first_user.html", tenants=tenants, errors={}, typed=typed, secret=secret)
    try:
        read_email(typed["email"])
    except ConfigurationError as error:
        errors["email"] = spoken(str(error))
    if not typed["name"]:
        errors["name"] = spoken(_("Enter your name."))
    with here.database.read() as connection:
        tenants = [tenant.name for tenant in list_tenants(connection)]
    country: Jurisdiction = "us" if typed["jurisdiction"] == "us" else "ca"
    if not tenants and typed["jurisdiction"] not in get_args(Jurisdiction):
        errors["jurisdiction"] = spoken(_("Select a country."))
    if not errors:
        try:
            with here.database.write() as connection:
                if has_users(connection) or not use_link(connection, secret, now):
                    return page("link.html", 410, state="used", secret=secret, has_users=True)
                if tenants:
                    tenant = get_tenant(connection, typed["tenant"] or tenants[0])
                else:
                    tenant = add_tenant(connection, typed["tenant"], country, now)
                user = new_user(tenant.name, typed["email"], typed["name"], "administrator", None, now)
                add_user(connection, user)
                cookie = sign_in.begin_session(connection, user, now)
        except (ConfigurationError, ConflictError, NotFoundError) as error:
            errors["tenant"] = spoken(str(error))
        else:
            return door.begin(door.see_other("/portal"), cookie)
    return page("first_user.html", 422, tenants=tenants, errors=errors, typed=typed, secret=secret)
