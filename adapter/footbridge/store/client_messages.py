"""Our messages about a client: Communications (https://hl7.org/fhir/R4/communication.html), found by their subject."""

from collections.abc import Iterator

from footbridge.store.resource_rows import Scope
from footbridge.store.search import search
from footbridge.store.search_query import LARGEST_PAGE
from footbridge.store.stored import Stored

TYPE = "Communication"


def messages_about(scope: Scope, patient: str) -> Iterator[Stored]:
    """Every current one whose subject is ``patient``, a reference ``Patient/id``; in the order of writing."""
    query = [("patient", patient), ("_total", "none"), ("_count", str(LARGEST_PAGE))]
    cursor: str | None = ""
    while cursor is not None:
        found = search(scope, TYPE, [*query, ("_cursor", cursor)] if cursor else query, strict=True)
        yield from found.matches
        cursor = found.cursor
