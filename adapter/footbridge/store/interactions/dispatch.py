"""Does what one entry of a batch or a transaction asks for, and answers with an entry."""

from collections.abc import Mapping
from typing import Any

from footbridge.i18n import _
from footbridge.store.interaction_errors import NotSupported
from footbridge.store.interactions.bundle_entry import BundleEntry, Fetch, answer_read, answer_written
from footbridge.store.interactions.create import create
from footbridge.store.interactions.delete import delete
from footbridge.store.interactions.preconditions import Written
from footbridge.store.interactions.read import history, history_bundle, read, vread
from footbridge.store.interactions.update import conditional_update, update
from footbridge.store.resource_rows import Scope
from footbridge.store.search import search


def dispatch(scope: Scope, step: BundleEntry, fetch: Fetch | None = None) -> dict[str, Any]:
    """The entry that answers a step; raises InteractionError. ``fetch`` answers what reads as a server does."""
    if step.reads:
        return (fetch or _get)(scope, step)
    return answer_written(scope, write(scope, step, step.resource))


def write(scope: Scope, step: BundleEntry, resource: Mapping[str, Any]) -> Written:
    """Do a step that writes, with this resource in place of its own."""
    scope = scope.at(step.place)
    preconditions = {"if_match": step.if_match, "if_none_match": step.if_none_match}
    match step.method, step.identity:
        case "DELETE", str(identity):
            return delete(scope, step.type, identity, if_match=step.if_match)
        case "PUT", str(identity):
            return update(scope, step.type, identity, resource, **preconditions)
        case "PUT", None:
            return conditional_update(scope, step.type, step.query, resource, **preconditions)
        case _:
            return create(scope, step.type, resource, if_none_exist=step.if_none_exist)


def _get(scope: Scope, step: BundleEntry) -> dict[str, Any]:
    match step.path:
        case (resource_type,):
            return _bundled(search(scope, resource_type, step.criteria).bundle())
        case (resource_type, identity):
            return answer_read(read(scope, resource_type, identity))
        case (resource_type, identity, "_history"):
            return _bundled(history_bundle(history(scope, resource_type, identity), scope.base_url))
        case (resource_type, identity, "_history", version):
            return answer_read(vread(scope, resource_type, identity, version))
        case _:
            raise NotSupported(_("This interaction is not supported."))


def _bundled(bundle: dict[str, Any]) -> dict[str, Any]:
    return {"resource": bundle, "response": {"status": "200 OK"}}
