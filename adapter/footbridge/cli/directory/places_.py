"""``footbridge directory places``: what towns and postal codes there are."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

from pathlib import Path

import click

from footbridge.cli.context import database, tenant_of, tenant_option
from footbridge.cli.output import json_option, print_json
from footbridge.cli.progress import shown
from footbridge.i18n.eager import _


@click.command("places")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--replace", is_flag=True, help="Forget the places of earlier files first.")
@tenant_option
@json_option("one JSON object: places, skipped")
def command(file: Path, replace: bool, tenant: str | None, as_json: bool) -> None:
    """Load towns and postal codes, for searches near a place.

    FILE has the form of GeoNames: of postal codes (CA_full.txt) or of towns (CA.txt), tab-separated, UTF-8. Without
    one, places are known from the directory's own located records. Services that have a town and no coordinates are
    found near it too.

    \b
    Example:
      footbridge directory places CA_full.txt
    """
    from footbridge.directory.search.gazetteer import forget_places, load_places

    found = database()
    owner = tenant_of(found, tenant)
    if replace:
        with found.write() as connection:
            forget_places(connection, owner)
    with file.open(encoding="utf-8", errors="replace", newline="") as lines:
        loaded = load_places(found, owner, shown(lines, _("lines")))
    if as_json:
        print_json({"places": loaded.places, "skipped": loaded.skipped})
        return
    click.echo(_("{count:,} places loaded.", count=loaded.places))
    if loaded.skipped:
        click.echo(_("{count:,} lines have another form and were skipped.", count=loaded.skipped), err=True)
