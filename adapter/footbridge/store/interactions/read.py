"""read, vread and history of one resource (https://hl7.org/fhir/R4/http.html#read, #vread, #history)."""

from datetime import datetime
from typing import Any

from footbridge.i18n import _
from footbridge.store import resource_rows as rows
from footbridge.store.fhir_dates import stamp
from footbridge.store.interaction_errors import Gone, NotFound
from footbridge.store.interactions.preconditions import is_id
from footbridge.store.resource_rows import Scope
from footbridge.store.search_parameters import parameters_of
from footbridge.store.stored import Stored


def read(scope: Scope, resource_type: str, identity: str) -> Stored:
    """The current version; raises NotFound or Gone."""
    _check(resource_type, identity)
    if _is_beside(scope, resource_type, identity):
        return _from_beside(scope, resource_type, identity)
    return _present(rows.current(scope, resource_type, identity), resource_type)


def vread(scope: Scope, resource_type: str, identity: str, version: str) -> Stored:
    """One version, by its versionId; raises NotFound, or Gone for a deletion and for a version that was erased."""
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else 0
    _check(resource_type, identity)
    if _is_beside(scope, resource_type, identity):
        found = _from_beside(scope, resource_type, identity)
        if found.version != number:  # https://hl7.org/fhir/R4/http.html#vread
            raise NotFound(_("Of the directory there is the current version only, and this is another one."))
        return found
    return _present(rows.version(scope, resource_type, identity, number), resource_type)


def history(scope: Scope, resource_type: str, identity: str, *, since: datetime | None = None) -> list[Stored]:
    """Every version, newest first, deleted and erased ones too; only those after ``since``. Raises NotFound."""
    _check(resource_type, identity)
    if _is_beside(scope, resource_type, identity):
        found = [_from_beside(scope, resource_type, identity)]
    else:
        found = rows.versions(scope, resource_type, identity)
    if not found:
        raise NotFound(_("{resource_type} not found.", resource_type=resource_type))
    return [one for one in found if since is None or one.last_updated > since]


def history_bundle(versions: list[Stored], base_url: str = "") -> dict[str, Any]:
    """A Bundle of type history (https://hl7.org/fhir/R4/bundle.html#history); erased versions have no resource."""
    return {
        "resourceType": "Bundle",
        "type": "history",
        "total": len(versions),
        "entry": [_entry(one, base_url) for one in versions],
    }


def _entry(one: Stored, base_url: str) -> dict[str, Any]:
    entry: dict[str, Any] = {"fullUrl": f"{base_url}/{one.reference}"} if base_url else {}
    if one.deleted:
        method, status = "DELETE", "204 No Content"
    else:
        if not one.erased:
            entry["resource"] = one.resource
        method, status = ("POST", "201 Created") if one.version == 1 else ("PUT", "200 OK")
    entry["request"] = {"method": method, "url": one.type if method == "POST" else one.reference}
    entry["response"] = {"status": status, "etag": one.etag, "lastModified": stamp(one.last_updated)}
    return entry


def _check(resource_type: str, identity: str) -> None:
    parameters_of(resource_type)
    if not is_id(identity):
        raise NotFound(_("{resource_type} not found.", resource_type=resource_type))


def _is_beside(scope: Scope, resource_type: str, identity: str) -> bool:
    return scope.beside is not None and scope.beside.holds(resource_type, identity)


def _from_beside(scope: Scope, resource_type: str, identity: str) -> Stored:
    found = scope.beside.get(scope, [f"{resource_type}/{identity}"]) if scope.beside is not None else []
    return _present(found[0] if found else None, resource_type)


def _present(found: Stored | None, resource_type: str) -> Stored:
    if found is None:
        raise NotFound(_("{resource_type} not found.", resource_type=resource_type))
    if found.deleted:
        raise Gone(_("This {resource_type} was deleted.", resource_type=resource_type))
    if found.erased:
        raise Gone(_("The content of this version of the {resource_type} was erased.", resource_type=resource_type))
    return found
