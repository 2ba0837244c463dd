"""Imports of a directory that were asked for in the portal, as jobs of the queue: one at a time for each source.

A job runs the import of `footbridge directory import`. How far it is, and why it failed, stands with the import
(``directory_import.summary``). Whatever goes wrong leaves the directory as it was. An uploaded file is removed when
its import has ended, well or not.
"""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from footbridge.directory.errors import DirectoryError
from footbridge.directory.importing import told_of
from footbridge.directory.importing.generation import Terms
from footbridge.directory.importing.plan import Plan
from footbridge.directory.importing.run import run_import
from footbridge.directory.opening import Opened, open_path
from footbridge.directory.readers import ReadOptions
from footbridge.errors import ConfigurationError, ConflictError
from footbridge.i18n import _
from footbridge.jobs.job import Job, Result
from footbridge.jobs.queue import JobQueue
from footbridge.logs import get_logger
from footbridge.model.clock import Clock
from footbridge.partners.directories import uploads
from footbridge.partners.directories.opening import open_api
from footbridge.settings import settings
from footbridge.store.engine import Database

KIND: Final = "directory-import"
"""Kind of the job; its subject is the source."""

_SOON: Final = timedelta(seconds=15)  # until a look whether another import of the source has ended
_PATIENCE: Final = timedelta(hours=1)  # for a worker that sees the folder of uploads
_PAUSE: Final = 0.5  # seconds between two notes of how far it is

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class WantedImport:
    """What is imported.

    Attributes:
        place: path of an uploaded file, or a URL.
        shown: the name under which people know it.
        form: name of a form; None: it is recognised.
        country, timezone: of what names none.
        allow_removal: most services of the source may go.
        asked: when, as an ISO 8601 instant.
    """

    place: str
    shown: str
    form: str | None
    country: str
    timezone: str
    allow_removal: bool
    asked: str

    @property
    def is_url(self) -> bool:
        """Whether it is behind an API."""
        return "://" in self.place

    def opened(self) -> Opened:
        """Its records, its form recognised. Raises DirectoryError, ConfigurationError."""
        if self.is_url:
            return open_api(self.place, self.form, None, allow_http=settings().allow_http)
        return open_path(Path(self.place), self.form, ReadOptions())

    def discard(self) -> None:
        """Remove the uploaded file."""
        if not self.is_url:
            uploads.discard(Path(self.place))


def queue_import(connection: Connection, tenant: str, source: str, wanted: WantedImport, now: datetime) -> None:
    """Queue an import. Raises ConflictError while one of the source is queued or runs."""
    queue = JobQueue(connection)
    if queue.is_planned(tenant=tenant, kind=KIND, subject=source):
        raise ConflictError(_("An import of {source} is waiting or running: wait for its end.", source=source))
    queue.plan(tenant=tenant, kind=KIND, subject=source, due=now, cursor=json.dumps(asdict(wanted)))


class ImportJobs:
    """The handler of these jobs."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def run(self, job: Job) -> Result:
        """Import. Only what is wrong with the database is repeated; all else ends the job, and is told."""
        wanted, source = WantedImport(**json.loads(job.cursor or "{}")), job.subject or ""
        now = self._clock.now()
        with self._database.read() as connection:
            if told_of.is_running(connection, job.tenant, source, now):
                return Result(due=now + _SOON, cursor=job.cursor)
            if told_of.ended_since(connection, job.tenant, source, datetime.fromisoformat(wanted.asked)):
                return self._end(wanted)  # a worker that died, or was slow, had done it
        if not wanted.is_url and not Path(wanted.place).exists():
            if now - datetime.fromisoformat(wanted.asked) < _PATIENCE:
                return Result(due=now + _SOON, cursor=job.cursor)  # another host's worker may have it
            self._tell(job.tenant, source, wanted, "csv", _("The uploaded file is no longer there: send it again."))
            return Result()
        self._import(job.tenant, source, wanted)
        return self._end(wanted)

    def _import(self, tenant: str, source: str, wanted: WantedImport) -> None:
        form = wanted.form or ""
        try:
            opened = wanted.opened()
            form = opened.format
            terms = Terms(form, wanted.shown, wanted.country, wanted.timezone)
            plan = Plan(tenant, source, terms, allow_removal=wanted.allow_removal)
            run_import(self._database, self._clock, plan, opened.records, self._progress(tenant, source))
        except SQLAlchemyError:
            raise
        except (DirectoryError, ConfigurationError) as error:
            self._tell(tenant, source, wanted, form, error.args[0] if error.args else str(error))
        except Exception as error:  # noqa: BLE001 - whatever a file holds, the job ends and says so
            _log.error("directory.import-failed", exception=type(error).__name__)
            problem = _("The import ended with an error. The server's log has the details.")
            self._tell(tenant, source, wanted, form, problem)

    def _progress(self, tenant: str, source: str) -> Callable[[str, int], None]:
        last = 0.0

        def tell(step: str, done: int) -> None:
            nonlocal last
            if time.monotonic() - last < _PAUSE:
                return
            last = time.monotonic()
            with self._database.write_in_passing() as connection:
                told_of.note_progress(connection, tenant, source, step, done)

        return tell

    def _tell(self, tenant: str, source: str, wanted: WantedImport, form: str, problem: str) -> None:
        terms = Terms(form, wanted.shown, wanted.country, wanted.timezone)
        with self._database.write() as connection:
            since = datetime.fromisoformat(wanted.asked)
            told_of.note_problem(connection, tenant, source, terms, problem, (since, self._clock.now()))

    @staticmethod
    def _end(wanted: WantedImport) -> Result:
        wanted.discard()
        return Result()
