"""A small FHIR R4 server on loopback, to test with: it plays an EMR, or the server of a recipient.

    with FhirSimulator(clock=ManualClock(start)) as server:
        server.faults.next(status=503, retry_after=30)   # the next request fails
        server.quirks.stale_status = 409                 # from now on it differs in this
        network = FhirNetwork(FhirPartner("north", server.base_url))
        ...
        assert RequestLog("POST", "Task") in server.requests

It keeps resources as Footbridge itself does, in a SQLite file that is removed when it stops, and when the process is
ended by SIGTERM or by the end of its terminal (``folder``). Its HTTP side goes wrong as told;
``get``, ``put`` and ``all`` reach its records directly, as the partner's own staff would.
"""

import functools
import threading
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from sqlalchemy import event, insert
from werkzeug.serving import BaseWSGIServer

from footbridge.model.clock import Clock, SystemClock
from footbridge.partners.fhir.server import Resource
from footbridge.partners.fhir.simulator.app import BASE, RequestLog, Site, build_app
from footbridge.partners.fhir.simulator.arrivals import Arrival
from footbridge.partners.fhir.simulator.faults import Faults, Quirks
from footbridge.partners.fhir.simulator.folder import temporary_folder
from footbridge.partners.fhir.simulator.quirky_store import QuirkyStore
from footbridge.partners.fhir.simulator.token_server import Keys, TokenServer
from footbridge.private_files import write_file
from footbridge.simulators.listening import LOOPBACK, listen
from footbridge.store.engine import Database, open_database
from footbridge.store.interaction_errors import Gone, NotFound
from footbridge.store.migrate import upgrade
from footbridge.store.resources import ResourceStore
from footbridge.store.tables import tenant

_TENANT: Final = "simulator"
_FILE: Final = "resources.sqlite3"


class FhirSimulator:
    """One simulated server; it listens between ``start`` and ``stop``, or inside a ``with``."""

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        name: str = "simulator",
        quirks: Quirks | None = None,
        port: int = 0,
        notice: Callable[[Arrival], None] | None = None,
        keys: Keys | None = None,
    ) -> None:
        """Listen to nothing yet.

        Args:
            clock: stamps ``meta.lastUpdated``; the machine's clock by default.
            name: what it calls itself.
            quirks: how it differs from the standard.
            port: on 127.0.0.1; 0 takes a free one.
            notice: called, in the thread that answers, with what may be said of each request.
            keys: public keys of its clients; it requires access tokens of SMART Backend Services then.
        """
        self._clock = clock or SystemClock()
        self._name = name
        self._habits = quirks or Quirks()
        self._port = port
        self._notice = notice
        self._tokens = None if keys is None else TokenServer(self._clock, keys)
        self._state: _Running | None = None

    def start(self) -> Self:
        """Listen; ``base_url`` says where. Raises ConfigurationError when the port is taken."""
        with ExitStack() as stack:
            # The store writes its base URL into Bundles, and the port is known only once the server is bound.
            http = listen(self._port, _not_yet)
            stack.callback(http.server_close)
            base_url = f"http://{LOOPBACK}:{http.port}{BASE}"
            database = _fresh_database(stack.enter_context(temporary_folder()), self._clock)
            stack.callback(database.dispose)
            store = ResourceStore(database, _TENANT, self._clock, base_url, compartment=self._name)
            answering = QuirkyStore(database, _TENANT, self._clock, base_url, self._habits, compartment=self._name)
            site = Site(self._name, self._clock.now(), base_url, store, answering, quirks=self._habits)
            site.notice, site.tokens = self._notice, self._tokens
            http.app = build_app(site)
            thread = threading.Thread(target=http.serve_forever, args=(0.02,), name=self._name, daemon=True)
            thread.start()
            self._state = _Running(site, http, thread, base_url, stack.pop_all())
        return self

    def stop(self) -> None:
        """Listen no more, and forget everything."""
        state, self._state = self._state, None
        if state is None:
            return
        state.site.stopping.set()
        state.http.shutdown()
        state.thread.join()
        state.held.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def base_url(self) -> str:
        """Where it listens: ``http://127.0.0.1:PORT/fhir``."""
        return self._running().base_url

    @property
    def faults(self) -> Faults:
        """What is to go wrong."""
        return self._site.faults

    @property
    def quirks(self) -> Quirks:
        """How it differs from the standard; may be changed while it runs."""
        return self._habits

    @property
    def requests(self) -> list[RequestLog]:
        """Every request that came, in order."""
        return list(self._site.noted)

    def get(self, type_: str, id_: str) -> Resource | None:
        """A resource from its records; None when it is not there."""
        try:
            return self._site.store.read(type_, id_).resource
        except (NotFound, Gone):
            return None

    def put(self, resource: Resource) -> Resource:
        """Write to its records: a new resource, or the next version of the one that was read.

        Raises PreconditionFailed when somebody wrote a version after the one in ``meta.versionId``.
        """
        store, type_ = self._site.store, resource["resourceType"]
        id_ = resource.get("id") or str(uuid.uuid4())
        version = resource.get("meta", {}).get("versionId")
        store.update(type_, id_, {**resource, "id": id_}, if_match=f'W/"{version}"' if version else None)
        return store.read(type_, id_).resource

    def all(self, type_: str, **criteria: str) -> list[Resource]:
        """Its current resources of a type, in the order of their last change; criteria as in a search."""
        query = [(name.replace("_", "-"), value) for name, value in criteria.items()]
        found: list[Resource] = []
        more: list[tuple[str, str]] = []
        while True:
            page = self._site.store.search(type_, [*query, *more])
            found += [one.resource for one in page.matches]
            if page.cursor is None:
                return found
            more = [("_cursor", page.cursor)]

    @property
    def _site(self) -> Site:
        return self._running().site

    def _running(self) -> "_Running":
        if self._state is None:
            raise RuntimeError("the simulator is not running: use it in a with statement, or call start()")
        return self._state


@dataclass(frozen=True, slots=True)
class _Running:
    """What a simulator holds while it listens; ``held`` is its socket, database and folder."""

    site: Site
    http: BaseWSGIServer
    thread: threading.Thread
    base_url: str
    held: ExitStack


def _fresh_database(folder: Path, clock: Clock) -> Database:
    place = folder / _FILE
    write_file(place, _empty_database())
    database = open_database(f"sqlite:///{place}")
    event.listen(database.engine, "connect", _forgetful)  # nothing of a simulator outlives a crash
    with database.write() as connection:
        connection.execute(insert(tenant), {"name": _TENANT, "jurisdiction": "us", "created": clock.now()})
    return database


@functools.cache
def _empty_database() -> bytes:
    """A migrated database file; made once a process, for migrations take longer than all else that a start does."""
    with temporary_folder() as folder:
        place = folder / _FILE
        database = open_database(f"sqlite:///{place}")
        upgrade(database)
        database.dispose()
        return place.read_bytes()


def _forgetful(connection: Any, _record: object) -> None:  # noqa: ANN401 - a DBAPI connection
    connection.execute("PRAGMA synchronous=OFF")


def _not_yet(_environ: object, start_response: Any) -> list[bytes]:  # noqa: ANN401 - WSGI
    start_response("503 Service Unavailable", [])
    return []
