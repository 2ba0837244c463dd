"""Bodies: reads a resource from JSON or XML, strictly, and writes one in either.

A number keeps its digits in both directions. A JSON text with a name twice, a comment or half of a surrogate pair is
refused, as is XML with a document type: every finding is an issue of the answer.
"""

from collections.abc import Mapping
from typing import Any

from footbridge.fhirserver.message import Request
from footbridge.fhirserver.negotiation import Form, body_form
from footbridge.i18n import _
from footbridge.store.exact_json import dumps, loads
from footbridge.store.interaction_errors import InvalidRequest, NotAcceptable
from footbridge.store.stored import Stored
from footbridge.validation import Validator
from footbridge.validation.reading import Document, read_json_text, read_xml
from footbridge.validation.writing import write_xml

Resource = dict[str, Any]
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UNSTORABLE = (ValueError, TypeError, RecursionError)


def read_document(request: Request, *, strict: bool = True) -> Document:
    """The body as read, with the findings of the reading; raises UnsupportedMediaType only.

    Where it is not ``strict``, XML may name a schema's place, and have nothing in it.
    """
    if body_form(request) == "xml":
        return read_xml(request.body, Validator().types, strict=strict)
    return read_json_text(request.body)


def read_resource(request: Request) -> Resource:
    """The resource in the body; raises UnsupportedMediaType, or InvalidRequest with every finding about the text."""
    document = read_document(request, strict=False)
    if document.issues:
        raise InvalidRequest(_("The body cannot be read."), issues=document.issues)
    resource = document.resource
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        raise InvalidRequest(_("The body is not a resource."))
    try:
        return _storable(resource, request)
    except _UNSTORABLE:
        raise InvalidRequest(_("The body has text, a number or a depth that cannot be stored.")) from None


def _storable(resource: Resource, request: Request) -> Resource:
    """The resource, once it is known that it can be written; raises one of ``_UNSTORABLE``."""
    try:
        dumps(resource)
    except _UNSTORABLE:
        if body_form(request) != "json":
            raise
        resource = loads(request.body.removeprefix(_BYTE_ORDER_MARK))  # a whole number of more than 64 bits
        dumps(resource)
    return resource


def write_resource(resource: Mapping[str, Any], form: Form) -> bytes:
    """A resource as a body; raises NotAcceptable for one that XML cannot hold."""
    if form == "json":
        return dumps(resource).encode()
    try:
        return write_xml(dict(resource), Validator().types)
    except (ValueError, TypeError, LookupError, AttributeError):  # what was stored need not conform
        raise NotAcceptable(_("This answer cannot be written as XML; ask for JSON.")) from None


def write_stored(found: Stored, form: Form) -> bytes:
    """A stored resource as a body."""
    return found.body.encode() if form == "json" else write_resource(found.resource, form)
