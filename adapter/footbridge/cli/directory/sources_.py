"""``footbridge directory sources``: where the directory comes from."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

import click

from footbridge.cli.context import database, tenant_of, tenant_option
from footbridge.cli.directory.shared import moment
from footbridge.cli.output import json_option, show
from footbridge.i18n.eager import _


@click.command("sources")
@tenant_option
@json_option("a list of JSON objects: name, format, location, country, timezone, services, imported, last")
def command(tenant: str | None, as_json: bool) -> None:
    """List the sources and their last imports.

    \b
    Example:
      footbridge directory sources
    """
    from footbridge.directory.sources import list_imports, list_sources

    found = database()
    owner = tenant_of(found, tenant)
    rows = []
    with found.read() as connection:
        for source in list_sources(connection, owner):
            runs = list_imports(connection, owner, source.name)
            current = next((one for one in runs if one.number == source.current), None)
            rows.append(
                {
                    "name": source.name,
                    "format": source.format,
                    "location": source.location,
                    "country": source.country,
                    "timezone": source.timezone,
                    "services": (current.summary or {}).get("kept", 0) if current else 0,
                    "imported": moment(current.finished, as_json=as_json) if current and current.finished else None,
                    "last": runs[0].state if runs else None,
                }
            )
    nothing = _("No directory yet: `footbridge directory import PATH --source NAME` imports one.")
    show(rows, nothing, as_json=as_json)
