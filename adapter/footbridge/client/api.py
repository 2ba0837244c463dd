"""The client: one method for each operation of ``/api/v1``."""

import uuid
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, Final, Self, cast
from urllib.parse import quote

from footbridge.client.http import Connection, Retries
from footbridge.client.models import Change, ChangePage, Event, Json, Prescription, Receipt, Summary, Waiting

ROOT: Final = "/api/v1"
LONG_POLL: Final = 20  # seconds: the longest wait of /changes


class FootbridgeClient:
    """Speaks to one Footbridge as the user of one token; use it in one thread, as a context manager.

    Every method raises the errors of ``footbridge.client.errors``.
    """

    def __init__(self, base_url: str, token: str, *, timeout: float = 30.0, retries: Retries | None = None) -> None:
        """Connect to nothing yet.

        Args:
            base_url: address of the server, without ``/api/v1``; https, or http to this machine.
            token: bearer token, as ``footbridge tenant token`` makes it.
            timeout: seconds that each attempt may wait for a connection, and for each part of the answer.
            retries: how often a request that may be repeated is repeated.

        Raises:
            ValueError: the base URL is not fit for use.
        """
        self._http = Connection(base_url, token, timeout=timeout, retries=retries or Retries())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _value: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def submit(self, document: Mapping[str, Any], *, key: str | None = None) -> Receipt:
        """Submit a prescription; accepted means that it is stored.

        Every attempt carries the same Idempotency-Key, so that a repeat is answered with the first receipt.

        Args:
            document: the prescription, as ``docs/reference/prescription.md`` has it.
            key: the Idempotency-Key; store one with your own order to repeat the call after a crash. A random UUID
                when None.

        Raises:
            InvalidDocumentError: it has errors; nothing was stored.
            ConflictError: another document has its identifier, or its key.
        """
        headers = {"Idempotency-Key": key or str(uuid.uuid4())}
        return cast("Receipt", self._http.post(f"{ROOT}/prescriptions", document, headers=headers, repeats=True))

    def get(self, identity: str) -> Prescription:
        """One prescription and how far it is. Raises NotFoundError."""
        return cast("Prescription", self._http.get(_path(identity)))

    def bundle(self, identity: str) -> Json:
        """Its FHIR R4 resources as they stand, a Bundle of type collection. Raises NotFoundError, ForbiddenError."""
        return self._http.get(_path(identity, "bundle"))

    def prescriptions(self, *, limit: int = 100, **conditions: str) -> Iterator[Summary]:
        """Every prescription that meets the conditions, page by page.

        Args:
            limit: how many are asked for at a time, 1 to 100.
            conditions: ``status``, ``kind``, ``category``, ``identifier`` (``system|value``), ``partner``, ``since``,
                ``until`` (instants of the last change), ``sort``.
        """
        cursor: str | None = None
        while True:
            page = self._http.get(f"{ROOT}/prescriptions", {**conditions, "limit": limit, "cursor": cursor})
            yield from page["prescriptions"]
            cursor = page["next"]
            if cursor is None:
                return

    def find(self, system: str, value: str) -> Summary | None:
        """The prescription with this business identifier; None when there is none."""
        return next(self.prescriptions(identifier=f"{system}|{value}"), None)

    def timeline(self, identity: str) -> list[Event]:
        """All that happened to a prescription, oldest first. Raises NotFoundError."""
        return cast("list[Event]", self._http.get(_path(identity, "timeline"))["events"])

    def send_event(self, identity: str, event: str, **members: Any) -> Prescription:  # noqa: ANN401 - JSON
        """Say what happened to a referral, or what shall happen; returns the prescription as it is then.

        Args:
            identity: id of the prescription.
            event: such as ``accept``; ``allowed`` of each referral names those that may be sent.
            members: ``referral``, ``at``, ``reason`` and what the event needs; ``docs/openapi.yaml`` has them.

        Raises:
            NotAllowedError: the state does not allow it; ``allowed`` says what may be sent instead.
        """
        return cast("Prescription", self._http.post(_path(identity, "events"), {"event": event, **members}))

    def cancel(self, identity: str, reason: str) -> Prescription:
        """Cancel the whole prescription; the services that were asked learn the reason. Raises NotAllowedError."""
        return cast("Prescription", self._http.post(_path(identity, "cancel"), {"reason": reason}))

    def waiting(self, *, limit: int = 50) -> list[Waiting]:
        """The referrals that wait for a person, what waits longest first; at most ``limit`` (1 to 500)."""
        return cast("list[Waiting]", self._http.get(f"{ROOT}/waiting", {"limit": limit})["waiting"])

    def change_page(self, since: str | None = None, *, limit: int = 100, wait: int = 0) -> ChangePage:
        """Changes after a cursor; waits up to ``wait`` seconds (0 to 20) for the first. Raises CursorAheadError."""
        query = {"since": since, "limit": limit, "wait": wait}
        return cast("ChangePage", self._http.get(f"{ROOT}/changes", query, waits=wait))

    def changes(
        self,
        since: str | None = None,
        *,
        limit: int = 100,
        wait: int = LONG_POLL,
        save: Callable[[str], None] | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> Iterator[Change]:
        """Every change after a cursor, then those to come, by long polling; each at least once.

        Args:
            since: the cursor that you stored last; from the beginning when None.
            limit: the most that one page holds, 1 to 1000.
            wait: seconds that the API waits for a change, 0 to 20.
            save: stores a cursor: called after you have dealt with all changes of a page, which is when you ask for
                the next one. After a crash begin from what it stored.
            stop: asked after each page; True ends the iteration. Without it, it ends at the first empty page when
                ``wait`` is 0, and never otherwise.

        Raises:
            CursorAheadError: a backup was restored; begin again without a cursor.
        """
        while True:
            page = self.change_page(since, limit=limit, wait=wait)
            yield from page["changes"]
            since = page["next"]
            if save is not None:
                save(since)
            ended = not page["changes"] and wait == 0
            if ended or (stop is not None and stop()):
                return


def _path(identity: str, *rest: str) -> str:
    return "/".join((f"{ROOT}/prescriptions", quote(identity, safe=""), *rest))
