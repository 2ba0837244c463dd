"""The audit of requests: sets who calls for each request, and notes what the API lets a caller read.

What a caller changes is noted where it is changed (``security.audit``); what it reads by FHIR, by the ``AuditedStore``.
A refusal for lack of rights is noted too.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from flask import Blueprint, Flask, Response, g, request

from footbridge.security import audit
from footbridge.security.audit import Call
from footbridge.store.audit import OF_THE_API
from footbridge.web.context import app_context

if TYPE_CHECKING:
    from footbridge.model.principals import Principal

SERVICE: Final = "service"
"""In place of a resource type: a service of the directory."""


def register(app: Flask) -> None:
    """Forget the caller at the end of each request."""

    def forget(_error: BaseException | None) -> None:
        audit.begin(None)

    app.teardown_request(forget)


def watch(door: Blueprint, surface: Literal["api", "fhir"]) -> None:
    """Audit the requests of a front door, after its authentication."""

    def begin() -> None:
        audit.begin(call(surface))

    door.before_request(begin)
    if surface == "api":
        door.after_request(_note_reading)


def call(surface: Literal["api", "fhir"]) -> Call | None:
    """The request that is being answered, as the audit notes it; None where nobody in particular calls."""
    principal = cast("Principal | None", g.get("principal"))
    return None if principal is None else Call(principal, surface, request.remote_addr, g.get("request_id"))


def about(prescriptions: Iterable[str]) -> None:
    """Say which prescriptions the answer shows."""
    g.shown_prescriptions = tuple(dict.fromkeys(prescriptions))


def _note_reading(response: Response) -> Response:
    here = audit.current()
    is_reading = request.method in {"GET", "HEAD"} and response.status_code == 200
    if here is None or request.url_rule is None or not (is_reading or response.status_code == 403):
        return response
    identity = (request.view_args or {}).get("identity")
    more: dict[str, Any] = {"type": SERVICE if request.blueprint == "api.services" else OF_THE_API}
    is_get = request.method in {"GET", "HEAD"}
    if identity is None and is_get:
        more["query"] = audit.safe_query(request.args.items(multi=True))
    elif identity is not None:
        more["resource"] = str(identity)
    shown = g.get("shown_prescriptions", () if identity is None else (str(identity),))
    if is_reading and more["type"] == OF_THE_API:
        more["prescriptions"] = shown
    reading, writing = ("search-type", "create") if identity is None else ("read", "update")
    interaction = reading if is_get else writing
    app_context().audit.note(here, interaction, status=response.status_code, **more)
    return response
