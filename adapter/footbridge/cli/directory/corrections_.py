"""``footbridge directory corrections``: what people say of the records, for their source."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import click

from footbridge.cli.context import database, tenant_of, tenant_option, unknown
from footbridge.cli.directory.shared import moment
from footbridge.cli.output import json_option, show
from footbridge.cli.whole_file import OUTPUT, check_writable, whole_text
from footbridge.errors import ConfigurationError
from footbridge.i18n.eager import _, _n

if TYPE_CHECKING:
    from footbridge.directory.corrections import Correction

WIDTH = 60
_FILE = click.Path(path_type=Path, dir_okay=False, allow_dash=True)


@click.command("corrections")
@click.option("--source", metavar="NAME", help="Only those for this source.")
@click.option("--csv", "csv_file", type=_FILE, help="Write CSV; - for the output.")
@click.option("--hsds", "hsds_file", type=_FILE, help="Write HSDS metadata rows (JSON); - for the output.")
@click.option("--all", "closed", is_flag=True, help="Also those that their source took over.")
@tenant_option
@json_option("a list of JSON objects: at, source, service, name, field, old, new, who, note, closed")
def command(
    source: str | None, csv_file: Path | None, hsds_file: Path | None, closed: bool, tenant: str | None, as_json: bool
) -> None:
    """List the suggested corrections of the directory, for the source that has the record.

    Each confirmation that a service is still offered is one: its source may take the day over. A correction is closed
    when an import of its source says so.

    \b
    Example:
      footbridge directory corrections --source north-211 --csv corrections.csv
    """
    from footbridge.directory.corrections import COLUMNS, corrections
    from footbridge.directory.sources import current_imports

    if csv_file is not None and csv_file == hsds_file:
        raise click.UsageError(_("--csv and --hsds cannot be the same file."))
    if as_json and Path(OUTPUT) in {csv_file, hsds_file}:
        raise click.UsageError(_("Only one of --json, --csv and --hsds can be the output."))
    for target in (csv_file, hsds_file):
        if target is not None:
            check_writable(target)
    found = database()
    owner = tenant_of(found, tenant)
    with found.read() as connection:
        known = current_imports(connection, owner)
        some = corrections(connection, owner, source, closed=closed)
    if source is not None and source not in known and not some:
        raise ConfigurationError(unknown(_("source"), source, known))
    if csv_file is not None or hsds_file is not None:
        _write(some, csv_file, hsds_file)
        if not as_json:
            return
    rows = [{name: getattr(one, name) for name in COLUMNS} for one in some]
    for row in rows:
        for name in ("at", "closed"):
            row[name] = "" if row[name] is None else moment(row[name], as_json=as_json)
        if not as_json:  # a table has one line a row; JSON and files have the whole text
            row |= {
                name: textwrap.shorten(row[name] or "", WIDTH, placeholder=" ...") for name in ("old", "new", "note")
            }
    show(rows, _("Nobody has suggested a correction."), as_json=as_json)


def _write(some: "list[Correction]", csv_file: Path | None, hsds_file: Path | None) -> None:
    from footbridge.directory.corrections import as_csv, as_metadata

    if csv_file is not None:
        with whole_text(csv_file, "utf-8" if str(csv_file) == OUTPUT else "utf-8-sig") as text:
            as_csv(some, text)
    if hsds_file is not None:
        with whole_text(hsds_file) as text:
            text.write(json.dumps(as_metadata(some), indent=2, ensure_ascii=False) + "\n")
    click.echo(_n("{count:,} suggestion written.", "{count:,} suggestions written.", len(some)), err=True)
