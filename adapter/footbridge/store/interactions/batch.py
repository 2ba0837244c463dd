"""batch (https://hl7.org/fhir/R4/http.html#transaction): each entry by itself, some may fail."""

from collections.abc import Mapping
from typing import Any

from footbridge.store.interaction_errors import InteractionError, issue_of, operation_outcome
from footbridge.store.interactions.bundle_entry import at, read_entries, read_entry, status_line
from footbridge.store.interactions.dispatch import dispatch
from footbridge.store.resource_rows import Scope


def batch(scope: Scope, bundle: Mapping[str, Any]) -> dict[str, Any]:
    """Do each entry in the order of the Bundle; a refused one answers with its status and OperationOutcome.

    Raises InvalidRequest when the body is no batch at all.
    """
    entries = [_entry(scope, place, entry) for place, entry in enumerate(read_entries(bundle, "batch"))]
    return {"resourceType": "Bundle", "type": "batch-response", "entry": entries}


def _entry(scope: Scope, place: int, entry: Mapping[str, Any]) -> dict[str, Any]:
    try:
        with at(place), scope.connection.begin_nested():
            return dispatch(scope, read_entry(scope, place, entry))
    except InteractionError as error:
        outcome = operation_outcome([issue_of(error)])
        return {"response": {"status": status_line(error.status), "outcome": outcome}}
