"""Who is signed in, as what, and what each role may do: the table of ``mappings/access.json``."""

from flask import Blueprint, Response

from footbridge.i18n import current
from footbridge.security.access import role_text
from footbridge.store.partners import list_partners
from footbridge.web.context import app_context
from footbridge.web.portal import door
from footbridge.web.portal.pages import page, zone_name

routes = Blueprint("account", __name__)


@routes.get("/portal/account")
def show() -> Response:
    """The user's own page."""
    user = door.signed_in().user
    with app_context().database.read() as connection:
        titles = {one.name: one.title for one in list_partners(connection, user.tenant)}
    return page(
        "account.html",
        user=user,
        role=role_text(user.role, current()),
        about=role_text(user.role, current(), "about"),
        zone=zone_name(),
        partner=titles.get(user.partner or "", user.partner),
    )
