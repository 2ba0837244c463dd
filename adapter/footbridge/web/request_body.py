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

from footbridge.errors import PrescriptionError
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
        raise Problem("unsupported-media-type", f"Send Content-Type: {JSON}, in UTF-8.", headers={"Accept": JSON})
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        detail = "Send the body as it is, without Content-Encoding."
        raise Problem("unsupported-media-type", detail, headers={"Accept-Encoding": "identity"})
    return request.get_data(cache=False)


def json_object() -> dict[str, Any]:
    """The body as a JSON object; refuses with every fault that can be told without knowing its members."""
    try:
        document, odd = decoding.parsed(decoding.text_of(raw_body(), LONGEST))
        if not isinstance(document, dict):
            decoding.refuse("not-object", "One JSON object was expected.")
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
    message = f"'{path[-1]}' is not a member here{f'; the nearest is {near!r}' if near else ''}."
    return Issue(f"{RULES}.unknown-member", "error", "structure", message, pointer=pointer_to(path))


def _renamed(issues: Iterable[Issue]) -> list[Issue]:
    return [replace(issue, rule=f"{RULES}.{issue.rule.rpartition('.')[2]}") for issue in issues]
