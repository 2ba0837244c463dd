"""``footbridge directory remove``: a source that is no longer wanted."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

import click

from footbridge.cli.context import database, tenant_of, tenant_option
from footbridge.cli.directory.shared import source_of
from footbridge.cli.output import json_option, print_json
from footbridge.i18n.eager import _


@click.command("remove")
@click.argument("source")
@click.option("--yes", is_flag=True, help="Do not ask.")
@tenant_option
@json_option("one JSON object: source, removed (services)")
def command(source: str, yes: bool, tenant: str | None, as_json: bool) -> None:
    """Remove a source and its records.

    Prescriptions that name one of its services keep what they say; links of partners to its organizations go.

    \b
    Example:
      footbridge directory remove north-211
    """
    from footbridge.directory.importing.removal import remove

    found = database()
    owner = tenant_of(found, tenant)
    with found.read() as connection:
        meant = source_of(connection, owner, source)
    if not yes:
        click.confirm(_("Remove {name} and all its records?", name=meant.name), abort=True, err=True)
    count = remove(found, owner, meant.name)
    if as_json:
        print_json({"source": meant.name, "removed": count})
    else:
        click.echo(_("Removed {name}: {count:,} services.", name=meant.name, count=count))
