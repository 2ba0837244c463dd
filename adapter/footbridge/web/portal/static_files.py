"""The portal's own files: style sheets, the script. They may be cached: their address changes when they do."""

from typing import Final

from flask import Blueprint, Response, abort

from footbridge.web.portal.pages import content_of

TYPES: Final = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

routes = Blueprint("static_files", __name__)


@routes.get("/portal/static/<name>")
def file(name: str) -> Response:
    """One of them by name."""
    media_type = TYPES.get(name[name.rfind(".") :])
    if media_type is None:
        abort(404)
    try:
        content = content_of(name)
    except OSError:
        abort(404)
    response = Response(content, content_type=media_type)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
