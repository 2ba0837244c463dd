"""Tells the values that issues are about: for debugging on one's own machine, never for a log."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from footbridge.model.issues import Issue
from footbridge.validation.reading.expressions import steps

LONGEST = 200


def with_values(issues: Iterable[Issue], resource: Any) -> Iterator[Issue]:  # noqa: ANN401 - JSON is any value
    """The issues, each message with the start of the JSON value at its place."""
    for issue in issues:
        text = json.dumps(_value_at(resource, issue.expression or ""), default=str, ensure_ascii=False)
        yield replace(issue, message=f"{issue.message} Found: {text[:LONGEST]}")


def _value_at(resource: Any, expression: str) -> Any:  # noqa: ANN401 - JSON is any value
    value = resource
    for name, at in steps(expression):
        if not isinstance(value, dict):
            return None
        value = value.get(name)
        if at is not None and isinstance(value, list):
            value = value[at] if at < len(value) else None
    return value
