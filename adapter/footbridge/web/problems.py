"""Refusals as problem details: https://www.rfc-editor.org/rfc/rfc9457.

A front door has one form for its refusals; ``register`` lets a blueprint (or the app, for what no blueprint takes)
answer every exception in that form.
"""

from collections.abc import Callable

from flask import Blueprint, Flask, Response, g

from footbridge.data import own_uri
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
        "title": problem.kind.title,
        "status": problem.status,
        "detail": problem.detail,
        **problem.members,
        "request": g.get("request_id"),
    }
    return answer(body, problem.status, problem.headers, media_type=PROBLEM_JSON)
