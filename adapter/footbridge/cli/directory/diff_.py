"""``footbridge directory diff``: what the last import changed."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

import json

import click

from footbridge.cli.context import database, tenant_of, tenant_option
from footbridge.cli.directory.shared import check_imported, source_of, source_option
from footbridge.cli.output import json_option, print_line
from footbridge.i18n.eager import _

SIGNS = {"added": "+", "removed": "-", "changed": "~"}
WIDTH = 60


@click.command("diff")
@source_option
@tenant_option
@json_option("one line of JSON a service: change (added, removed, changed), id, nativeId, name, members")
def command(source: str | None, tenant: str | None, as_json: bool) -> None:
    """Show what the last import of a source changed.

    \b
    Example:
      footbridge directory diff --source north-211
    """
    from footbridge.directory.difference import differences

    found = database()
    owner = tenant_of(found, tenant)
    counts = dict.fromkeys(SIGNS, 0)
    with found.read() as connection:
        meant = source_of(connection, owner, source)
        check_imported(meant)
        for one in differences(connection, owner, meant.name, meant.current):
            counts[one.change] += 1
            if as_json:
                members = {name: {"was": was, "is": now} for name, (was, now) in one.members.items()}
                print_line(
                    {
                        "change": one.change,
                        "id": one.id,
                        "nativeId": one.native_id,
                        "name": one.name,
                        "members": members,
                    }
                )
                continue
            click.echo(f"{SIGNS[one.change]} {one.name} ({one.native_id})")
            for name, (was, now) in one.members.items():
                click.echo(f"    {name}: {_short(was)} -> {_short(now)}")
    if not as_json:
        click.echo(_("{added:,} added, {changed:,} changed, {removed:,} removed.", **counts), err=True)


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return _("nothing") if value is None else text if len(text) <= WIDTH else f"{text[: WIDTH - 3]}..."
