"""SMART scopes at the door of ``/fhir``: a token with scopes does what they allow, and nothing else.

One request is judged here by its method and address. Each entry of a Bundle is judged by the offer
(``fhirserver.scoped_offer``), and what comes with the matches of a search by the store (``security.audited_store``).
"""

from flask import g, request

from footbridge.fhirserver.routes import targets
from footbridge.i18n import _
from footbridge.security.scopes import allows
from footbridge.web.errors import Problem
from footbridge.web.smart.addresses import FHIR


def require_scopes() -> None:
    """Refuse what the scopes of the caller's token do not allow. Raises Problem ``forbidden``."""
    principal = g.get("principal")
    if principal is None or principal.scopes is None:
        return
    path = request.path.removeprefix(FHIR).strip("/")
    if not is_allowed(principal.scopes, request.method, path):
        raise Problem(
            "forbidden",
            _("The scopes of the access token do not allow this: {scopes}.", scopes=" ".join(principal.scopes)),
            headers={"WWW-Authenticate": 'Bearer realm="footbridge", error="insufficient_scope"'},
        )


def is_allowed(scopes: tuple[str, ...], method: str, path: str) -> bool:
    """Whether scopes allow a request; ``path`` is that under the base URL."""
    method = "GET" if method == "HEAD" else method
    here = [target for target in targets(path) if target.route.method == method]
    # what has no address of the table is refused by the server
    return all(target.type is None or allows(scopes, target.type, target.route.interaction) for target in here)
