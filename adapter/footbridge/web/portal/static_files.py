"""The portal's own files: style sheets, the script. They may be cached: their address changes when they do."""

from importlib.resources import files
from typing import Final

from flask import Blueprint, Response, abort

TYPES: Final = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

routes = Blueprint("static_files", __name__)


@routes.get("/portal/static/<name>")
def file(name: str) -> Response:
    """One of them by name."""
    found = files("footbridge.web.portal") / "static" / name
    media_type = TYPES.get(name[name.rfind(".") :])
    if media_type is None or not found.is_file():
        abort(404)
    response = Response(found.read_bytes(), content_type=media_type)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
