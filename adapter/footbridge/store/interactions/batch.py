"""batch (https://hl7.org/fhir/R4/http.html#transaction): each entry by itself, some may fail."""

from collections.abc import Mapping
from typing import Any

from footbridge.error_kinds import fault_of_status
from footbridge.model.operation_outcome import operation_outcome
from footbridge.store.interaction_errors import InteractionError, issues_of
from footbridge.store.interactions.bundle_entry import Admit, Fetch, at, read_entries, read_entry, status_line
from footbridge.store.interactions.dispatch import dispatch
from footbridge.store.resource_rows import Scope


def batch(
    scope: Scope, bundle: Mapping[str, Any], admit: Admit | None = None, fetch: Fetch | None = None
) -> dict[str, Any]:
    """Do each entry in the order of the Bundle; a refused one answers with its status and OperationOutcome.

    Raises InvalidRequest when the body is no batch at all.
    """
    entries = [_entry(scope, place, entry, admit, fetch) for place, entry in enumerate(read_entries(bundle, "batch"))]
    return {"resourceType": "Bundle", "type": "batch-response", "entry": entries}


def _entry(
    scope: Scope, place: int, entry: Mapping[str, Any], admit: Admit | None, fetch: Fetch | None
) -> dict[str, Any]:
    try:
        with at(place), scope.connection.begin_nested():
            return dispatch(scope, read_entry(scope, place, entry, admit), fetch)
    except InteractionError as error:
        outcome = operation_outcome(issues_of(error), fault=fault_of_status(error.status))
        return {"response": {"status": status_line(error.status), "outcome": outcome}}
