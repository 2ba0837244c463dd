"""The routes: who is asked for each SDOH category, in which order."""

from flask import Blueprint, Response, request

from footbridge.errors import ConfigurationError, NotFoundError
from footbridge.i18n import _, current, spoken
from footbridge.referrals.onboarding import change_route
from footbridge.security.access import require
from footbridge.store.partners import list_partners
from footbridge.store.routes import EVERY_CATEGORY, list_routes
from footbridge.terminology import categories
from footbridge.web.context import app_context
from footbridge.web.portal import door
from footbridge.web.portal.admin.forms_of import field, typed
from footbridge.web.portal.forms import Field
from footbridge.web.portal.pages import page

PATH = "/portal/admin/routes"
PLACES = 3
"""How many partners the form takes for one category at least; always one more than the route has."""
MOST_PLACES = 50

routes = Blueprint("admin_routes", __name__)


@routes.get(PATH)
def show() -> Response:
    """Every route, and the form that sets one."""
    require(door.signed_in().principal, "partners.manage")
    return _page(_fields(request.args.get("category", "")), None)


@routes.post(PATH)
def change() -> Response:
    """Set the route of a category; without a partner a person decides."""
    me = door.signed_in()
    require(me.principal, "partners.manage")
    sent = [place for place in range(MOST_PLACES) if f"partner_{place}" in request.form]
    fields = _fields("", max(sent, default=0) + 1)
    said = typed(fields)
    if door.only_speaks():
        return _page(fields, None)
    names = [name for field_name, name in said.items() if field_name.startswith("partner_") and name]
    try:
        with app_context().database.write() as connection:
            change_route(connection, me.user.tenant, said["route_category"], list(dict.fromkeys(names)))
    except (ConfigurationError, NotFoundError) as error:
        return _page(fields, spoken(str(error)))
    return door.see_other(f"{PATH}?done=route")


def _fields(chosen: str, places: int = PLACES) -> list[Field]:
    tenant = door.signed_in().user.tenant
    with app_context().database.read() as connection:
        partners = [(one.name, one.title) for one in list_partners(connection, tenant) if one.role == "recipient"]
        known = list_routes(connection, tenant).get(chosen, [])
    named = sorted(((one.code, one.text[current()]) for one in categories()), key=lambda pair: pair[1].casefold())
    every = [(EVERY_CATEGORY, spoken(_("Every category without a route of its own"))), *named]
    count = min(max(PLACES, places, len(known) + 1), MOST_PLACES)
    asked = [*known, *[""] * count][:count]
    return [
        field("route_category", "select", spoken(_("Category")), every, chosen),
        *(field(f"partner_{place}", "select", _label(place), partners, asked[place]) for place in range(count)),
    ]


def _label(place: int) -> str:
    return spoken(_("Asked first") if place == 0 else _("Asked as number {place}", place=place + 1))


def _page(fields: list[Field], problem: str | None) -> Response:
    tenant = door.signed_in().user.tenant
    with app_context().database.read() as connection:
        titles = {one.name: one.title for one in list_partners(connection, tenant)}
        found = sorted(list_routes(connection, tenant).items())
    words = {one.code: one.text[current()] for one in categories()}
    words[EVERY_CATEGORY] = spoken(_("Every category without a route of its own"))
    rows = [(code, words.get(code, code), [titles.get(name, name) for name in names]) for code, names in found]
    return page("admin_routes.html", 422 if problem else 200, rows=rows, fields=fields, problem=problem)
