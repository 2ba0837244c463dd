"""One version of a FHIR resource, as it was read from the store."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from footbridge.store.exact_json import loads


@dataclass(frozen=True, slots=True)
class Stored:
    """One version of a resource. ``body`` is its JSON text with id and meta; empty for a deletion, and when erased."""

    type: str
    id: str
    version: int
    last_updated: datetime
    deleted: bool
    body: str

    @property
    def reference(self) -> str:
        """``Type/id``."""
        return f"{self.type}/{self.id}"

    @property
    def erased(self) -> bool:
        """Whether this version existed and its content was taken away (``store.erasure``)."""
        return not self.deleted and not self.body

    @property
    def etag(self) -> str:
        """The weak ETag of this version (https://hl7.org/fhir/R4/http.html#versioning)."""
        return f'W/"{self.version}"'

    @property
    def resource(self) -> dict[str, Any]:
        """The resource, parsed again at each call; decimals as Decimal. Only for a version that has a body."""
        parsed: dict[str, Any] = loads(self.body)
        return parsed
