"""``footbridge database``: at which version the tables are, and the only way to migrate them."""
# ruff: noqa: PLC0415 - imported when a command runs, so that its help does not wait for it

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from footbridge.cli.context import database
from footbridge.cli.output import json_option, print_json
from footbridge.i18n.eager import _

if TYPE_CHECKING:
    from footbridge.store.engine import Database
    from footbridge.store.migrate import Migration


@click.group("database")
def command() -> None:
    """Show the version of the database, and migrate it to that of the program.

    \b
    Example:
      footbridge database status
    """


@command.command("status")
@json_option("one JSON object: state (current, older or empty), version, needed, migrations (version, title)")
def status(as_json: bool) -> None:
    """Print the version of the tables, and the migrations that are still to be run.

    Nothing is changed. Exit code 1 when `footbridge database upgrade` has something to do, 2 for a database that a
    newer Footbridge has migrated.

    \b
    Example:
      footbridge database status
    """
    from footbridge.store.migrate import HEAD, current, pending

    found = database(any_version=True)
    version = current(found)
    steps = pending(version)
    state = "empty" if version is None else "older" if steps else "current"
    if as_json:
        told: dict[str, Any] = {"state": state, "version": version, "needed": HEAD}
        print_json(told | {"migrations": [{"version": one.version, "title": one.title} for one in steps]})
    else:
        told_state = {"empty": _("empty"), "older": _("older"), "current": _("current")}[state]
        click.echo(
            _(
                "The database is {state}: version {version}; this Footbridge needs {needed}.",
                state=told_state,
                version=version or _("none"),
                needed=HEAD,
            )
        )
        _announce(steps)
    sys.exit(1 if steps else 0)


@command.command("upgrade")
@click.option("--no-backup", is_flag=True, help="Make no backup of a SQLite database first.")
@click.option("--while-in-use", is_flag=True, help="Migrate although others have the database open.")
@json_option("one JSON object: version, before, backup (its file), migrations (version, title)")
def upgrade(no_backup: bool, while_in_use: bool, as_json: bool) -> None:
    """Migrate the database to the version of this Footbridge.

    Stop every `footbridge serve` and `footbridge worker` on every host first, and start the new version afterwards. A
    SQLite database is backed up beside its file first; of PostgreSQL make a backup yourself (`footbridge backup`). The
    migrations are one transaction: when one fails, nothing has changed. There is no way back but `footbridge restore`.

    \b
    Example:
      footbridge database upgrade
    """
    from footbridge.store import migrate

    found = database(any_version=True)
    before = migrate.current(found)
    steps = migrate.pending(before)
    backup = None
    if steps:
        click.echo(_("From version {before} to {after}:", before=before or _("none"), after=migrate.HEAD), err=True)
        _announce(steps, err=True)
        if not while_in_use:
            _must_not_be_in_use(found)
        if before is not None and not no_backup:
            backup = _back_up(found, before)
        migrate.upgrade(found)
    if as_json:
        told = {"version": migrate.HEAD, "before": before, "backup": None if backup is None else str(backup)}
        print_json(told | {"migrations": [{"version": one.version, "title": one.title} for one in steps]})
    else:
        done = _("The database is at version {version}.", version=migrate.HEAD)
        click.echo(done if steps else _("The database is at version {version} already.", version=migrate.HEAD))


def _announce(steps: "list[Migration]", *, err: bool = False) -> None:
    for step in steps:
        click.echo(f"  {step.version}  {step.title}", err=err)


def _must_not_be_in_use(found: "Database") -> None:
    """Raises ConfigurationError when others have the database open, as far as that can be known from here."""
    from footbridge.store.backup import in_use, is_in_use

    if found.is_sqlite:
        path = Path(str(found.engine.url.database))
        found.dispose()  # our own connection would count
        if is_in_use(path):
            raise in_use(str(path))
        return
    from footbridge.store.postgresql_backup import others

    with found.read() as connection:
        using = others(connection)
    if using:
        raise in_use(_("The database ({using})", using=", ".join(using)))


def _back_up(found: "Database", version: str) -> Path | None:
    """Copy a SQLite database to a file beside it; returns the file. For PostgreSQL say who has to."""
    from footbridge.cli.backup import write
    from footbridge.store.backup import complete_file, stamp

    if not found.is_sqlite:
        click.echo(_("PostgreSQL: no backup is made here. `footbridge backup FILE` makes one."), err=True)
        return None
    path = Path(str(found.engine.url.database)).resolve()
    target = path.with_name(f"{path.name}.version-{version}-{stamp(datetime.now(UTC))}.backup")
    with complete_file(target) as part:
        write(found, part)
    click.echo(_("Backup: {target}", target=target), err=True)
    return target
