"""Answers as this API writes them: JSON, compact, UTF-8."""

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Response

JSON = "application/json"
PROBLEM_JSON = "application/problem+json"
FHIR_JSON = "application/fhir+json"
SCHEMA_JSON = "application/schema+json"
YAML = "application/yaml"


def answer(
    body: Any,  # noqa: ANN401 - any JSON value
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    *,
    media_type: str = JSON,
) -> Response:
    """A JSON value as an answer."""
    return written(orjson.dumps(body), status, headers, media_type=media_type)


def written(
    body: bytes | str, status: int = 200, headers: Mapping[str, str] | None = None, *, media_type: str = JSON
) -> Response:
    """A text that is ready to send."""
    response = Response(body, status, content_type=media_type)
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response
