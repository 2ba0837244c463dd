"""``footbridge directory columns``: propose a column mapping for a table whose columns nobody knows."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from footbridge.cli.output import json_option, print_json, print_rows
from footbridge.cli.whole_file import OUTPUT, whole_text
from footbridge.errors import ConfigurationError
from footbridge.i18n.eager import _

if TYPE_CHECKING:
    from footbridge.directory.readers.column_trial import Proposed, Tried


@click.command("columns")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write the mapping to FILE.")
@json_option("one JSON object: table, known, columns, mapping, makes")
def command(path: Path, output: Path | None, as_json: bool) -> None:
    """Propose a column mapping for a spreadsheet.

    PATH is a CSV, TSV, .xlsx, .xls or .ods file. What each column becomes is
    judged by its name, or else by its values. The mapping is tried, and what it
    makes is counted. Nothing is imported.

    \b
    Example:
      footbridge directory columns examples/directory/list.csv
      footbridge directory columns examples/directory/list.csv --output mapping.json
    """
    from footbridge.directory.readers.column_trial import propose, trial

    if output is not None and output.exists():
        raise ConfigurationError(
            _("{file} is there already, perhaps with your corrections. Name another file.", file=output)
        )
    found = propose(path)
    made = trial(path, found.mapping)
    if output is not None:
        _write(output, found)
        if str(output) == OUTPUT:
            return  # nothing stands beside it
    if as_json:
        print_json(_document(found, made))
    else:
        _print(path, found, made, output)


def _write(output: Path, found: "Proposed") -> None:
    with whole_text(output) as text:
        text.write(json.dumps(found.mapping, indent=2, ensure_ascii=False) + "\n")


def _document(found: "Proposed", made: "Tried") -> dict[str, object]:
    columns = [
        {"column": one.name, "becomes": found.becomes[one.name] or None, "by": one.by or None} for one in found.columns
    ]
    makes = {**made.counts, "names": made.names}
    return {
        "table": found.table, "known": found.known, "columns": columns, "mapping": found.mapping, "makes": makes,
    }  # fmt: skip


def _print(path: Path, found: "Proposed", made: "Tried", output: Path | None) -> None:
    if found.known is not None:
        click.echo(
            _("These are the columns of {mapping}: an import knows them, and needs no mapping.", mapping=found.known)
        )
    print_rows([_row(found, one.name, one.by) for one in found.columns], "")
    click.echo()
    click.echo(
        _(
            "This mapping makes: services {services}, organizations {organizations}, places {places}. The first: "
            "{names}.",
            services=made.counts.get("service", 0),
            organizations=made.counts.get("organization", 0),
            places=made.counts.get("location", 0),
            names="; ".join(name for name in made.names if name) or "-",
        )
    )
    if "service.name" not in found.becomes.values():
        click.echo(
            _("No column is the name of a service: each is named after its organization. Correct it in the mapping.")
        )
    if found.others:
        click.echo(_("Other tables were not looked at: {names}.", names=", ".join(found.others)))
    if output is None:
        click.echo(_("Write it to a file with --output FILE, and correct it there."))
        return
    click.echo(_("Written to {file}. Read and correct it, then try an import:", file=output))
    click.echo(f"  footbridge directory import {path} --source NAME --mapping {output} --dry-run")


def _row(found: "Proposed", name: str, by: str) -> dict[str, str]:
    becomes = found.becomes[name]
    why = {"name": _("its name"), "values": _("its values")}.get(by, "") if becomes else _("not recognised")
    if not becomes and by:
        why = _("another column is that already")
    effects = {
        "service.notes": _("never shown"),
        "address.withheld": _("yes withholds the address"),
        "service.restrictions": _("hides the service, or takes no referrals"),
    }
    if becomes in effects:
        why = f"{why}; {effects[becomes]}"
    return {"column": name, "becomes": becomes or "-", "why": why}
