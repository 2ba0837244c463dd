"""The portal's own files: style sheets, the script. They may be cached: their address changes when they do.

They are sent compressed. Pages are not: they hold a token of the session beside what somebody typed, and the length of
a compressed page would tell of it (BREACH, https://www.breachattack.com/).
"""

import functools
import gzip
from typing import Final

from flask import Blueprint, Response, abort, request

from footbridge.web.portal.pages import content_of

TYPES: Final = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

SMALL: Final = 500
"""Bytes that are not worth compressing."""

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
    small = request.accept_encodings.quality("gzip") > 0 and len(content) > SMALL
    response = Response(_packed(content) if small else content, content_type=media_type)
    if small:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@functools.cache
def _packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)
