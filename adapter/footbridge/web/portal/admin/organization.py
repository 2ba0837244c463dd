"""The tenant's own organization, and to which requester prescriptions of the portal belong: `footbridge tenant set`."""

from flask import Blueprint, Response

from footbridge.errors import ConfigurationError
from footbridge.i18n import _, spoken
from footbridge.security.access import require
from footbridge.store.own_organization import MEMBERS, change_own_organization, flat, own_organization
from footbridge.store.partners import list_partners
from footbridge.store.tenants import get_tenant, set_requester
from footbridge.web.context import app_context
from footbridge.web.portal import door
from footbridge.web.portal.admin.forms_of import field, typed
from footbridge.web.portal.forms import Field
from footbridge.web.portal.pages import page

PATH = "/portal/admin/organization"

routes = Blueprint("admin_organization", __name__)


@routes.get(PATH)
def show() -> Response:
    """What is said now, and the form."""
    require(door.signed_in().principal, "partners.manage")
    return _page(_fields(), None)


@routes.post(PATH)
def change() -> Response:
    """Change it; it holds for what is written from now on."""
    me, here = door.signed_in(), app_context()
    require(me.principal, "partners.manage")
    fields = _fields()
    said = typed(fields)
    if door.only_speaks():
        return _page(fields, None)
    owner = said.pop("requester", "")
    try:
        with here.database.write() as connection:
            change_own_organization(connection, me.user.tenant, said)
            known = get_tenant(connection, me.user.tenant)
            now = known.requester if known.requester_chosen else None
            if (owner or None) != now and owner in {"", *_requesters()}:
                set_requester(connection, me.user.tenant, owner or None)
    except ConfigurationError as error:
        return _page(fields, spoken(str(error)))
    return door.see_other(f"{PATH}?done=yes")


def _requesters() -> dict[str, str]:
    with app_context().database.read() as connection:
        partners = list_partners(connection, door.signed_in().user.tenant)
    return {one.name: one.title for one in partners if one.role == "requester"}


def _fields() -> list[Field]:
    with app_context().database.read() as connection:
        known = get_tenant(connection, door.signed_in().user.tenant)
        now = flat(own_organization(connection, known.name))
    labels = {
        "title": _("Name of your organization"),
        "phone": _("Phone"),
        "fax": _("Fax"),
        "email": _("E-mail address"),
        "street": _("Street and number"),
        "city": _("City or town"),
        "province": _("Province, territory or state"),
        "postal_code": _("Postal code"),
    }
    found = [field(name, "line", spoken(labels[name]), value=now[name]) for name in MEMBERS]
    requesters = _requesters()
    if requesters:
        label = spoken(_("System that also gets what is prescribed here (empty: none)"))
        chosen = (known.requester or "") if known.requester_chosen else ""
        found.append(field("requester", "select", label, list(requesters.items()), chosen))
    return found


def _page(fields: list[Field], problem: str | None) -> Response:
    return page("admin_organization.html", 422 if problem else 200, fields=fields, problem=problem)
