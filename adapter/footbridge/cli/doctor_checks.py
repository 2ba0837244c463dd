"""The checks of ``footbridge doctor``: each yields what it found, and how to correct what is wrong.

Nothing here shows a secret, an address of a partner or anything of a person: names of partners, places of files, modes,
numbers.
"""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from footbridge import __version__
from footbridge.cli.context import PREFIX
from footbridge.errors import ConfigurationError
from footbridge.i18n import spoken
from footbridge.i18n.eager import _, _n

if TYPE_CHECKING:
    from footbridge.store.engine import Database
    from footbridge.store.partners import Partner

State = Literal["ok", "warning", "error", "skipped"]
LEAST_ROOM = 1024**3  # bytes
LATE = 300.0  # seconds after which a due job that nobody has claimed is a sign that no worker runs
OLDEST_SQLITE = (3, 35, 0)  # the first with RETURNING
LIBRARIES = ("sqlalchemy", "psycopg", "flask", "gunicorn", "requests", "pydantic")
_OTHER_VARIABLES = ("FOOTBRIDGE_TEST_", "FOOTBRIDGE_COMPLETE", "FOOTBRIDGE_FAIL_ON_SKIP")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found.

    Attributes:
        check: its area: settings, database, credential, ...
        state: ``ok``, ``warning`` (look at it), ``error`` (something cannot work) or ``skipped``.
        found: a sentence.
        remedy: how to correct it; empty where nothing is wrong.
    """

    check: str
    state: State
    found: str
    remedy: str = ""


def check_settings() -> Iterator[Finding]:
    """Whether every setting can be read and every variable is one."""
    import difflib

    from footbridge.settings import Settings, settings, variables

    names = [variable for name in Settings.model_fields for variable in variables(name)]
    is_fine = True
    for given in sorted(os.environ):
        if not given.upper().startswith(PREFIX) or given.upper() in names or given.startswith(_OTHER_VARIABLES):
            continue
        near = difflib.get_close_matches(given.upper(), names, n=1, cutoff=0.8)
        is_fine = False
        yield Finding(
            "settings",
            "warning",
            _("{given} is not a setting.", given=given),
            _("Set {near} instead.", near=near[0]) if near else _("Remove it."),
        )
    try:
        chosen = settings()
    except ConfigurationError as error:
        yield Finding("settings", "error", spoken(str(error)), _("`footbridge config show` lists what each may be."))
        return
    if chosen.allow_http:
        is_fine = False
        yield Finding(
            "settings",
            "warning",
            _("FOOTBRIDGE_ALLOW_HTTP lets health data leave unencrypted."),
            _("Use https partners."),
        )
    if is_fine:
        yield Finding("settings", "ok", _("Every setting is valid."))


def check_versions() -> Iterator[Finding]:
    """Versions of what runs."""
    libraries = ", ".join(f"{name} {metadata.version(name)}" for name in LIBRARIES)
    yield Finding(
        "versions",
        "ok",
        _(
            "Footbridge {version}, Python {python}, SQLite {sqlite}",
            version=__version__,
            python=sys.version.split()[0],
            sqlite=sqlite3.sqlite_version,
        ),
    )
    yield Finding("versions", "ok", libraries)
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        oldest = ".".join(map(str, OLDEST_SQLITE))
        yield Finding(
            "versions",
            "error",
            _("SQLite is too old."),
            _("Use a Python with SQLite {oldest} or newer.", oldest=oldest),
        )


def check_database(found: "Database") -> Iterator[Finding]:
    """Whether the database answers, is current, takes writes, is whole, private and has room."""
    from footbridge.store.migrate import HEAD, current, pending
    from footbridge.store.probe import OK, DatabaseProbe

    version = current(found)
    if version != HEAD:
        pending(version)  # raises for a newer one
        remedy = _("Run `footbridge database upgrade`.") if version else _("Run `footbridge tenant add NAME`.")
        yield Finding(
            "database",
            "error",
            _("It is at version {version}, not {head}.", version=version or _("none"), head=HEAD),
            remedy,
        )
        return
    state = DatabaseProbe(found).state()
    kind = "SQLite" if found.is_sqlite else "PostgreSQL"
    if state == OK:
        yield Finding("database", "ok", _("{kind}, version {head}, takes writes.", kind=kind, head=HEAD))
    else:
        yield Finding(
            "database", "error", _("It is {state}.", state=state), _("See `What to do when` in docs/guides/operate.md.")
        )
    if found.is_sqlite:
        yield from _check_file(found, Path(str(found.engine.url.database)).resolve())


def _check_file(found: "Database", path: Path) -> Iterator[Finding]:
    from footbridge.private_files import wide_modes
    from footbridge.store.engine import files_of

    with found.read() as connection:
        answer = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
    if answer == "ok":
        yield Finding("database", "ok", _("SQLite's quick check finds the file whole."))
    else:
        yield Finding(
            "database", "error", _("The file is not whole."), _("Stop everything; `footbridge restore FILE`.")
        )
    for wide in wide_modes(files_of(path)):
        yield Finding(
            "files", "warning", _("Others may use {path} (mode {mode}).", path=wide.path, mode=wide.mode), wide.command
        )
    size, room = path.stat().st_size, shutil.disk_usage(path.parent).free
    said = _("{room:,} MB are free; the database has {size:,} MB.", room=room // 1024**2, size=size // 1024**2)
    if room < max(LEAST_ROOM, size):
        yield Finding("disk", "warning", said, _("Make room: an upgrade writes a copy beside the database first."))
    else:
        yield Finding("disk", "ok", said)


def partners_of(found: "Database") -> "list[tuple[str, Partner]]":
    """Every partner with its tenant."""
    from footbridge.store.partners import list_partners
    from footbridge.store.tenants import list_tenants

    with found.read() as connection:
        return [(one.name, entry) for one in list_tenants(connection) for entry in list_partners(connection, one.name)]


def check_tenants(found: "Database") -> Iterator[Finding]:
    """Whether there is a tenant, and each has a route."""
    from footbridge.store.routes import list_routes
    from footbridge.store.tenants import list_tenants

    with found.read() as connection:
        routes = {one.name: list_routes(connection, one.name) for one in list_tenants(connection)}
    if not routes:
        yield Finding("tenants", "warning", _("There is no tenant."), _("Run `footbridge tenant add NAME`."))
    for name, set_ones in routes.items():
        if not set_ones:
            yield Finding(
                "tenants",
                "warning",
                _("{name} has no route: its referrals wait for a person.", name=name),
                _("`footbridge route set`"),
            )


def check_credentials(found: "Database") -> Iterator[Finding]:
    """Whether every partner's secret is there, can be read from here, and by nobody else."""
    from footbridge.cli.partner_credentials import reference_of
    from footbridge.private_files import wide_modes
    from footbridge.store.credentials import require_secrets

    for tenant, partner in partners_of(found):
        who = _("{partner} of {tenant}", partner=partner.name, tenant=tenant)
        credential = reference_of(found, tenant, partner)
        if credential is None:
            continue
        try:
            require_secrets(credential)
        except ConfigurationError as error:
            remedy = _("Provide it, or `footbridge partner set {name} --credential`.", name=partner.name)
            yield Finding("credential", "error", _("{who}: {problem}", who=who, problem=str(error)), remedy)
            continue
        wide = wide_modes(secret_files(credential))
        for one in wide:
            yield Finding(
                "credential",
                "warning",
                _("{who}: others may read {path} ({mode}).", who=who, path=one.path, mode=one.mode),
                one.command,
            )
        if not wide:
            yield Finding("credential", "ok", _("{who}: its credential is there.", who=who))


