"""What a caller of ``/fhir`` was refused, for the audit: who tries to reach what it may not see is found there.

Noted are the interaction, its status, and the type and id of the address; never a Patient, for nothing was shown.
Entries of a batch are noted by ``security.audited_store``. Who has no valid token belongs to no tenant, and is in the
log only.
"""

from typing import Any, Final

from flask import request

from footbridge.fhirserver.routes import Target, targets
from footbridge.security import audit
from footbridge.web.context import app_context
from footbridge.web.fhir import adapter

_AS: Final = {"conditional-update": "update"}
_UNNOTED: Final = frozenset({"capabilities", "operation"})
"""They read nothing that is stored."""


def note_refusal(status: int) -> None:
    """Note the request that is being answered with this status."""
    call, target = audit.current(), _target()
    if call is None or target is None:
        return
    interaction = _AS.get(target.route.interaction, target.route.interaction)
    about: dict[str, Any] = {
        "type": target.type,
        "resource": target.values.get("id"),
        "version": target.values.get("vid"),
    }
    if interaction == "search-type":
        about["query"] = audit.safe_query(request.args.items(multi=True))
    compartment = call.principal.partner or ""
    app_context().audit.note(call, interaction, status=status, compartment=compartment, **about)


def _target() -> Target | None:
    method = "GET" if request.method == "HEAD" else request.method
    for target in targets(request.path.removeprefix(adapter.BASE).removeprefix("/")):
        if target.route.method == method and target.route.interaction not in _UNNOTED:
            return target
    return None
