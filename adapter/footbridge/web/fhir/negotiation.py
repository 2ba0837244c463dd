"""Which form a FHIR body has, and which the caller wants back: https://hl7.org/fhir/R4/http.html#mime-type."""

from typing import Literal

from flask import request

from footbridge.web.errors import Problem

Form = Literal["json", "xml"]

SENT: dict[Form, str] = {"json": "application/fhir+json", "xml": "application/fhir+xml"}
"""The media type that an answer has."""

_READ: dict[str, Form] = {
    "application/fhir+json": "json",
    "application/json": "json",
    "text/json": "json",
    "json": "json",
    "application/fhir+xml": "xml",
    "application/xml": "xml",
    "text/xml": "xml",
    "xml": "xml",
}


def body_form() -> Form:
    """The form of the body, by its Content-Type. Raises Problem ``unsupported-media-type``."""
    form = _READ.get(request.mimetype)
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if form is None or charset not in {"utf-8", "utf8"}:
        detail = f"Send Content-Type: {SENT['json']} or {SENT['xml']}, in UTF-8."
        raise Problem("unsupported-media-type", detail, headers={"Accept": ", ".join(SENT.values())})
    return form


def wanted_form() -> Form:
    """The form of the answer: ``_format``, else the best of Accept that is known, else that of the body, else JSON."""
    asked = request.args.get("_format", "").partition(";")[0].replace(" ", "+").lower()
    if asked in _READ:
        return _READ[asked]
    for name, _ in request.accept_mimetypes:
        if name.lower() in _READ:
            return _READ[name.lower()]
    return _READ.get(request.mimetype, "json")
