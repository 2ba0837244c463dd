"""The choice of the language: for this browser, signed in or not."""

from flask import Blueprint, Response, request

from footbridge.i18n import LANGUAGES
from footbridge.web.portal import door

routes = Blueprint("language", __name__)


@routes.post("/portal/language")
def choose() -> Response:
    """Remember the language, and go back to the page where it was chosen."""
    back = door.see_other(door.inside(request.form.get("back", "")))
    chosen = request.form.get("language", "")
    return door.set_language(back, chosen) if chosen in LANGUAGES else back
