"""``footbridge directory diff``: what the last import changed."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

import itertools
import json

import click

from footbridge.cli.context import database, tenant_of, tenant_option
from footbridge.cli.directory.shared import check_imported, source_of, source_option
from footbridge.cli.output import json_option, print_line
from footbridge.i18n.eager import _

SIGNS = {"added": "+", "removed": "-", "changed": "~"}
WIDTH = 60  # characters of a value
BEFORE = 20  # of them that stand before the first one that changed, in a longer text


@click.command("diff")
@source_option
@tenant_option
@json_option("one line of JSON a service: change (added, removed, changed), id, nativeId, name, members, fields")
def command(source: str | None, tenant: str | None, as_json: bool) -> None:
    """Show what the last import of a source changed, field by field.

    \b
    Example:
      footbridge directory diff --source north-211
    """
    from footbridge.directory.difference import differences, import_before

    found = database()
    owner = tenant_of(found, tenant)
    counts = dict.fromkeys(SIGNS, 0)
    with found.read() as connection:
        meant = source_of(connection, owner, source)
        check_imported(meant)
        before = import_before(connection, owner, meant.name, meant.current)
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
                        "fields": [{"field": path, "was": was, "is": now} for path, was, now in one.fields],
                    }
                )
                continue
            click.echo(f"{SIGNS[one.change]} {one.name} ({one.native_id})")
            for path, was, now in one.fields:
                click.echo(f"    {path}: {' -> '.join(_shortened(_said(was), _said(now)))}")
    if not as_json:
        click.echo(_("{added:,} added, {changed:,} changed, {removed:,} removed.", **counts), err=True)
        click.echo(_compared(meant.name, meant.current, before), err=True)


def _compared(source: str, current: int, before: int | None) -> str:
    if not current:
        return _("No import of {source} has become current yet.", source=source)
    if before is None:
        return _("It was the first import of {source}.", source=source)
    return _(
        "Import {current} of {source}, compared with import {before}.", source=source, current=current, before=before
    )


def _said(value: object) -> str:
    """A value in a line: of an object its name, or all that it says."""
    if value is None:
        return _("nothing")
    if isinstance(value, dict):
        named = value.get("name")
        said = [_said(one) for key, one in value.items() if key not in {"id", "native_id"} and one is not None]
        return str(named) if named else ", ".join(said)
    if isinstance(value, list):
        return "; ".join(_said(one) for one in value)
    return value if isinstance(value, str) else json.dumps(value)


def _shortened(*texts: str) -> list[str]:
    """Texts in a line; those that are too long from where they begin to differ."""
    plain = [" ".join(text.split()) for text in texts]
    same = 0
    if max(map(len, plain)) > WIDTH:
        alike = itertools.takewhile(lambda some: len(set(some)) == 1, zip(*plain, strict=False))
        same = max(0, sum(1 for _some in alike) - BEFORE)
    found = []
    for text in plain:
        shown = text[same : same + WIDTH]
        found.append(f"{'...' if same else ''}{shown}{'...' if len(text) > same + WIDTH else ''}")
    return found
