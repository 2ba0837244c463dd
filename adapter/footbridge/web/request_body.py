"""The body of a request: its media type, its size, and, for all but prescriptions, its members.

A prescription has a reader of its own (``mapping.accepting``); what else is posted is small and read here, with the
same care for what is no JSON or too deep, and the same sentences.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypeVar

from flask import request
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from werkzeug.exceptions import HTTPException

from footbridge.errors import PrescriptionError
from footbridge.i18n import _
from footbridge.model.issues import Issue
from footbridge.model.prescription import decoding
from footbridge.model.prescription.faults import issues_of, nearest_member
from footbridge.model.prescription.pointers import Path, pointer_to
from footbridge.model.prescription.values import Part
from footbridge.web.errors import Problem, invalid
from footbridge.web.responses import JSON

LONGEST = 100_000  # bytes of a body that is no prescription
RULES = "command"  # first part of the names of rules here; that of prescriptions is ``prescription``
_UTF8 = {"utf-8", "utf8"}

Body = TypeVar("Body", bound=Part)


def raw_body() -> bytes:
    """The bytes of a JSON body; refuses another media type and, before reading it, one that is too large."""
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype != JSON or charset not in _UTF8:
        raise Problem(
            "unsupported-media-type", _("Send Content-Type: {json}, in UTF-8.", json=JSON), headers={"Accept": JSON}
        )
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        detail = _("Send the body as it is, without Content-Encoding.")
        raise Problem("unsupported-media-type", detail, headers={"Accept-Encoding": "identity"})
    return read_body()


def read_body() -> bytes:
    """The bytes of the body, at most as many as the app takes.

    Raises Problem ``too-large`` and ``malformed``, or RequestEntityTooLarge before a body is read that says its length.
    """
    most = request.max_content_length
    try:
        if request.content_length is not None or not request.environ.get("wsgi.input_terminated") or most is None:
            return request.get_data(cache=False)
        body = bytes(request.environ["wsgi.input"].read(most + 1))  # in chunks: Werkzeug would cut it at the limit
    except HTTPException:
        raise
    except TimeoutError:  # the server read no more of it: there is far too much
        raise _too_large(most) from None
    except Exception as error:  # whatever the server raises for what is no body
        raise Problem("malformed", _("The body is not complete, or not in valid chunks.")) from error
    if len(body) > most:
        raise _too_large(most)
    return body


def _too_large(most: int | None) -> Problem:
    return Problem("too-large", _("The body is larger than the limit of {most} bytes.", most=most))


def json_object() -> dict[str, Any]:
    """The body as a JSON object; refuses with every fault that can be told without knowing its members."""
    try:
        document, odd = decoding.parsed(decoding.text_of(raw_body(), LONGEST))
        if not isinstance(document, dict):
            decoding.refuse("not-object", _("One JSON object was expected."))
    except PrescriptionError as refused:
        raise invalid(_renamed(refused.issues)) from None
    if odd:
        raise invalid(_renamed(odd.values()))
    return document


def members(document: dict[str, Any], shape: type[Body]) -> Body:
    """The object as that part; refuses with every fault at its JSON Pointer."""
    try:
        return shape.model_validate_json(json.dumps(document), by_alias=True, by_name=False)
    except ValidationError as wrong:
        details = wrong.errors(include_url=False, include_input=False)
    unknown = [_unknown(detail, shape) for detail in details if detail["type"] == "extra_forbidden"]
    others = issues_of((detail for detail in details if detail["type"] != "extra_forbidden"), document)
    raise invalid([*unknown, *_renamed(others.values())])


def fault(rule: str, pointer: str, message: str) -> Problem:
    """The problem of a body with one fault."""
    return invalid([Issue(f"{RULES}.{rule}", "error", "value", message, pointer=pointer)])


def _unknown(detail: ErrorDetails, shape: type[Part]) -> Issue:
    path: Path = detail["loc"]
    known = [field.alias or name for name, field in shape.model_fields.items()]
    near = nearest_member(str(path[-1]), known) if len(path) == 1 else None
    hint = _("; the nearest is {near!r}", near=near) if near else ""
    message = _("'{name}' is not a member here{hint}.", name=path[-1], hint=hint)
    return Issue(f"{RULES}.unknown-member", "error", "structure", message, pointer=pointer_to(path))


def _renamed(issues: Iterable[Issue]) -> list[Issue]:
    return [replace(issue, rule=f"{RULES}.{issue.rule.rpartition('.')[2]}") for issue in issues]
