"""The page that was asked for before somebody signed in, and to which signing in leads.

It is a path of ours that a GET shows, and no other address: not another site's, not a way in or out. It goes along in
the address and the form of the page that asks for the e-mail address; then a link knows it as a row of the database, so
that it is in no e-mail, and a try at an issuer as a cookie.
"""

from typing import Final
from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException

FIELD: Final = "after"
COOKIE: Final = "footbridge_after"
LONGEST: Final = 500
_WAYS_IN_AND_OUT: Final = ("signing_in.", "openid.", "static_files.", "language.", "reply.")
FIRST: Final = "/portal"


def page_of_ours(path: str | None) -> str | None:
    """The path with its query, if it is a page behind the door that a GET shows; else None."""
    if not path or len(path) > LONGEST or "\\" in path or not path.isascii() or not path.isprintable():
        return None
    parts = urlsplit(path)
    if parts.scheme or parts.netloc or not parts.path.startswith(FIRST):
        return None
    try:
        view, _values = current_app.url_map.bind("").match(parts.path, method="GET")
    except HTTPException:  # nothing is there, or no GET, or it is elsewhere
        return None
    behind = view.startswith("portal.") and not view.removeprefix("portal.").startswith(_WAYS_IN_AND_OUT)
    return (parts.path + (f"?{parts.query}" if parts.query else "")) if behind else None


def asked_now() -> str | None:
    """What this request asks for, where it is worth going back to; None for the first page."""
    found = (
        page_of_ours(request.full_path if request.query_string else request.path) if request.method == "GET" else None
    )
    return None if found == FIRST else found


def sent() -> str | None:
    """The page that came along in this request's address, or form."""
    return page_of_ours(request.values.get(FIELD))


def kept() -> str:
    """The page that the browser kept while it was at the issuer; else the first page."""
    return page_of_ours(request.cookies.get(COOKIE)) or FIRST
