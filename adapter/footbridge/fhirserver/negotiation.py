"""Which form a body has, and which the caller wants back: https://hl7.org/fhir/R4/http.html#mime-type.

JSON and XML, both ways. ``_format`` wins over Accept; of Accept the best by its q-values that is written here; with
neither, the form of the request's body, else JSON. FHIR is always UTF-8, and this server always R4.
"""

from typing import Literal

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header, parse_options_header

from footbridge.fhirserver.message import Request
from footbridge.i18n import _
from footbridge.store.interaction_errors import InvalidRequest, NotAcceptable, UnsupportedMediaType

Form = Literal["json", "xml"]

SENT: dict[Form, str] = {"json": "application/fhir+json", "xml": "application/fhir+xml"}
"""The media type that an answer has."""
FORM_DATA = "application/x-www-form-urlencoded"

_READ: dict[str, Form] = {
    "application/fhir+json": "json",
    "application/json": "json",
    "application/json+fhir": "json",  # of drafts of FHIR, and still sent
    "text/json": "json",
    "json": "json",
    "application/fhir+xml": "xml",
    "application/xml": "xml",
    "application/xml+fhir": "xml",
    "text/xml": "xml",
    "xml": "xml",
}
_UTF8 = {"utf-8", "utf8"}
_VERSIONS = {"", "4.0", "4.0.1"}


def body_form(request: Request) -> Form:
    """The form of the body, by its Content-Type; JSON where it has none. Raises UnsupportedMediaType."""
    form = _form_of_content(request)
    options = parse_options_header(request.header("Content-Type"))[1]
    if form is None or not _readable(options) or request.header("Content-Encoding") not in {None, "", "identity"}:
        raise UnsupportedMediaType(list(SENT.values()))
    return form


def require_form_data(request: Request) -> None:
    """Raise UnsupportedMediaType unless the body is that of an HTML form, or there is none."""
    name, options = parse_options_header(request.header("Content-Type"))
    wrong = name != FORM_DATA or not _readable(options)
    if request.body and wrong:
        raise UnsupportedMediaType([FORM_DATA])


def wanted_form(request: Request) -> Form:
    """The form of the answer. Raises NotAcceptable where the caller takes none of those that are written here."""
    asked = [value for name, value in request.query if name == "_format"]
    if len(asked) > 1:
        raise InvalidRequest(_("The parameter _format may be given once only."))
    if asked and asked[0]:
        return _of_format(asked[0])
    default = _form_of_content(request) or "json"
    accept = request.header("Accept")
    if accept is None or not accept.strip():
        return default
    ordered = sorted((name for name in _READ if "/" in name), key=lambda name: _READ[name] != default)
    best = _acceptable(accept).best_match(ordered)
    if best is None:
        raise NotAcceptable(_("The answer is written as {forms}.", forms=" or ".join(SENT.values())))
    return _READ[best]


def form_of_refusal(request: Request) -> Form:
    """The form in which a refusal is written: the wanted one, where there is such."""
    try:
        return wanted_form(request)
    except (NotAcceptable, InvalidRequest):
        return _form_of_content(request) or "json"


def _of_format(value: str) -> Form:
    name, options = parse_options_header(value.replace(" ", "+"))  # a + that a query string turned into a space
    form = _READ.get(name.lower())
    if form is None or _version(options) not in _VERSIONS:
        raise NotAcceptable(_("The parameter _format takes {forms}.", forms=", ".join(("json", "xml", *SENT.values()))))
    return form


def _acceptable(accept: str) -> MIMEAccept:
    """The media ranges of Accept without their parameters, less those of another version of FHIR."""
    ranges = []
    for value, quality in parse_accept_header(accept, MIMEAccept):
        name, options = parse_options_header(value)
        if name.count("/") == 1 and _version(options) in _VERSIONS:
            ranges.append((name.lower(), quality))
    return MIMEAccept(ranges)


def _form_of_content(request: Request) -> Form | None:
    content = request.header("Content-Type")
    return "json" if content is None or not content.strip() else _READ.get(parse_options_header(content)[0].lower())


def _readable(options: dict[str, str]) -> bool:
    return options.get("charset", "utf-8").lower() in _UTF8 and _version(options) in _VERSIONS


def _version(options: dict[str, str]) -> str:
    return options.get("fhirVersion", options.get("fhirversion", ""))
