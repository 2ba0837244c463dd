"""Resources of a simulated server that differ from the standard as its quirks say."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from footbridge.model.clock import Clock
from footbridge.partners.fhir.references import creation_order, rewritten
from footbridge.partners.fhir.server import Resource
from footbridge.partners.fhir.simulator.faults import Quirks
from footbridge.store.engine import Database
from footbridge.store.interaction_errors import PreconditionFailed
from footbridge.store.interactions.bundle_entry import Admit, Fetch
from footbridge.store.interactions.preconditions import Written
from footbridge.store.resources import ResourceStore
from footbridge.store.search import SearchResult
from footbridge.store.search_query import Query


class QuirkyStore(ResourceStore):
    """As a ResourceStore, but where the quirks are others than the standard's."""

    def __init__(
        self, database: Database, tenant: str, clock: Clock, base_url: str, quirks: Quirks, *, compartment: str = ""
    ) -> None:
        super().__init__(database, tenant, clock, base_url, compartment=compartment)
        self._quirks = quirks

    def update(
        self,
        resource_type: str,
        identity: str,
        resource: Mapping[str, Any],
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
    ) -> Written:
        """As the standard has it; a stale version is refused with the status of the quirks."""
        try:
            return super().update(resource_type, identity, resource, if_match=if_match, if_none_match=if_none_match)
        except PreconditionFailed as error:
            error.status = self._quirks.stale_status
            raise

    def search(
        self, resource_type: str, query: Query = (), *, strict: bool = False, estimate: bool = False
    ) -> SearchResult:
        """As the standard has it; perhaps newest first always, or with no next page."""
        if not self._quirks.sorting:
            query = [*((name, value) for name, value in query if name != "_sort"), ("_sort", "-_lastUpdated")]
        page = super().search(resource_type, query, strict=strict, estimate=estimate)
        return page if self._quirks.paging else replace(page, cursor=None)

    def batch(self, bundle: Mapping[str, Any], *, admit: Admit | None = None, fetch: Fetch | None = None) -> Resource:
        """As the standard has it; perhaps with no conditional create."""
        return super().batch(self._obeyed(bundle), admit=admit, fetch=fetch)

    def transaction(
        self, bundle: Mapping[str, Any], *, admit: Admit | None = None, fetch: Fetch | None = None
    ) -> Resource:
        """As the standard has it; perhaps with no conditional create, no roll-back, or no locations."""
        bundle = self._obeyed(bundle)
        whole = self._quirks.rollback
        answer = super().transaction(bundle, admit=admit, fetch=fetch) if whole else self._one_by_one(bundle, admit)
        if not self._quirks.locations:
            for entry in answer["entry"]:
                entry["response"].pop("location", None)
        return answer

    def _obeyed(self, bundle: Mapping[str, Any]) -> Mapping[str, Any]:
        """The Bundle without what is not obeyed."""
        entries = bundle.get("entry")
        if self._quirks.conditional_create or not isinstance(entries, list):
            return bundle
        return {**bundle, "entry": [_unconditional(entry) for entry in entries]}

    def _one_by_one(self, bundle: Mapping[str, Any], admit: Admit | None) -> Resource:
        """Each entry by itself, after those that it refers to; failures stay in their entries."""
        answers: dict[str, Resource] = {}
        places: dict[str, str] = {}
        for entry in creation_order(bundle["entry"]):
            single = {**entry, "resource": rewritten(entry["resource"], places)}
            alone = {"resourceType": "Bundle", "type": "batch", "entry": [single]}
            answer = super().batch(alone, admit=admit)["entry"][0]
            answers[entry["fullUrl"]] = answer
            if "location" in answer["response"]:
                place = answer["response"]["location"].partition("/_history/")[0]
                places[entry["fullUrl"]] = "/".join(place.split("/")[-2:])
        ordered = [answers[entry["fullUrl"]] for entry in bundle["entry"]]
        return {"resourceType": "Bundle", "type": "transaction-response", "entry": ordered}


def _unconditional(entry: Any) -> Any:  # noqa: ANN401 - whatever a Bundle holds
    if not isinstance(entry, dict) or not isinstance(entry.get("request"), dict):
        return entry
    return {**entry, "request": {name: value for name, value in entry["request"].items() if name != "ifNoneExist"}}
