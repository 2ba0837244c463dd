"""What is given to a partner outside of its system: the code that opens a service's letters, an Ocean site's secret.

Each is shown once, when it is made, as `footbridge partner letter --new-code` and `footbridge partner site
--new-secret` do.
"""

from dataclasses import replace

from flask import Blueprint, Response

from footbridge.errors import ConflictError
from footbridge.i18n import _, spoken
from footbridge.store import letters
from footbridge.store.ocean_sites import renew_secret
from footbridge.store.partners import Partner
from footbridge.web.context import app_context
from footbridge.web.portal import door
from footbridge.web.portal.admin.partner_fields import LETTER, OCEAN
from footbridge.web.portal.admin.partners import ONE, PATH, one_page, theirs

routes = Blueprint("admin_partner_ways", __name__)


@routes.post(f"{ONE}/letter-code")
def code(name: str) -> Response:
    """Make one code for all letters of a service, and show it once; the one before ends."""
    partner, tenant = _of_network(name, LETTER), door.signed_in().user.tenant
    made = letters.code_from(door.secret_of_form(f"letters-code/{name}"))  # a second click shows the same
    with app_context().database.write() as connection:
        setting = letters.setting_of(connection, tenant, name)
        if not door.only_speaks():
            setting = replace(setting, code=letters.digest_of_code(made))
            letters.put_setting(connection, tenant, name, setting)
    if setting.code is None or not letters.is_code(made, setting.code):
        return one_page(partner, problem=spoken(_("This code is not shown any more: make another one.")))
    return one_page(partner, code=made)


@routes.post(f"{ONE}/no-letter-code")
def no_code(name: str) -> Response:
    """Let each letter of a service have a code of its own."""
    _of_network(name, LETTER)
    tenant = door.signed_in().user.tenant
    with app_context().database.write() as connection:
        setting = letters.setting_of(connection, tenant, name)
        letters.put_setting(connection, tenant, name, replace(setting, code=None))
    return door.see_other(f"{PATH}/{name}?done=no-code")


@routes.post(f"{ONE}/secret")
def secret(name: str) -> Response:
    """Make a new client secret for an Ocean site; the old one ends at once."""
    partner, tenant, here = _of_network(name, OCEAN), door.signed_in().user.tenant, app_context()
    made = door.secret_of_form(f"token/{name}")
    if not door.only_speaks():
        with here.database.write() as connection:
            renew_secret(connection, tenant, name, secret=made, now=here.clock.now())
    return one_page(partner, secret=made)


def _of_network(name: str, network: str) -> Partner:
    partner = theirs(name)
    if partner.network != network:
        raise ConflictError(_("The partner {name} has no such setting.", name=name))
    return partner
