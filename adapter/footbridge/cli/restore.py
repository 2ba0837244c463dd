"""``footbridge restore``: puts a backup in the place of the database."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from footbridge.cli.backup import counts
from footbridge.cli.output import json_option, print_json
from footbridge.i18n.eager import _

if TYPE_CHECKING:
    from footbridge.store.backup import Contents


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option("one JSON object: file, version, rows (a number for each kind), former (where the former database is)")
def command(file: Path, yes: bool, as_json: bool) -> None:
    """Replace the database by the backup in FILE.

    Stop every `footbridge serve` and `footbridge worker` first: a database that is in use is not replaced. FILE is
    checked before anything changes. The former SQLite database stays beside the new one, under another name; of
    PostgreSQL the tables are replaced in one transaction, so make a backup of them first.

    What was sent to partners after the backup is sent again; they recognize the repeat. What was accepted after it is
    lost, and those who read changes with a newer cursor are answered 409.

    \b
    Example:
      footbridge restore footbridge.backup --yes
    """
    from footbridge.settings import settings
    from footbridge.store.engine import file_of
    from footbridge.store.migrate import HEAD

    url = settings().database_url.get_secret_value()
    path = file_of(url)
    where = str(path) if path is not None else _("the database of FOOTBRIDGE_DATABASE_URL")
    if not yes:
        click.confirm(_("This replaces {where} by {file}. Go on?", where=where, file=file), abort=True, err=True)
    held, former = _of_sqlite(file, path) if path is not None else (_of_postgresql(file, url), None)
    if as_json:
        told = {"file": str(file), "version": held.version, "rows": dict(held.rows)}
        print_json(told | {"former": None if former is None else str(former)})
        return
    click.echo(
        _("Restored {where}: version {version}. {counts}", where=where, version=held.version, counts=counts(held))
    )
    if former is not None:
        click.echo(_("The former database is {former}; delete it when it is not needed any more.", former=former))
    if held.version != HEAD:
        click.echo(_("Run `footbridge database upgrade` before you start a server or worker."))


def _of_sqlite(file: Path, path: Path) -> "tuple[Contents, Path | None]":
    from footbridge.store.backup import restore_sqlite

    return restore_sqlite(file, path, datetime.now(UTC))


def _of_postgresql(file: Path, url: str) -> "Contents":
    from footbridge.store.engine import open_database
    from footbridge.store.postgresql_backup import restore_archive

    found = open_database(url)
    click.get_current_context().call_on_close(found.dispose)
    return restore_archive(file, found)
