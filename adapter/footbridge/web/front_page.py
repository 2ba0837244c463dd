"""``GET /``: a person's browser is led to the portal; a program is told that nothing is here, as before."""

from flask import Blueprint, Response, request

from footbridge.errors import NotFoundError
from footbridge.i18n import _

routes = Blueprint("front_page", __name__)


@routes.get("/")
def show() -> Response:
    """Lead a browser, which asks for HTML by name, to the portal."""
    if not any(kind == "text/html" for kind, _quality in request.accept_mimetypes):
        raise NotFoundError(_("Nothing is at this address."))
    response = Response(status=303)
    response.headers["Location"] = "/portal"
    response.vary.add("Accept")
    return response
