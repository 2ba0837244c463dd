"""transaction (https://hl7.org/fhir/R4/http.html#transaction): all entries or none.

The order is that of the standard, whatever the order in the Bundle: DELETE, POST, PUT, GET. Before anything but the
deletions is written every entry gets its final id, so that references between entries can be made literal, in any
direction. Two entries that write to one resource are refused; two conditional creates with the same criteria make one.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from footbridge.store.interaction_errors import InvalidRequest, PreconditionFailed
from footbridge.store.interactions.bundle_entry import BundleEntry, answer_written, at, read_entries, read_entry
from footbridge.store.interactions.create import match, new_id
from footbridge.store.interactions.dispatch import dispatch, write
from footbridge.store.interactions.preconditions import ID, Written
from footbridge.store.interactions.rewriting import rewrite
from footbridge.store.interactions.update import conditional_id, update
from footbridge.store.resource_rows import Scope, Stored, put_new

_CONDITIONAL = re.compile(r"([A-Z][A-Za-z]+)\?(.+)")
_RESTFUL = re.compile(rf"(https?://.+)/[A-Z][A-Za-z]+/{ID.pattern}")


def transaction(scope: Scope, bundle: Mapping[str, Any]) -> dict[str, Any]:
    """Do every entry, or none: then the InteractionError of the first that was refused is raised.

    Answers a Bundle of type transaction-response, its entries in the order of the request. When the caller's
    transaction goes on after an error, it is as if this had not been called.
    """
    steps = [_read(scope, place, entry) for place, entry in enumerate(read_entries(bundle, "transaction"))]
    with scope.connection.begin_nested():
        answers = _Transaction(scope, steps).run()
    entries = [answers[step.place] for step in steps]
    return {"resourceType": "Bundle", "type": "transaction-response", "entry": entries}


def _read(scope: Scope, place: int, entry: Mapping[str, Any]) -> BundleEntry:
    with at(place):
        return read_entry(scope, place, entry)


class _Transaction:
    def __init__(self, scope: Scope, steps: Sequence[BundleEntry]) -> None:
        self.scope = scope
        self.steps = steps
        self.answers: dict[int, dict[str, Any]] = {}
        self.identities: dict[int, str] = {}  # of the entries that write
        self.existing: dict[int, Stored] = {}  # of conditional creates that found one
        self.twins: dict[int, int] = {}  # conditional creates with the criteria of an earlier one
        self.targets: dict[str, str] = {}  # fullUrl -> Type/id

    def run(self) -> dict[int, dict[str, Any]]:
        for step in self._of("DELETE"):
            with at(step.place):
                self.answers[step.place] = answer_written(self.scope, write(self.scope, step, {}))
        self._identify()
        self._refuse_overlap()
        self._create()
        for step in self._of("PUT"):
            with at(step.place):
                resource = {**self._rewritten(step), "id": self.identities[step.place]}
                self.answers[step.place] = answer_written(self.scope, self._update(step, resource))
        for step in self._of("GET"):
            with at(step.place):
                self.answers[step.place] = dispatch(self.scope, step)
        return self.answers

    def _of(self, method: str) -> list[BundleEntry]:
        return [step for step in self.steps if step.method == method]

    def _identify(self) -> None:
        first_with: dict[tuple[str, str], int] = {}
        for step in [*self._of("POST"), *self._of("PUT")]:
            with at(step.place):
                identity = self._identity(step, first_with)
            self.identities[step.place] = identity
            if step.full_url:
                self.targets[step.full_url] = f"{step.type}/{identity}"

    def _identity(self, step: BundleEntry, first_with: dict[tuple[str, str], int]) -> str:
        if step.method == "PUT":
            return step.identity or conditional_id(self.scope, step.type, step.query, step.resource)
        if step.if_none_exist is None:
            return new_id()
        twin = first_with.setdefault((step.type, step.if_none_exist), step.place)
        if twin != step.place:
            self.twins[step.place] = twin
            return self.identities[twin]
        existing = match(self.scope, step.type, step.if_none_exist)
        if existing is None:
            return new_id()
        self.existing[step.place] = existing
        return existing.id

    def _refuse_overlap(self) -> None:
        seen: set[str] = set()
        for step in self.steps:
            if step.method == "GET" or step.place in self.existing or step.place in self.twins:
                continue
            written = f"{step.type}/{self.identities.get(step.place, step.identity)}"
            if written in seen:
                raise InvalidRequest("Two entries write to one resource.", expression=f"Bundle.entry[{step.place}]")
            seen.add(written)

    def _create(self) -> None:
        fresh = [step for step in self._of("POST") if step.place not in self.existing | self.twins]
        resources = []
        for step in fresh:
            with at(step.place):
                resources.append({**self._rewritten(step), "id": self.identities[step.place]})
        made = dict(zip((step.place for step in fresh), put_new(self.scope, resources), strict=True))
        for step in self._of("POST"):
            source = self.twins.get(step.place, step.place)
            written = Written(201, made[step.place]) if step.place in made else None
            found = self.existing.get(source) or made.get(source)
            self.answers[step.place] = answer_written(self.scope, written or Written(200, found))

    def _update(self, step: BundleEntry, resource: Mapping[str, Any]) -> Written:
        identity = self.identities[step.place]
        return update(self.scope, step.type, identity, resource, if_match=step.if_match)

    def _rewritten(self, step: BundleEntry) -> dict[str, Any]:
        root = _RESTFUL.fullmatch(step.full_url)
        rewritten: dict[str, Any] = rewrite(step.resource, _Links(self.scope, self.targets, root[1] if root else None))
        return rewritten


@dataclass(frozen=True, slots=True)
class _Links:
    """Resolves the links of one entry; ``root`` is where its relative references start, if anywhere."""

    scope: Scope
    targets: Mapping[str, str]
    root: str | None

    def link(self, value: str) -> str:
        base, mark, fragment = value.partition("#")
        known = base.partition("/_history/")[0]  # the server gives its own versions
        target = self.targets.get(known) or self.targets.get(f"{self.root}/{known}")
        return f"{target}{mark}{fragment}" if target else value

    def reference(self, value: str) -> str:
        conditional = _CONDITIONAL.fullmatch(value)
        if conditional is None:
            return self.link(value)
        found = match(self.scope, conditional[1], conditional[2])
        if found is None:
            raise PreconditionFailed(f"A conditional reference names a {conditional[1]} that is not here.")
        return found.reference
