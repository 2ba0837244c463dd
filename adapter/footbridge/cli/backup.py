"""``footbridge backup``: one moment of the database in a file, while a server works on it."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from footbridge.cli.context import database
from footbridge.cli.output import json_option, print_json
from footbridge.errors import ConfigurationError
from footbridge.i18n.eager import _, translated

if TYPE_CHECKING:
    from footbridge.store.backup import Contents
    from footbridge.store.engine import Database

PATIENCE = 1.0  # seconds before progress is shown
STEP = 10  # per cent between two lines of it


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace FILE where there is one.")
@json_option("one JSON object: file, bytes, version, rows (a number for each kind)")
def command(file: Path, force: bool, as_json: bool) -> None:
    """Write a backup of the database to FILE, while it is in use.

    Servers and workers go on meanwhile. The backup holds one moment of the data, is checked before it gets its name,
    and can be read by its owner only; it holds personal data, so store it encrypted. For SQLite it is a SQLite file;
    for PostgreSQL an archive of `pg_dump`, which must be installed. `footbridge restore` brings it back.

    \b
    Example:
      footbridge backup footbridge.backup
      footbridge backup --force footbridge.backup
    """
    from footbridge.store.backup import complete_file
    from footbridge.store.migrate import current

    found = database(any_version=True)
    if current(found) is None:
        raise ConfigurationError(_("The database has no tables yet: there is nothing to back up."))
    _must_be_apart(found, file)
    with complete_file(file, force=force) as part:
        held = write(found, part)
    told = {"file": str(file), "bytes": file.stat().st_size, "version": held.version, "rows": dict(held.rows)}
    if as_json:
        print_json(told)
    else:
        click.echo(
            _(
                "Backup {file}: {bytes:,} bytes, version {version}, checked. {counts}",
                file=file,
                bytes=told["bytes"],
                version=held.version,
                counts=counts(held),
            )
        )


def write(found: "Database", part: Path) -> "Contents":
    """Write the backup of a database into an empty file; returns what it holds."""
    if not found.is_sqlite:
        from footbridge.store.postgresql_backup import dump

        click.echo(_("pg_dump writes the backup ..."), err=True)
        return dump(found, part)
    from footbridge.store.backup import copy_sqlite

    return copy_sqlite(Path(str(found.engine.url.database)), part, _Progress().show)


def counts(held: "Contents") -> str:
    """A sentence with how many rows of each kind there are."""
    told = [_("{word}: {count:,}", word=translated(word), count=count) for word, count in held.rows.items()]
    return f"{', '.join(told)}."


class _Progress:
    """Lines on standard error, for a database that takes a while."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._shown = 0

    def show(self, copied: int, total: int) -> None:
        """Say how far it is, when ``STEP`` per cent more are done."""
        done = 100 * copied // total if total else 100
        if done >= self._shown + STEP and time.monotonic() - self._began > PATIENCE:
            self._shown = done - done % STEP
            click.echo(_("{shown} % copied", shown=self._shown), err=True)


def _must_be_apart(found: "Database", file: Path) -> None:
    """Raises ConfigurationError when the backup would replace the database itself."""
    from footbridge.store.engine import files_of

    if found.is_sqlite:
        own = [path.resolve() for path in files_of(Path(str(found.engine.url.database)).resolve())[1:]]
        if file.resolve() in own:
            raise ConfigurationError(_("{file} is the database itself; name another file.", file=file))
