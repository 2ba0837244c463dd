"""A version of a resource that is ready to be written, but for the moment of writing.

Other writers wait for a transaction, so its JSON text is made before. The moment of writing is drawn inside of it
(``resource_rows``) and put into its place in the text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from footbridge.store.exact_json import dumps, loads
from footbridge.store.indexing import Entry, index_of, indexed_with_resource

_OURS = {"versionId", "lastUpdated"}
_LAST_UPDATED = '"lastUpdated":""'


@dataclass(frozen=True, slots=True)
class PreparedResource:
    """A version without its moment.

    Attributes:
        before, after: the JSON text around the value of ``meta.lastUpdated``.
        entries: of the search index, where they are written with the resource; None: not worked out.
    """

    type: str
    id: str
    version: int
    before: str
    after: str
    entries: frozenset[Entry] | None = None

    def body(self, at: str) -> str:
        """The JSON text with the moment of writing (27 characters, ``store.moments.stamp``)."""
        return f"{self.before}{at}{self.after}"

    def index_entries(self) -> frozenset[Entry]:
        """What the search index holds of it."""
        return frozenset(index_of(loads(self.body("")))) if self.entries is None else self.entries


def prepare(resource: Mapping[str, Any], version: int = 1, *, compartment: str = "") -> PreparedResource:
    """Make a version ready; needs no transaction.

    Args:
        resource: with ``resourceType`` and ``id``; its versionId and lastUpdated do not count.
        version: its number.
        compartment: where it will be written; empty: ours.
    """
    others = {name: value for name, value in resource.get("meta", {}).items() if name not in _OURS}
    head = {"resourceType": resource["resourceType"], "id": resource["id"]}
    # Nothing that is the resource's own comes before our lastUpdated, so that the first one in the text is ours.
    meta = {"meta": {"versionId": str(version), "lastUpdated": "", **others}}
    before, _, after = dumps({**head, **meta, **resource, **head, **meta}).partition(_LAST_UPDATED)
    entries = frozenset(index_of(resource)) if indexed_with_resource(compartment, head["resourceType"]) else None
    text = (f"{before}{_LAST_UPDATED[:-1]}", f'"{after}')
    return PreparedResource(head["resourceType"], head["id"], version, *text, entries)
