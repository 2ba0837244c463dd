"""The first page of the administration; settings, with secrets hidden."""

from flask import Blueprint, Response

from footbridge.i18n.eager import translated
from footbridge.security.access import require
from footbridge.shown_settings import setting_rows
from footbridge.web.portal import door
from footbridge.web.portal.pages import page

PATH = "/portal/admin"

routes = Blueprint("admin", __name__)


@routes.get(PATH)
def show() -> Response:
    """Where everything is."""
    require(door.signed_in().principal, "directory.manage")
    return page("admin.html")


@routes.get(f"{PATH}/settings")
def settings_page() -> Response:
    """Every setting, secrets hidden."""
    require(door.signed_in().principal, "settings.read")
    rows = [row | {"meaning": translated(row["meaning"])} for row in setting_rows()]
    return page("admin_settings.html", rows=rows)
