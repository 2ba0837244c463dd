"""FHIR resources of one compartment of a tenant: the interactions of https://hl7.org/fhir/R4/http.html put together.

``ResourceStore`` is what a FHIR server, a simulator or a worker holds. Over a Database each call is a transaction of
its own; over a Connection it takes part in the caller's. ``put_new`` is the short way for what is known to be new.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Connection

from footbridge.model.clock import Clock
from footbridge.store import resource_rows
from footbridge.store import search as searching
from footbridge.store.beside import Beside
from footbridge.store.engine import Database
from footbridge.store.interactions.batch import batch
from footbridge.store.interactions.bundle_entry import Admit, Fetch
from footbridge.store.interactions.create import create
from footbridge.store.interactions.delete import delete
from footbridge.store.interactions.preconditions import Written
from footbridge.store.interactions.read import history, history_bundle, read, vread
from footbridge.store.interactions.transaction import transaction
from footbridge.store.interactions.update import conditional_update, update
from footbridge.store.interactions.write_policy import WritePolicy
from footbridge.store.resource_rows import Scope
from footbridge.store.search import SearchResult
from footbridge.store.search_query import Query
from footbridge.store.stored import Stored

Resource = Mapping[str, Any]


def put_new(
    connection: Connection, tenant: str, resources: Sequence[Resource], now: datetime, *, compartment: str = ""
) -> list[Stored]:
    """Store resources that have ``resourceType`` and a new ``id`` each, within the caller's transaction.

    A few statements whatever their number. Raises sqlalchemy.exc.IntegrityError when an id is taken.
    """
    return resource_rows.put_new(Scope(connection, tenant, now, compartment=compartment), resources)


class ResourceStore:
    """The resources of one compartment of a tenant, and no others.

    Every method raises the errors of ``footbridge.store.interaction_errors``.
    """

    def __init__(
        self, place: Database | Connection, tenant: str, clock: Clock, base_url: str = "", *, compartment: str = ""
    ) -> None:
        """``compartment`` is a partner's name; empty: ours."""
        self._place = place
        self._compartment = compartment
        self._tenant = tenant
        self._clock = clock
        self._base_url = base_url.rstrip("/")
        self._policy: WritePolicy | None = None
        self._beside: Beside | None = None

    def under(self, policy: WritePolicy | None) -> Self:
        """The same resources, with everything that is written judged by this policy."""
        same = copy.copy(self)
        same._policy = policy  # noqa: SLF001 - of the same class
        return same

    def showing(self, beside: Beside | None) -> Self:
        """The same resources, with others to read beside them."""
        same = copy.copy(self)
        same._beside = beside  # noqa: SLF001 - of the same class
        return same

    def within(self, scope: Scope) -> Self:
        """The same resources, read in a transaction that is open."""
        same = copy.copy(self)
        same._place = scope.connection  # noqa: SLF001 - of the same class
        return same

    def create(self, resource_type: str, resource: Resource, *, if_none_exist: str | None = None) -> Written:
        """Store a new resource; with ``if_none_exist`` only when nothing matches (then status 200)."""
        with self._writing() as scope:
            return create(scope, resource_type, resource, if_none_exist=if_none_exist)

    def read(self, resource_type: str, identity: str) -> Stored:
        """The current version; raises NotFound or Gone."""
        with self._reading() as scope:
            return read(scope, resource_type, identity)

    def vread(self, resource_type: str, identity: str, version: str) -> Stored:
        """One version; raises NotFound or Gone."""
        with self._reading() as scope:
            return vread(scope, resource_type, identity, version)

    def history(self, resource_type: str, identity: str, *, since: datetime | None = None) -> list[Stored]:
        """Every version, newest first; raises NotFound."""
        with self._reading() as scope:
            return history(scope, resource_type, identity, since=since)

    def history_bundle(self, resource_type: str, identity: str, *, since: datetime | None = None) -> dict[str, Any]:
        """Every version as a Bundle of type history; raises NotFound."""
        return history_bundle(self.history(resource_type, identity, since=since), self._base_url)

    def update(
        self,
        resource_type: str,
        identity: str,
        resource: Resource,
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
    ) -> Written:
        """Store the next version, or the first; raises PreconditionFailed when ``if_match`` is stale."""
        with self._writing() as scope:
            return update(scope, resource_type, identity, resource, if_match=if_match, if_none_match=if_none_match)

    def conditional_update(
        self,
        resource_type: str,
        criteria: str,
        resource: Resource,
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
    ) -> Written:
        """Update the one match of the criteria, or create; raises MultipleMatches for several."""
        with self._writing() as scope:
            return conditional_update(
                scope, resource_type, criteria, resource, if_match=if_match, if_none_match=if_none_match
            )

    def delete(self, resource_type: str, identity: str, *, if_match: str | None = None) -> Written:
        """Delete; its history stays."""
        with self._writing() as scope:
            return delete(scope, resource_type, identity, if_match=if_match)

    def search(
        self, resource_type: str, query: Query = (), *, strict: bool = False, estimate: bool = False
    ) -> SearchResult:
        """One page of matches; ``.bundle()`` of the result is the searchset."""
        with self._reading() as scope:
            return searching.search(scope, resource_type, query, strict=strict, estimate=estimate)

    def transaction(
        self, bundle: Resource, *, admit: Admit | None = None, fetch: Fetch | None = None
    ) -> dict[str, Any]:
        """Do every entry or none; answers the response Bundle.

        ``admit`` refuses entries that are not offered, ``fetch`` answers those that read.
        """
        with self._writing() as scope:
            return transaction(scope, bundle, admit, fetch)

    def batch(self, bundle: Resource, *, admit: Admit | None = None, fetch: Fetch | None = None) -> dict[str, Any]:
        """Do each entry by itself; answers the response Bundle. ``admit`` and ``fetch`` as for a transaction."""
        with self._writing() as scope:
            return batch(scope, bundle, admit, fetch)

    @contextmanager
    def _writing(self) -> Iterator[Scope]:
        if isinstance(self._place, Connection):
            # What a policy wrote before it refused must not stay when the caller's transaction goes on.
            with self._place.begin_nested() if self._policy else nullcontext():
                yield self._scope(self._place)
        else:
            with self._place.write() as connection:
                yield replace(self._scope(connection), alone=True)

    @contextmanager
    def _reading(self) -> Iterator[Scope]:
        if isinstance(self._place, Connection):
            yield self._scope(self._place)
        else:
            with self._place.read() as connection:
                yield self._scope(connection)

    def _scope(self, connection: Connection) -> Scope:
        now, base_url = self._clock.now(), self._base_url
        return Scope(
            connection, self._tenant, now, base_url, self._compartment, self._policy, beside=self._beside
        )  # fmt: skip
