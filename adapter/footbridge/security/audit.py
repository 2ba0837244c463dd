"""The audit: what is noted of each access, and when it is on the disk.

A write is noted in the transaction of the change (``note_change``, ``AuditedStore``), so that neither is there without
the other. A read is handed to the ``AuditWriter`` of the process, which stores it within a second; what it could not
store it counts, in the metrics and as a row of its own. Who calls, from where, under which request id, is the ``Call``
of the moment: the web sets it, for one thread and request.
"""

import functools
import threading
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection
from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from footbridge import metrics
from footbridge.data import read_json
from footbridge.logs import get_logger
from footbridge.model.clock import Clock
from footbridge.model.principals import Principal
from footbridge.store import audit as rows
from footbridge.store.audit import OF_THE_API, AuditRow
from footbridge.store.engine import Database

MOST: Final = 10_000
"""Accesses that wait to be stored; more are lost, and counted."""
SECONDS: Final = 0.25
"""How long an access waits for others to be stored with it."""
AT_ONCE: Final = 500
HIDDEN: Final = "..."
"""In place of a value that could name a person."""

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Call:
    """The request that is being answered.

    Attributes:
        principal: who calls.
        surface: ``api``: what happens to prescriptions is noted; ``fhir``: what happens to resources is.
        address: of the socket's peer.
        request: its X-Request-Id.
    """

    principal: Principal
    surface: Literal["api", "fhir"]
    address: str | None = None
    request: str | None = None


_CALL: ContextVar[Call | None] = ContextVar("footbridge_audited_call", default=None)


def begin(call: Call | None) -> None:
    """Say who calls, for this thread; None at the end of the request."""
    _CALL.set(call)


@contextmanager
def calling(call: Call) -> Iterator[None]:
    """The same for a block."""
    token = _CALL.set(call)
    try:
        yield
    finally:
        _CALL.reset(token)


def current() -> Call | None:
    """The call of this thread; None for work of our own."""
    return _CALL.get()


def row_of(call: Call, now: datetime, interaction: str, **more: Any) -> AuditRow:  # noqa: ANN401 - members of AuditRow
    """An access by this call."""
    who = call.principal
    return AuditRow(
        tenant=who.tenant,
        recorded=now,
        interaction=interaction,
        status=more.pop("status", 200),
        actor=who.name,
        role=who.role,
        channel=call.surface,
        partner=who.partner,
        address=call.address,
        request=call.request,
        **more,
    )


def note_change(connection: Connection, now: datetime, interaction: str, prescription: str, patient: str) -> None:
    """Note, in the transaction of the change, that the caller of the API changed a prescription.

    Nothing is noted for work of our own, which the timeline shows, nor for a write of FHIR, which is noted as such.
    """
    call = _CALL.get()
    if call is None or call.surface != "api":
        return
    about = {"type": OF_THE_API, "resource": prescription, "patients": (("", patient),)}
    rows.add_rows(connection, [row_of(call, now, interaction, **about)])


def note_token(connection: Connection, call: Call, now: datetime, scope: str) -> None:
    """Note, in the transaction that makes it, that a client got a token with these scopes."""
    rows.add_rows(connection, [row_of(call, now, "token", query=f"scope={scope}")])


def patients_of(resource: Mapping[str, Any]) -> tuple[str, ...]:
    """Ids of the Patients that a resource is, or is about, by ``mappings/audit.json``."""
    kind = str(resource.get("resourceType"))
    if kind == "Patient":
        return (str(resource["id"]),) if "id" in resource else ()
    members = _table()["patientMembers"]
    said = [resource.get(name) for name in members.get(kind, members["*"])]
    references = [one.get("reference") for one in said if isinstance(one, dict)]
    found = [_patient(one) for one in references if isinstance(one, str)]
    return tuple(dict.fromkeys(one for one in found if one is not None))


def safe_query(pairs: Iterable[tuple[str, str]]) -> str:
    """A query as it is noted: names, and those values that cannot name a person."""
    shown = frozenset(_table()["queryValues"])
    parts = [(name, value if name.partition(":")[0] in shown else HIDDEN) for name, value in pairs]
    text = "&".join(f"{name[:64]}={value[:200]}" for name, value in parts)
    return "".join(sign if sign.isprintable() else "?" for sign in text)  # no NUL, which no database takes


def _patient(reference: str) -> str | None:
    parts = reference.partition("/_history/")[0].split("/")
    return parts[-1] if len(parts) >= 2 and parts[-2] == "Patient" else None


@functools.cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = read_json("mappings", "audit.json")
    return table


class AuditWriter:
    """Stores what was read, a moment later; safe to share between threads.

    ``start`` lets a thread of its own do it; without it nothing is stored before ``flush``.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._waiting: deque[AuditRow] = deque()
        self._lost: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._storing = threading.Lock()
        self._come = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def note(self, call: Call, interaction: str, **more: Any) -> None:  # noqa: ANN401 - members of AuditRow
        """Note an access; it never fails and never waits."""
        row = row_of(call, self._clock.now(), interaction, **more)
        with self._lock:
            if len(self._waiting) >= MOST:
                self._lose([row])
            else:
                self._waiting.append(row)
        self._come.set()

    def start(self) -> None:
        """Store what comes, from a thread of this process, until ``stop``."""
        self._thread = threading.Thread(target=self._run, name="audit", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Store what waits, and end the thread."""
        self._stop.set()
        self._come.set()
        if self._thread is not None:
            self._thread.join(10)
        self.flush()

    def flush(self) -> bool:
        """Store what waits; False where the database does not take it, and then it waits on.

        An access that is refused for what it holds is lost, and holds up no other.
        """
        most = AT_ONCE
        with self._storing:
            while True:
                with self._lock:
                    some = [self._waiting[place] for place in range(min(most, len(self._waiting)))]
                    lost = dict(self._lost)
                if not some and not lost:
                    return True
                try:
                    with self._database.write() as connection:
                        rows.add_rows(connection, [*some, *self._losses(lost)])
                except (DataError, IntegrityError) as error:
                    if not some:
                        return self._delayed(error)
                    if len(some) > 1:
                        most = 1  # to find the one that is refused
                        continue
                    with self._lock:
                        self._lose([self._waiting.popleft()])
                except SQLAlchemyError as error:
                    return self._delayed(error)
                else:
                    with self._lock:
                        for _ in some:
                            self._waiting.popleft()
                        self._lost.subtract(lost)
                        self._lost = +self._lost

    def _delayed(self, error: SQLAlchemyError) -> bool:
        _log.warning("audit.delayed", exception=type(error).__name__, waiting=len(self._waiting))
        return False

    def _losses(self, lost: Mapping[str, int]) -> list[AuditRow]:
        now = self._clock.now()
        return [
            AuditRow(tenant, now, "lost", 500, "footbridge", "system", "system", count=count)
            for tenant, count in lost.items()
        ]

    def _lose(self, some: Iterable[AuditRow]) -> None:
        for row in some:
            self._lost[row.tenant] += 1
            _log.error("audit.lost", tenant=row.tenant, interaction=row.interaction)
            counted = metrics.enabled()
            if counted is not None:
                counted.audit_lost(row.tenant)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._come.wait()
            self._stop.wait(SECONDS)
            self._come.clear()
            if not self.flush():
                self._come.set()
                self._stop.wait(SECONDS)
