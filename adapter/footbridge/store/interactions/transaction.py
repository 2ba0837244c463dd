"""transaction (https://hl7.org/fhir/R4/http.html#transaction): all entries or none.

The order is that of the standard, whatever the order in the Bundle: DELETE, POST, PUT, GET. Before anything but the
deletions is written every entry gets its final id, so that references between entries can be made literal, in any
direction. Two entries that write to one resource are refused; two conditional creates with the same criteria make one.
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from footbridge.i18n import _
from footbridge.store.interaction_errors import InvalidRequest, PreconditionFailed
from footbridge.store.interactions.bundle_entry import (
    Admit,
    BundleEntry,
    Fetch,
    answer_written,
    at,
    read_entries,
    read_entry,
)
from footbridge.store.interactions.create import match, new_id, proposed_create
from footbridge.store.interactions.dispatch import dispatch
from footbridge.store.interactions.dispatch import write as write_entry
from footbridge.store.interactions.judging import judged
from footbridge.store.interactions.preconditions import ID, Written, criteria_of
from footbridge.store.interactions.rewriting import CONDITIONAL, rewrite
from footbridge.store.interactions.update import conditional_id, proposed_update, put_update
from footbridge.store.interactions.write_policy import Write
from footbridge.store.resource_rows import Scope, lock, put_new

if TYPE_CHECKING:
    from footbridge.store.stored import Stored

_Criteria = tuple[str | tuple[str, str], ...]
"""A type, then what is searched for."""
_RESTFUL = re.compile(rf"(https?://.+)/[A-Z][A-Za-z]+/{ID.pattern}")


def transaction(
    scope: Scope, bundle: Mapping[str, Any], admit: Admit | None = None, fetch: Fetch | None = None
) -> dict[str, Any]:
    """Do every entry, or none: then the InteractionError of the first that was refused is raised.

    Answers a Bundle of type transaction-response, its entries in the order of the request. When the caller's
    transaction goes on after an error, it is as if this had not been called.
    """
    steps = [_read(scope, place, entry, admit) for place, entry in enumerate(read_entries(bundle, "transaction"))]
    # A savepoint makes SQLite copy each page that changes: twice the writing of a large transaction.
    with nullcontext() if scope.alone else scope.connection.begin_nested():
        answers = _Transaction(scope, steps, fetch).run()
    entries = [answers[step.place] for step in steps]
    return {"resourceType": "Bundle", "type": "transaction-response", "entry": entries}


def _read(scope: Scope, place: int, entry: Mapping[str, Any], admit: Admit | None) -> BundleEntry:
    with at(place):
        return read_entry(scope, place, entry, admit)


class _Transaction:
    def __init__(self, scope: Scope, steps: Sequence[BundleEntry], fetch: Fetch | None) -> None:
        self.scope = scope
        self.fetch = fetch
        self.steps = steps
        self.answers: dict[int, dict[str, Any]] = {}
        self.identities: dict[int, str] = {}  # of the entries that write
        self.existing: dict[int, Stored] = {}  # of conditional creates that found one
        self.twins: dict[int, int] = {}  # conditional creates with the criteria of an earlier one
        self.targets: dict[str, str] = {}  # fullUrl -> Type/id
        self.together: list[Write] = []  # every create and update, which each of them knows
        self.by_criteria: dict[_Criteria, str] = {}  # criteria of a conditional create or update -> Type/id

    def run(self) -> dict[int, dict[str, Any]]:
        for step in self._of("DELETE"):
            with at(step.place):
                self.answers[step.place] = answer_written(self.scope, write_entry(self.scope, step, {}))
        self._identify()
        self._refuse_overlap()
        creates, updates = self._proposals()
        if self.together:
            lock(self.scope)
        new, changed = self._judged(creates), self._judged(updates)
        self._create(new)
        for write, resource in changed:
            self.answers[write.place or 0] = answer_written(self.scope, put_update(self.scope, write, resource))
        for step in self.steps:
            if step.reads:
                with at(step.place):
                    self.answers[step.place] = dispatch(self.scope, step, self.fetch)
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
            criteria = step.if_none_exist if step.method == "POST" else step.query
            if criteria:
                self.by_criteria[step.type, *criteria_of(criteria)] = f"{step.type}/{identity}"

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
            if step.reads or step.place in self.existing or step.place in self.twins:
                continue
            written = f"{step.type}/{self.identities.get(step.place, step.identity)}"
            if written in seen:
                raise InvalidRequest(
                    _("Two entries write to the same resource."), expression=f"Bundle.entry[{step.place}]"
                )
            seen.add(written)

    def _proposals(self) -> tuple[list[Write], list[Write]]:
        """The creates and the updates, with their final ids and references."""
        creates, updates = [], []
        for step in [*self._of("POST"), *self._of("PUT")]:
            if step.place in self.existing or step.place in self.twins:
                continue
            with at(step.place):
                resource = {**self._rewritten(step), "id": self.identities[step.place]}
                if step.method == "POST":
                    creates.append(proposed_create(step.type, resource, step.place, self.together))
                else:
                    write = proposed_update(
                        self.scope.at(step.place), step.type, resource["id"], resource,
                        if_match=step.if_match, if_none_match=step.if_none_match,
                    )  # fmt: skip
                    updates.append(replace(write, together=self.together))
        self.together += [*creates, *updates]
        return creates, updates

    def _judged(self, writes: Sequence[Write]) -> list[tuple[Write, Mapping[str, Any]]]:
        """The writes, each with the resource that the policy lets in."""
        found = []
        for write in writes:
            with at(write.place or 0):
                found.append((write, judged(self.scope, write, locked=True)))
        return found

    def _create(self, judged_writes: Sequence[tuple[Write, Mapping[str, Any]]]) -> None:
        made = put_new(self.scope, [resource for _, resource in judged_writes])
        written = {
            write.place: Written(201, one, tuple(write.issues))
            for (write, _), one in zip(judged_writes, made, strict=True)
        }
        for step in self._of("POST"):
            first = written.get(self.twins.get(step.place, step.place))
            found = self.existing.get(self.twins.get(step.place, step.place)) or (first.stored if first else None)
            self.answers[step.place] = answer_written(self.scope, written.get(step.place) or Written(200, found))

    def _rewritten(self, step: BundleEntry) -> dict[str, Any]:
        root = _RESTFUL.fullmatch(step.full_url)
        links = _Links(self.scope, self.targets, self.by_criteria, root[1] if root else None)
        rewritten: dict[str, Any] = rewrite(step.resource, links)
        return rewritten


@dataclass(frozen=True, slots=True)
class _Links:
    """Resolves the links of one entry; ``root`` is where its relative references start, if anywhere."""

    scope: Scope
    targets: Mapping[str, str]
    by_criteria: Mapping[_Criteria, str]
    root: str | None

    def link(self, value: str) -> str:
        target = self.targets.get(value)
        if target is not None:
            return target
        if self.root is None and "#" not in value and "/_history/" not in value:  # most: the URLs of code systems
            return value
        base, mark, fragment = value.partition("#")
        known = base.partition("/_history/")[0]  # the server gives its own versions
        target = self.targets.get(known) or self.targets.get(f"{self.root}/{known}")
        return f"{target}{mark}{fragment}" if target else value

    def reference(self, value: str) -> str:
        conditional = CONDITIONAL.fullmatch(value)
        if conditional is None:
            return self.link(value)
        written = self.by_criteria.get((conditional[1], *criteria_of(conditional[2])))
        if written is not None:
            return written
        found = match(self.scope, conditional[1], conditional[2])
        if found is None:
            raise PreconditionFailed(_("A conditional reference matches no {conditional}.", conditional=conditional[1]))
        return found.reference