def secret_files(credential: str) -> list[Path]:
    """The files that a credential is read from; none for a variable."""
    from footbridge.store.credentials import oauth_file, read_settings

    kind, _colon, place = credential.partition(":")
    if kind == "file":
        return [Path(place)]
    path = oauth_file(credential)
    if path is None:
        return []
    said = read_settings(path)
    below = [str(said[name]) for name in ("key", "secret") if isinstance(said.get(name), str)]
    return [Path(path), *(one for reference in below for one in secret_files(reference))]


def check_queue(found: "Database", now: datetime | None = None) -> Iterator[Finding]:
    """Whether a worker does what is due, and what waits for a person."""
    from footbridge.jobs import overview
    from footbridge.referrals.sign_in_mail import SIGN_IN

    now = now or datetime.now(UTC)
    with found.read() as connection:
        next_mail = overview.next_retry(connection, SIGN_IN)
        waiting = overview.waiting(connection, now)
        held = overview.working(connection, now)
        down = [one for one in overview.circuits(connection, now) if one.value]
    ready = [one for one in waiting if one.state == "ready" and one.overdue]
    oldest = max((one.oldest for one in ready), default=0.0)
    failed = sum(one.count for one in waiting if one.state == "failed")
    said = _n(
        "{count} jobs are due, the oldest for {minutes:.0f} minutes",
        "{count} jobs are due, the oldest for {minutes:.0f} minutes",
        sum(one.overdue for one in ready),
        minutes=oldest / 60,
    )
    if next_mail is not None:
        told = _("Sign-in links wait; the next try is at {moment}.", moment=f"{next_mail:%Y-%m-%d %H:%M} UTC")
        yield Finding("mail", "warning", told, _("Look whether the mail server of FOOTBRIDGE_SMTP_URL answers."))
    working = _n("{said}; {count} workers hold jobs.", "{said}; {count} workers hold jobs.", len(held), said=said)
    if oldest > LATE and not held and not down and not failed:
        remedy = _("Start `footbridge worker`, or `footbridge serve` without --no-worker.")
        yield Finding("worker", "error", _("{said}, and no worker has claimed one.", said=said), remedy)
    elif oldest > LATE:
        yield Finding("worker", "warning", working, "`footbridge outbox list`")
    else:
        yield Finding("worker", "ok", working)
    if failed:
        remedy = _("`footbridge outbox list --state failed`, then retry or drop each.")
        yield Finding(
            "queue",
            "warning",
            _n(
                "{count} messages failed and wait for a person.",
                "{count} messages failed and wait for a person.",
                failed,
            ),
            remedy,
        )
    for one in down:
        remedy = _("`footbridge partner test {partner}` says what is wrong.", partner=one.partner)
        yield Finding(
            "queue",
            "warning",
            _("{partner} of {tenant} does not respond.", partner=one.partner, tenant=one.tenant),
            remedy,
        )
