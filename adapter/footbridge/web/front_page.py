"""``GET /``: a person's browser is led to the portal; a program is told that nothing is here.

It is no route: the contract of the API (``docs/openapi.yaml``) has none at this address.
"""

from flask import Flask, Response, request


def register(app: Flask) -> None:
    """Lead browsers to the portal."""
    app.before_request(_lead_browsers)


def _lead_browsers() -> Response | None:
    """An answer for a browser, which asks for HTML by name; None for everybody else, and elsewhere."""
    if request.path != "/" or request.method not in {"GET", "HEAD"}:
        return None
    if not any(kind == "text/html" for kind, _quality in request.accept_mimetypes):
        return None
    response = Response(status=303)
    response.headers["Location"] = "/portal"
    response.vary.add("Accept")
    return response
