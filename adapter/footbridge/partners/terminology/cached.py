"""A terminology server whose answers are remembered on disk, and that is left alone while it does not answer.

Only what cannot be a person's data is asked: a code without blanks and the URI of its system, of a value set. Answers
are one SQLite file in the cache folder, for the user alone; where it cannot be used, nothing is remembered. After
``MOST_FAILURES`` questions without an answer, none is asked for ``PAUSE_SECONDS``: a validation of many codes does not
wait for each.
"""

import hashlib
import os
import re
import sqlite3
import stat
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from footbridge.partners.terminology.client import TerminologyClient, Unanswered
from footbridge.private_files import make_file, make_folder

MOST_FAILURES: Final = 3
PAUSE_SECONDS: Final = 60.0
DAYS: Final = 30
"""How long an answer holds: value sets change."""
_CODE = re.compile(r"[^\s\x00-\x1f]{1,200}")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\x00-\x1f]{1,500}")


class CachedTerminology:
    """A ``footbridge.validation.valuesets.TerminologyService``; it may be sent to another process."""

    def __init__(
        self,
        base_url: str,
        folder: Path | None,
        *,
        timeout_seconds: float = 10.0,
        allow_http: bool = False,
        now: Callable[[], float] = time.time,
    ) -> None:
        """``folder`` is where answers are remembered; None: nowhere. Raises ConfigurationError for an unfit URL."""
        self._client = TerminologyClient(base_url, timeout_seconds=timeout_seconds, allow_http=allow_http)
        self._given = (base_url, folder, timeout_seconds, allow_http)
        self._folder = folder
        self._now = now
        self._failures = 0
        self._again_at = 0.0
        self.unanswered = 0

    def __reduce__(self) -> tuple[Any, ...]:
        return (_remade, self._given)

    def validate_code(self, value_set: str, system: str | None, code: str, version: str | None) -> bool | None:
        """Whether the value set has the code; None where that is not asked or not answered. Never raises."""
        asked = (value_set, system or "", code, version or "")
        if not (_URI.fullmatch(value_set) and system and _URI.fullmatch(system) and _CODE.fullmatch(code)):
            return None
        if version and not _CODE.fullmatch(version):
            return None
        key = hashlib.sha256("\n".join((self._given[0].rstrip("/"), *asked)).encode(errors="replace")).digest()
        known = self._remembered(key)
        if known is not None:
            return known
        if self._failures >= MOST_FAILURES and self._now() < self._again_at:
            self.unanswered += 1
            return None
        try:
            told = self._client.ask(value_set, system, code, version)
        except Unanswered:
            self._failures += 1
            self._again_at = self._now() + PAUSE_SECONDS
            self.unanswered += 1
            return None
        self._failures = 0
        if told is not None:
            self._remember(key, answer=told)
        return told

    def _remembered(self, key: bytes) -> bool | None:
        file = self._file()
        if file is None:
            return None
        try:
            with closing(_opened(file)) as database:
                row = database.execute(
                    "SELECT answer FROM answer WHERE key = ? AND at > ?", (key, self._now() - DAYS * 86400)
                ).fetchone()
        except sqlite3.Error:
            return None
        return None if row is None else bool(row[0])

    def _remember(self, key: bytes, *, answer: bool) -> None:
        file = self._file()
        if file is None:
            return
        try:
            with closing(_opened(file)) as database, database:
                database.execute("INSERT OR REPLACE INTO answer VALUES (?, ?, ?)", (key, answer, self._now()))
        except sqlite3.Error:  # a broken file, a full disk: asked again next time
            return

    def _file(self) -> Path | None:
        """The file of the answers; None where it is not the user's alone to write."""
        if self._folder is None:
            return None
        file = self._folder / "terminology.sqlite3"
        try:
            make_folder(self._folder)
            make_file(file)
            return file if _is_ours(self._folder) and _is_ours(file) else None
        except OSError:
            return None


def _remade(base_url: str, folder: Path | None, timeout_seconds: float, allow_http: bool) -> CachedTerminology:
    return CachedTerminology(base_url, folder, timeout_seconds=timeout_seconds, allow_http=allow_http)


def _opened(file: Path) -> sqlite3.Connection:
    database = sqlite3.connect(file, timeout=2.0)
    database.execute("CREATE TABLE IF NOT EXISTS answer (key BLOB PRIMARY KEY, answer INTEGER, at REAL) WITHOUT ROWID")
    return database


def _is_ours(path: Path) -> bool:
    """Whether a file or folder belongs to the user, and nobody else may write it."""
    if os.name != "posix":
        return True
    found = path.lstat()
    return found.st_uid == os.geteuid() and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
