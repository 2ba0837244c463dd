"""Who is signed in, as what, what each role may do (``mappings/access.json``), and how letters present the user."""

from flask import Blueprint, Response, request

from footbridge.errors import ConfigurationError
from footbridge.i18n import current, spoken
from footbridge.security.access import role_text
from footbridge.store.own_organization import own_organization
from footbridge.store.partners import list_partners
from footbridge.web.context import app_context
from footbridge.web.portal import door, presented
from footbridge.web.portal.admin.forms_of import typed
from footbridge.web.portal.forms import Field
from footbridge.web.portal.pages import page, zone_name

PATH = "/portal/account"

routes = Blueprint("account", __name__)


@routes.get(PATH)
def show() -> Response:
    """The user's own page."""
    return _page(presented.fields_of(door.signed_in().user), None)


@routes.post(PATH)
def present() -> Response:
    """Say how letters present the user."""
    user = door.signed_in().user
    fields = presented.fields_of(user)
    said = typed(fields)
    if door.only_speaks() or not fields:
        return _page(fields, None)
    try:
        presented.present(user, said)
    except ConfigurationError as error:
        return _page(fields, spoken(str(error)))
    return door.see_other(f"{PATH}?done=yes")


def _page(fields: list[Field], problem: str | None) -> Response:
    user = door.signed_in().user
    with app_context().database.read() as connection:
        titles = {one.name: one.title for one in list_partners(connection, user.tenant)}
        own = own_organization(connection, user.tenant)
    return page(
        "account.html",
        422 if problem else 200,
        user=user,
        role=role_text(user.role, current()),
        about=role_text(user.role, current(), "about"),
        zone=zone_name(),
        partner=titles.get(user.partner or "", user.partner),
        organization=user.tenant if own is None else own.name,
        fields=fields,
        problem=problem,
        is_saved=request.args.get("done") == "yes",
    )
