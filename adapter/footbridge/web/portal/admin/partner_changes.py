"""What becomes of a partner that is there: change what may change, or remove it, as `footbridge partner set|remove` do.

Where its secret is, and so the address of a server that gets the secret, is for the command line. Before a partner is
removed the page says what goes and what stays.
"""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response

from footbridge.errors import ConfigurationError, ConflictError, NotFoundError
from footbridge.i18n import _, spoken
from footbridge.partners.networks import UNPOLLED, Networks, Surroundings
from footbridge.referrals.onboarding import unregister_partner
from footbridge.store.partners import Partner, change_partner
from footbridge.store.tenants import get_tenant
from footbridge.store.users import list_users
from footbridge.web.context import app_context
from footbridge.web.portal import door, words
from footbridge.web.portal.admin.forms_of import field, typed
from footbridge.web.portal.admin.partners import ONE, PATH, theirs
from footbridge.web.portal.forms import Field
from footbridge.web.portal.pages import page

routes = Blueprint("admin_partner_changes", __name__)


@routes.get(f"{ONE}/change")
def ask(name: str) -> Response:
    """The form, with what it is now."""
    partner = theirs(name)
    return _form(partner, _fields(partner), None)


@routes.post(f"{ONE}/change")
def change(name: str) -> Response:
    """Change it; a running server uses it from the next message or poll on."""
    partner, tenant, here = theirs(name), door.signed_in().user.tenant, app_context()
    fields = _fields(partner)
    said = typed(fields)
    if door.only_speaks():
        return _form(partner, fields, None)
    try:
        wanted = replace(partner, **_changes(said))
        with here.database.write() as connection:
            changed = change_partner(connection, tenant, wanted)
            # refuses what no delivery could use; connects nothing
            Networks(Surroundings(here.database, here.clock, here.validator)).of(tenant, changed)
    except (ConfigurationError, NotFoundError) as error:
        return _form(partner, fields, spoken(str(error)))
    return door.see_other(f"{PATH}/{name}?done=yes")


@routes.get(f"{ONE}/remove")
def ask_removal(name: str) -> Response:
    """Say what goes and what stays, and ask."""
    return _removal(theirs(name), None)


@routes.post(f"{ONE}/remove")
def remove(name: str) -> Response:
    """Remove it, and revoke its tokens; not while anything holds it."""
    partner, here = theirs(name), app_context()
    try:
        with here.database.write() as connection:
            unregister_partner(connection, door.signed_in().user.tenant, partner.name, here.clock.now())
    except ConflictError as error:
        return _removal(partner, words.for_pages(spoken(str(error))))
    return door.see_other(f"{PATH}?done=partner-removed")


def _changes(said: dict[str, str]) -> dict[str, Any]:
    """The members to change. Raises ConfigurationError for a number that is none."""
    found: dict[str, Any] = {}
    for name, text in said.items():
        if name == "poll_seconds":
            if not (text.isascii() and text.isdigit() and int(text[:9]) > 0):
                raise ConfigurationError(_("Seconds between two polls: enter a whole number, 1 or more."))
            found[name] = int(text[:9])
        elif name == "custodian":
            found[name] = text == "yes"
        elif text:
            found[name] = text
    return found


def _fields(partner: Partner) -> list[Field]:
    yes_no = [(code, words.word(code)) for code in ("yes", "no")]
    found = [field("title", "line", spoken(_("Name of the organization")), value=partner.title)]
    if partner.base_url and partner.credential is None:
        found.append(field("base_url", "line", spoken(_("New address of the same server")), value=partner.base_url))
    if partner.network not in UNPOLLED:
        seconds = str(partner.poll_seconds)
        found.append(field("poll_seconds", "line", spoken(_("Seconds between two polls")), value=seconds))
    label = spoken(_("Health information custodian, who may get health card numbers"))
    return [*found, field("custodian", "select", label, yes_no, "yes" if partner.custodian else "no")]


def _form(partner: Partner, fields: list[Field], problem: str | None) -> Response:
    return page("admin_partner_change.html", 422 if problem else 200, partner=partner, fields=fields, problem=problem)


def _removal(partner: Partner, problem: str | None) -> Response:
    with app_context().database.read() as connection:
        tenant = door.signed_in().user.tenant
        is_default = get_tenant(connection, tenant).requester == partner.name
        users = [one for one in list_users(connection, tenant) if one.partner == partner.name]
    told = {"is_default": is_default, "users": users, "problem": problem}
    return page("admin_partner_remove.html", 409 if problem else 200, partner=partner, **told)
