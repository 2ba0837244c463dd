"""Reads the bodies of ``/control``: JSON objects whose members are known and have the right types."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
from flask import request

from footbridge.i18n import _
from footbridge.simulators.ocean.habits import SHAPES, Shape, is_allowed

Body = dict[str, Any]
Kinds = Mapping[str, type]
"""The members that a request may have, with the type of each; ``float`` for any number."""

_RECEIVER: Kinds = {"url": str, "token_url": str, "client_id": str, "client_secret": str, "timeout": float}


class Invalid(Exception):  # noqa: N818 - reads as what the request is
    """The body of a request is wrong; its text says how."""


def body_of(known: Kinds) -> Body:
    """The members of the request. Raises Invalid for what is not an object of known members of the right types."""
    try:
        read = orjson.loads(request.get_data() or b"{}")
    except orjson.JSONDecodeError as error:
        raise Invalid(_("The body is not JSON.")) from error
    if not isinstance(read, dict):
        raise Invalid(_("The body is not a JSON object."))
    unknown = sorted(read.keys() - known)
    if unknown:
        listed = ", ".join(sorted(known))
        raise Invalid(_("{name} is not known here; known are {known}.", name=unknown[0], known=listed or "-"))
    for name, value in read.items():
        if not _is_of(known[name], value):
            raise Invalid(_("{name} has a value of another type.", name=name))
    return read


def _is_of(kind: type | None, value: object) -> bool:
    """Whether a value has a type; ``float`` is any number, ``object`` anything, None nothing."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number if kind is float else kind in {object, type(value)}


def shape_of(value: object) -> Shape:
    """A shape by its name, or an object of members that differ from ``composed``. Raises Invalid."""
    if isinstance(value, str) and value in SHAPES:
        return SHAPES[value]
    if not isinstance(value, dict):
        raise Invalid(_("A shape is one of {names}, or an object of members.", names=", ".join(SHAPES)))
    check_allowed(Shape, value)
    return replace(Shape(), **value)


def check_allowed(kind: type, values: Body) -> None:
    """Raise Invalid for a member that ``Shape`` or ``Habits`` does not have, or a value that it cannot have."""
    wrong = next((name for name, value in values.items() if not is_allowed(kind, name, value)), None)
    if wrong is not None:
        raise Invalid(_("{name} is not a member, or cannot have this value.", name=wrong))


def receiver_of(value: object) -> Body:
    """The members of a receiver. Raises Invalid."""
    good = isinstance(value, dict) and all(_is_of(_RECEIVER.get(name), one) for name, one in value.items())
    if not isinstance(value, dict) or not good or "url" not in value:
        raise Invalid(_("A receiver has url, token_url, client_id, client_secret and timeout; url is required."))
    return value


def length_of(body: Body) -> timedelta:
    """``seconds`` as a length of time, up to 400 days. Raises Invalid."""
    seconds = body.get("seconds")
    if seconds is None or not 0 <= seconds <= 400 * 86400:
        raise Invalid(_("seconds is a number from 0 to 34,560,000."))
    return timedelta(seconds=seconds)
