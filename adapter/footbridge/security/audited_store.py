"""A ``ResourceStore`` whose every read, search and write is noted in the audit.

A write is noted by the policy that judges it, in its transaction; a read is handed on once it was done. What a
conditional create or a transaction looks up for itself is no access of the caller and is not noted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Self

from sqlalchemy import Connection

from footbridge.model.clock import Clock
from footbridge.security import audit
from footbridge.security.audit import AuditWriter, Call
from footbridge.security.scopes import allows
from footbridge.store import audit as rows
from footbridge.store.engine import Database
from footbridge.store.interactions.bundle_entry import Admit, Fetch
from footbridge.store.interactions.preconditions import is_id
from footbridge.store.interactions.write_policy import Write, WritePolicy
from footbridge.store.resources import Resource, ResourceStore
from footbridge.store.search import SearchResult
from footbridge.store.search_query import Query
from footbridge.store.stored import Stored

_OF_METHOD: Mapping[str, tuple[str, str]] = {
    "GET": ("search-type", "read"),
    "POST": ("create", "create"),
    "PUT": ("update", "update"),
    "DELETE": ("delete", "delete"),
}
"""The interaction of an entry, without an id in its address and with one."""
LONGEST_TYPE = 64


class AuditedWrites:
    """A ``WritePolicy`` that notes what the policy inside it lets pass."""

    def __init__(self, inner: WritePolicy | None, call: Call, compartment: str, clock: Clock) -> None:
        self._inner = inner
        self._call = call
        self._compartment = compartment
        self._clock = clock
        self._rows: list[rows.AuditRow] = []
        self._together: Sequence[Write] = ()

    def judge(self, connection: Connection, write: Write) -> Mapping[str, Any]:
        """As the policy inside."""
        resource = write.resource if self._inner is None else self._inner.judge(connection, write)
        about = resource if write.interaction != "delete" or write.previous is None else write.previous.resource
        row = audit.row_of(
            self._call,
            self._clock.now(),
            write.interaction,
            compartment=self._compartment,
            type=write.type,
            resource=write.id,
            patients=tuple((self._compartment, one) for one in audit.patients_of(about)),
        )
        if write.together is not self._together:  # what an earlier transaction left was refused with it
            self._together, self._rows = write.together, []
        self._rows.append(row)
        if len(self._rows) >= len(write.together):  # those of one transaction are stored or refused together
            rows.add_rows(connection, self._rows)
            self._rows = []
        return resource


class AuditedStore(ResourceStore):
    """The resources of one compartment, for one call."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        base_url: str,
        *,
        compartment: str,
        call: Call,
        writer: AuditWriter,
    ) -> None:
        """``writer`` stores what was read; ``call`` says whose the tenant is."""
        super().__init__(database, call.principal.tenant, clock, base_url, compartment=compartment)
        self._call = call
        self._writer = writer

    def under(self, policy: WritePolicy | None) -> Self:
        """As of the base, with every write noted."""
        return super().under(AuditedWrites(policy, self._call, self._compartment, self._clock))

    def read(self, resource_type: str, identity: str) -> Stored:
        """As of the base."""
        found = super().read(resource_type, identity)
        self._note("read", resource_type, [found], resource=identity, version=str(found.version))
        return found

    def vread(self, resource_type: str, identity: str, version: str) -> Stored:
        """As of the base."""
        found = super().vread(resource_type, identity, version)
        self._note("vread", resource_type, [found], resource=identity, version=version)
        return found

    def history(self, resource_type: str, identity: str, *, since: datetime | None = None) -> list[Stored]:
        """As of the base."""
        found = super().history(resource_type, identity, since=since)
        self._note("history-instance", resource_type, found, resource=identity)
        return found

    def search(
        self, resource_type: str, query: Query = (), *, strict: bool = False, estimate: bool = False
    ) -> SearchResult:
        """As of the base."""
        result = super().search(resource_type, query, strict=strict, estimate=estimate)
        scopes = self._call.principal.scopes
        if scopes is not None:  # what comes with the matches is read too
            readable = [one for one in result.included if allows(scopes, one.type, "read")]
            result = replace(result, included=readable)
        found = [*result.matches, *result.included]
        self._note("search-type", resource_type, found, query=audit.safe_query(query))
        return result

    def batch(self, bundle: Resource, *, admit: Admit | None = None, fetch: Fetch | None = None) -> dict[str, Any]:
        """As of the base; refused entries are noted one by one, as ``fetch`` notes what it reads from this store."""
        answered = super().batch(bundle, admit=admit, fetch=_required(fetch))
        for asked, entry in zip(bundle.get("entry", ()), answered.get("entry", ()), strict=False):
            status = int(str(entry.get("response", {}).get("status", "200"))[:3])
            if status >= 400:
                self._note_refused(asked, status)
        return answered

    def transaction(
        self, bundle: Resource, *, admit: Admit | None = None, fetch: Fetch | None = None
    ) -> dict[str, Any]:
        """As of the base; likewise."""
        return super().transaction(bundle, admit=admit, fetch=_required(fetch))

    def _note_refused(self, asked: Mapping[str, Any], status: int) -> None:
        """Note an entry of a batch that was refused; nothing of it was shown, and no Patient is named."""
        request = asked.get("request")
        interactions = _OF_METHOD.get(str(request.get("method"))) if isinstance(request, Mapping) else None
        if interactions is None:
            return
        kind, *rest = _path(asked)
        more = {"resource": rest[0]} if rest and is_id(rest[0]) else {"query": audit.HIDDEN}
        interaction = interactions[bool(rest)]
        of_type = kind if kind.isalpha() and len(kind) <= LONGEST_TYPE else None
        self._writer.note(self._call, interaction, status=status, compartment=self._compartment, type=of_type, **more)

    def _note(self, interaction: str, kind: str, found: Sequence[Stored], **more: Any) -> None:  # noqa: ANN401 - members of AuditRow
        self._note_resources(interaction, kind, [one.resource for one in found if one.body], **more)

    def _note_resources(self, interaction: str, kind: str, found: Sequence[Mapping[str, Any]], **more: Any) -> None:  # noqa: ANN401 - as above
        patients = dict.fromkeys(patient for one in found for patient in audit.patients_of(one))
        here = self._compartment
        self._writer.note(
            self._call,
            interaction,
            compartment=here,
            type=kind,
            patients=tuple((here, one) for one in patients),
            **more,
        )


def _required(fetch: Fetch | None) -> Fetch:
    """Raises ValueError where entries that read would be read past the audit."""
    if fetch is None:
        raise ValueError("an audited store needs what reads the entries of a Bundle through it")
    return fetch


def _path(asked: Mapping[str, Any]) -> list[str]:
    """The parts of the address of an entry, without its query; at least one."""
    url = str(asked["request"].get("url", ""))
    return url.partition("?")[0].strip("/").split("/")
