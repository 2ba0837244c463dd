"""Delivery ``task-only``, the guide's direct exchange: the partner's own server takes the Task, ours has the rest.

What the Task refers to is in the partner's compartment on our ``/fhir``, where its absolute references lead; the
partner reads it with its token of ours. Status comes by poll. What the partner may no longer know is erased from the
compartment, as of a hosted partner. http://hl7.org/fhir/us/sdoh-clinicalcare/referral_workflow.html
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from footbridge.errors import PartnerError
from footbridge.i18n import _
from footbridge.model.clock import Clock
from footbridge.partners.fhir.hosted import Compartment
from footbridge.partners.fhir.lenient import object_in, text_in
from footbridge.partners.fhir.network import FhirNetwork
from footbridge.partners.fhir.references import place_at, references, rewritten
from footbridge.partners.fhir.server import Change, PolledReports, Remote, Resource, TaskReport
from footbridge.partners.ports import Connection
from footbridge.store.engine import Database
from footbridge.store.resource_rows import Scope

TASK_ONLY = "task-only"
"""The delivery of such a partner."""


@dataclass(frozen=True, slots=True)
class DirectServer:
    """A ``FhirServer``: Tasks at the partner's server, all else in its compartment; safe to share between threads.

    Attributes:
        remote: the partner's server.
        ours: the base URL of our ``/fhir``, as the partner reaches it.
        database, tenant, name, clock: where the compartment is.
    """

    remote: FhirNetwork
    ours: str
    database: Database
    tenant: str
    name: str
    clock: Clock

    def deliver(self, bundle: Resource) -> Mapping[str, Remote]:
        """As ``FhirServer.deliver``: first what the Task refers to, then the Task, then what refers to it."""
        tasks = [entry for entry in bundle["entry"] if entry["resource"]["resourceType"] == "Task"]
        of_tasks = {entry["fullUrl"] for entry in tasks}
        others = [entry for entry in bundle["entry"] if entry not in tasks]
        after = [entry for entry in others if of_tasks & set(references(entry["resource"]))]
        found = dict(self._store(bundle, [entry for entry in others if entry not in after], {}))
        if tasks:
            places = {url: f"{self.ours}/{remote.reference}" for url, remote in found.items()}
            sent = [{**entry, "resource": self._leading_here(entry["resource"], places)} for entry in tasks]
            found |= self.remote.deliver({**bundle, "entry": sent})
        if after:
            found |= self._store(bundle, after, found)
        return found

    def find(self, bundle: Resource) -> Mapping[str, Remote]:
        """As ``FhirServer.find``."""
        tasks = [entry for entry in bundle["entry"] if entry["resource"]["resourceType"] == "Task"]
        others = [entry for entry in bundle["entry"] if entry not in tasks]
        with self._compartment() as here:
            found = dict(here.find({**bundle, "entry": others}))
        found.update(self.remote.find({**bundle, "entry": tasks}))
        return found

    def match_patient(self, identifiers: Sequence[tuple[str, str]]) -> Remote | None:
        """As ``FhirServer.match_patient``."""
        with self._compartment() as here:
            return here.match_patient(identifiers)

    def push(self, type_: str, remote_id: str, change: Change) -> Remote | None:
        """As ``FhirServer.push``."""
        if type_ != "Task":
            with self._compartment() as here:
                return here.push(type_, remote_id, change)

        def leading_here(remote: Resource) -> Resource | None:
            wanted = change(remote)
            return None if wanted is None else self._leading_here(wanted, {}, theirs=set(references(remote)))

        return self.remote.push(type_, remote_id, leading_here)

    def withdraw(self, type_: str, remote_id: str, change: Change) -> bool:
        """As ``FhirServer.withdraw``: what is here goes, a Task at the partner says so."""
        if type_ != "Task":
            with self._compartment() as here:
                return here.withdraw(type_, remote_id, change)
        self.push(type_, remote_id, change)
        return False

    def poll(self, cursor: datetime | None) -> PolledReports:
        """As ``FhirServer.poll``."""
        return self.remote.poll(cursor)

    def reports(self, remote_ids: Sequence[str]) -> tuple[TaskReport, ...]:
        """As ``FhirServer.reports``."""
        return self.remote.reports(remote_ids)

    def referenced(self, report: TaskReport) -> tuple[Resource, ...]:
        """As ``FhirServer.referenced``: outcomes are at the partner's server, or in its compartment here."""
        here = [output for output in report.outputs if self._is_here(output)]
        there = [output for output in report.outputs if output not in here]
        relative = tuple(rewritten(output, {one: self._relative(one) for one in references(output)}) for output in here)
        with self._compartment() as mine:
            found = mine.referenced(replace(report, outputs=relative))
        return (*found, *self.remote.referenced(replace(report, outputs=tuple(there))))

    def test(self) -> Connection:
        """As ``FhirServer.test``, and whether it takes a Task and can reach us."""
        tested = self.remote.test()
        if tested.problem is not None:
            return tested
        problem = self._problem()
        return replace(tested, problem=problem, step=None if problem is None else "discovery")

    def _problem(self) -> str | None:
        try:
            task = self.remote.client.capabilities().resources.get("Task")
        except PartnerError as error:
            return str(error)
        declared = None if task is None else task.get("interaction")
        codes = {text_in(object_in(one).get("code")) for one in declared} if isinstance(declared, list) else None
        if codes is not None and "create" not in codes:
            return _("The partner does not declare that a Task can be created there: task-only delivery needs that.")
        if not self.ours.startswith("https://") and not self.remote.client.base_url.startswith("http://"):
            return _("The partner follows references to {url}: set FOOTBRIDGE_PUBLIC_URL to https.", url=self.ours)
        return None

    def _store(
        self, bundle: Resource, entries: Sequence[Resource], known: Mapping[str, Remote]
    ) -> Mapping[str, Remote]:
        """Put entries into the compartment; references to a Task lead to the partner's server."""
        if not entries:
            return {}
        places = {url: self._place_of(remote) for url, remote in known.items()}
        base = self.remote.client.base_url

        def resource(entry: Resource) -> Resource:
            body: Resource = rewritten(entry["resource"], places)
            tasks = {one: f"{base}/{one}" for one in references(body) if one.startswith("Task/")}
            made: Resource = rewritten(body, tasks)
            return made

        with self._compartment() as here:
            return here.deliver({**bundle, "entry": [{**entry, "resource": resource(entry)} for entry in entries]})

    def _place_of(self, remote: Remote) -> str:
        """How a resource in the compartment refers to another, or to a Task."""
        return f"{self.remote.client.base_url}/{remote.reference}" if remote.type == "Task" else remote.reference

    def _leading_here(
        self, task: Resource, places: Mapping[str, str], theirs: set[str] | frozenset[str] = frozenset()
    ) -> Resource:
        """A Task whose references to all but Tasks are absolute; those that are the partner's own stay."""
        relative = {
            one: f"{self.ours}/{one}"
            for one in references(task)
            if one not in theirs and place_at("", one) is not None and not one.startswith("Task/")
        }
        led: Resource = rewritten(task, {**relative, **places})
        return led

    def _is_here(self, output: Mapping[str, Any]) -> bool:
        return any(one.startswith(f"{self.ours}/") for one in references(dict(output)))

    def _relative(self, reference: str) -> str:
        return reference.removeprefix(f"{self.ours}/").partition("/_history/")[0]

    @contextmanager
    def _compartment(self) -> Iterator[Compartment]:
        with self.database.write() as connection:
            yield Compartment(Scope(connection, self.tenant, self.clock.now(), compartment=self.name))
