"""Refusals as problem details: https://www.rfc-editor.org/rfc/rfc9457.

A front door has one form for its refusals; ``register`` lets a blueprint (or the app, for what no blueprint takes)
answer every exception in that form.
"""

from collections.abc import Callable

from flask import Blueprint, Flask, Response, g

from footbridge.i18n import spoken
from footbridge.uris import own_uri
from footbridge.web.errors import Problem, problem_of
from footbridge.web.responses import PROBLEM_JSON, answer

ErrorForm = Callable[[Problem], Response]
"""Shows a refusal."""


def register(routes: Blueprint | Flask, form: ErrorForm) -> None:
    """Answer every exception of a blueprint in this form."""

    def refuse(error: Exception) -> Response:
        return form(problem_of(error))

    routes.register_error_handler(Exception, refuse)


def problem_details(problem: Problem) -> Response:
    """A refusal as ``application/problem+json``."""
    body = {
        "type": own_uri(f"problem/{problem.name}"),
        "title": spoken(problem.kind.title),
        "status": problem.status,
        "detail": spoken(problem.detail),
        "fault": problem.kind.fault,
        **{name: _spoken(value) for name, value in problem.members.items()},
        "request": g.get("request_id"),
    }
    return answer(body, problem.status, problem.headers, media_type=PROBLEM_JSON)


def _spoken(value: object) -> object:
    """JSON with its texts in the language of the request."""
    match value:
        case str():
            return spoken(value)
        case dict():
            return {name: _spoken(item) for name, item in value.items()}
        case list():
            return [_spoken(item) for item in value]
        case _:
            return value
