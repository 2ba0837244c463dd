"""The bearer tokens of the tenant: whom each stands for, since when; revoke one, as `footbridge tenant revoke` does.

A token itself is shown once, when it is made. Here it is named by the beginning of its SHA-256.
"""

import re

from flask import Blueprint, Response

from footbridge.errors import ConflictError, NotFoundError
from footbridge.i18n import _, spoken
from footbridge.security.access import require
from footbridge.store.partners import list_partners
from footbridge.store.tenants import list_tokens, revoke_digest
from footbridge.web.context import app_context
from footbridge.web.portal import door
from footbridge.web.portal.pages import page

PATH = "/portal/admin/tokens"
_DIGEST = re.compile("[0-9a-f]{64}")

routes = Blueprint("admin_tokens", __name__)


@routes.get(PATH)
def show() -> Response:
    """All of them, those in force first."""
    require(door.signed_in().principal, "partners.manage")
    return _page(None)


@routes.post(f"{PATH}/<digest>/revoke")
def revoke(digest: str) -> Response:
    """End one at once."""
    me, here = door.signed_in(), app_context()
    require(me.principal, "partners.manage")
    if not _DIGEST.fullmatch(digest):
        raise NotFoundError(_("The tenant has no such valid token."))
    try:
        with here.database.write() as connection:
            revoke_digest(connection, me.user.tenant, digest, here.clock.now())
    except (ConflictError, NotFoundError) as error:
        return _page(spoken(str(error)))
    return door.see_other(f"{PATH}?done=revoke")


def _page(problem: str | None) -> Response:
    tenant = door.signed_in().user.tenant
    with app_context().database.read() as connection:
        titles = {one.name: one.title for one in list_partners(connection, tenant)}
        found = sorted(list_tokens(connection, tenant), key=lambda one: (one.revoked is not None, one.created))
    return page("admin_tokens.html", 409 if problem else 200, tokens=found, titles=titles, problem=problem)
