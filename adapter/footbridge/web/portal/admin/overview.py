"""The first page of the administration; settings, with secrets hidden; sources of the directory and their imports."""

from flask import Blueprint, Response

from footbridge.directory.sources import list_imports, list_sources
from footbridge.i18n.eager import translated
from footbridge.security.access import require
from footbridge.shown_settings import setting_rows
from footbridge.web.context import app_context
from footbridge.web.portal import door
from footbridge.web.portal.pages import page

PATH = "/portal/admin"
MOST_IMPORTS = 10

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


@routes.get(f"{PATH}/directory")
def directory() -> Response:
    """The sources of the directory, each with its newest imports and their figures."""
    who = door.signed_in().principal
    require(who, "directory.manage")
    with app_context().database.read() as connection:
        found = [
            (one, list_imports(connection, who.tenant, one.name)[:MOST_IMPORTS])
            for one in list_sources(connection, who.tenant)
        ]
    return page("admin_directory.html", sources=found)
