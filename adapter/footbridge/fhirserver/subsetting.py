"""Parts of resources: ``_summary`` and ``_elements`` (https://hl7.org/fhir/R4/search.html#summary, #elements).

What is left out is marked by the tag SUBSETTED, and no part is ever stored or written back. Whatever is asked for,
the members stay without which no resource of the type is valid.
"""

from collections.abc import Collection, Mapping
from typing import Any

from footbridge.fhirserver.message import Pairs
from footbridge.i18n import _
from footbridge.store.interaction_errors import InvalidRequest
from footbridge.store.search_parameters import summary_of

Json = dict[str, Any]
TAG = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
SUMMARIES = ("true", "text", "data", "count", "false")
_ALWAYS = frozenset({"resourceType", "id", "meta"})
_WHOLE = frozenset({"OperationOutcome"})


class Subset:
    """What of each resource the caller wants.

    Raises InvalidRequest for a summary that FHIR does not have, and for a summary together with elements.
    """

    def __init__(self, query: Pairs) -> None:
        given = {name: value for name, value in query if name in {"_summary", "_elements"} and value}
        self._summary = given.get("_summary", "false")
        if self._summary not in SUMMARIES:
            raise InvalidRequest(
                _("The parameter _summary takes {summaries}.", summaries=", ".join(SUMMARIES)), expression="_summary"
            )
        names = [name.strip() for name in given.get("_elements", "").split(",") if name.strip()]
        if names and self._summary not in {"false", "count"}:
            raise InvalidRequest(_("Give _summary or _elements, not both."))
        self._elements = names

    @property
    def is_whole(self) -> bool:
        """Whether resources are shown as they are."""
        return self._summary in {"false", "count"} and not self._elements

    def of(self, resource: Mapping[str, Any]) -> Json:
        """The part of a resource, marked as such; of the outcome of a search, and of what has no such type, all."""
        kind = resource.get("resourceType", "")
        if self.is_whole or kind in _WHOLE:
            return dict(resource)
        summary, required = summary_of(kind)
        match self._summary:
            case "true":
                wanted: Collection[str] = summary | required
            case "text":
                wanted = required | {"text"}
            case "data":
                return _marked({name: value for name, value in resource.items() if name != "text"})
            case _:
                mine = (name.rpartition(".") for name in self._elements)
                wanted = required | {name for type_name, _dot, name in mine if type_name in {"", kind}}
        kept = {name: value for name, value in resource.items() if name in _ALWAYS or _is_named(name, wanted)}
        return _marked(kept)

    def of_bundle(self, bundle: Json) -> Json:
        """A searchset with the part of each of its resources."""
        if self.is_whole or "entry" not in bundle:
            return bundle
        return bundle | {"entry": [{**entry, "resource": self.of(entry["resource"])} for entry in bundle["entry"]]}


def _is_named(member: str, names: Collection[str]) -> bool:
    """Whether a member is one of these, an extension of one (``_status``), or one with its type (``valueString``)."""
    stem = member.removeprefix("_")
    return stem in names or any(stem.startswith(name) and stem[len(name) :][:1].isupper() for name in names)


def _marked(resource: Json) -> Json:
    meta = resource.get("meta", {})
    tags = [tag for tag in meta.get("tag", []) if tag != TAG]
    return {**resource, "meta": {**meta, "tag": [*tags, TAG]}}
