"""What becomes of a partner that is there: change what may change, or remove it, as `footbridge partner set|remove` do.

Where its secret is, and so the address of a server that gets the secret, is for the command line. Before a partner is
removed the page says what goes and what stays.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response
from sqlalchemy import Connection

from footbridge.directory.partners import link, organizations_of, unlink
from footbridge.errors import ConfigurationError, ConflictError, FootbridgeError, NotFoundError
from footbridge.i18n import _, spoken
from footbridge.partners.networks import Networks, Surroundings
from footbridge.referrals.onboarding import unregister_partner
from footbridge.store.letters import put_setting, setting_of
from footbridge.store.ocean_sites import get_site, set_site
from footbridge.store.partners import Partner, change_partner
from footbridge.store.tenants import get_tenant
from footbridge.store.users import list_users
from footbridge.web.context import app_context
from footbridge.web.portal import door, words
from footbridge.web.portal.admin.forms_of import typed
from footbridge.web.portal.admin.partner_fields import ADDRESSES, LETTER, OCEAN, fields_of
from footbridge.web.portal.admin.partner_form import address_in, must_fit, setting_in
from footbridge.web.portal.admin.partners import ONE, PATH, theirs
from footbridge.web.portal.forms import Field, by_name
from footbridge.web.portal.pages import page

routes = Blueprint("admin_partner_changes", __name__)


@routes.get(f"{ONE}/change")
def ask(name: str) -> Response:
    """The form, with what it is now."""
    partner = theirs(name)
    return _form(partner, _fields(partner))


@routes.post(f"{ONE}/change")
def change(name: str) -> Response:
    """Change it; a running server uses it from the next message or poll on."""
    partner = theirs(name)
    fields = _fields(partner)
    said = typed(fields)
    if door.only_speaks():
        return _form(partner, fields)
    if not must_fit(fields, said, partner.network):
        return _form(partner, fields)
    try:
        with app_context().database.write() as connection:
            _change(connection, replace(partner, **_changes(partner, said)), said)
    except _MisplacedError as error:
        by_name(fields)[error.place].error = words.for_pages(spoken(str(error.cause)))
        return _form(partner, fields)
    return door.see_other(f"{PATH}/{name}?done=yes")


class _MisplacedError(Exception):
    """What is typed at ``place`` cannot be; all of the change is taken back."""

    def __init__(self, place: str, cause: FootbridgeError) -> None:
        super().__init__(str(cause))
        self.place, self.cause = place, cause


def _change(connection: Connection, entry: Partner, said: dict[str, str]) -> None:
    tenant, here = door.signed_in().user.tenant, app_context()
    try:
        changed = change_partner(connection, tenant, entry)
        # refuses what no delivery could use; connects nothing
        Networks(Surroundings(here.database, here.clock, here.validator)).of(tenant, changed)
    except (ConfigurationError, NotFoundError) as error:
        place = ADDRESSES.get(entry.network, "title")
        raise _MisplacedError(place if place in said else "title", error) from error
    if entry.network == LETTER:
        put_setting(connection, tenant, entry.name, setting_in(said, setting_of(connection, tenant, entry.name).code))
    if "site" in said:
        set_site(connection, tenant, entry.name, said["site"], here.clock.now())
    if "organizations" in said:
        _link(connection, tenant, entry.name, said["organizations"].replace(",", " ").split())


def _link(connection: Connection, tenant: str, partner: str, wanted: Sequence[str]) -> None:
    """Link it to these organizations; what it said of its services stays where they are the same."""
    if sorted(wanted) == sorted(organizations_of(connection, tenant, partner)):
        return
    unlink(connection, tenant, partner)
    for one in wanted:
        try:
            link(connection, tenant, partner, one)
        except NotFoundError as error:
            message = _("The directory has no organization {reference}: write source:id.", reference=one)
            raise _MisplacedError("organizations", ConfigurationError(message)) from error


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


def _changes(partner: Partner, said: dict[str, str]) -> dict[str, Any]:
    """The members to change, of a form without errors; what is empty stays as it is."""
    found: dict[str, Any] = {}
    for name in ("title", "delivery", "guide", "conformance"):
        if said.get(name):
            found[name] = said[name]
    if ADDRESSES.get(partner.network) in said:
        found["base_url"] = address_in(said, partner.network)
    if "poll_seconds" in said:
        found["poll_seconds"] = int(said["poll_seconds"][:9])
    if "custodian" in said:
        found["custodian"] = said["custodian"] == "yes"
    if "consent_basis" in said:
        found["consent_basis"] = said["consent_basis"] if said["consent_basis"] in {"express", "implied"} else None
    return found


def _fields(partner: Partner) -> list[Field]:
    tenant = door.signed_in().user.tenant
    with app_context().database.read() as connection:
        setting = setting_of(connection, tenant, partner.name)
        linked = organizations_of(connection, tenant, partner.name)
        jurisdiction = get_tenant(connection, tenant).jurisdiction
        site = get_site(connection, tenant, partner.name).number if partner.network == OCEAN else ""
    return fields_of(partner, setting, site, linked, jurisdiction)


def _form(partner: Partner, fields: list[Field]) -> Response:
    status = 422 if any(one.error for one in fields) else 200
    return page("admin_partner_change.html", status, partner=partner, fields=fields)


def _removal(partner: Partner, problem: str | None) -> Response:
    with app_context().database.read() as connection:
        tenant = door.signed_in().user.tenant
        is_default = get_tenant(connection, tenant).requester == partner.name
        users = [one for one in list_users(connection, tenant) if one.partner == partner.name]
    told = {"is_default": is_default, "users": users, "problem": problem}
    return page("admin_partner_remove.html", 409 if problem else 200, partner=partner, **told)
