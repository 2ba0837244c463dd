"""``footbridge directory report``: what was found in a source's records."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from footbridge.cli.context import database, tenant_of, tenant_option
from footbridge.cli.directory.shared import check_imported, source_of, source_option
from footbridge.cli.output import json_option, print_json, show
from footbridge.cli.whole_file import OUTPUT, check_writable, whole_file, whole_text
from footbridge.errors import ConfigurationError
from footbridge.i18n import current
from footbridge.i18n.eager import _

if TYPE_CHECKING:
    from sqlalchemy import Connection

_FILE = click.Path(path_type=Path, dir_okay=False, allow_dash=True)
_FORMS = {".xlsx": "xlsx", ".csv": "csv", ".html": "html", ".htm": "html"}


@click.command("report")
@source_option
@click.option("--xlsx", type=_FILE, help="Write a spreadsheet.")
@click.option("--csv", "csv_file", type=_FILE, help="Write CSV.")
@click.option("--html", "html_file", type=_FILE, help="Write a page for a browser.")
@tenant_option
@json_option(
    "a list of JSON objects: severity, rule, what, action, kind, nativeId, name, member, found, done, path, line"
)
def command(
    source: str | None,
    xlsx: Path | None,
    csv_file: Path | None,
    html_file: Path | None,
    tenant: str | None,
    as_json: bool,
) -> None:
    """List what was found in a source's records.

    Without a file: how often each rule was met. What may not be shown is in no report. With - as FILE it is written to
    the output.

    \b
    Example:
      footbridge directory report --source north-211
      footbridge directory report --source north-211 --xlsx findings.xlsx
    """
    from footbridge.directory.findings import COLUMNS, findings
    from footbridge.directory.rules import severity_word

    files = [(form, target) for form, target in (("xlsx", xlsx), ("csv", csv_file), ("html", html_file)) if target]
    if as_json + sum(str(target) == OUTPUT for _form, target in files) > 1:
        raise click.UsageError(_("Only one of --json, --xlsx, --csv and --html can be the output."))
    if len({target for _form, target in files}) < len(files):
        raise click.UsageError(_("Each form needs a file of its own."))
    for _form, target in files:
        check_writable(target)
    found = database()
    owner = tenant_of(found, tenant)
    with found.read() as connection:
        meant = source_of(connection, owner, source)
        check_imported(meant)
        for form, target in files:
            count = write_report(connection, owner, meant.name, meant.current, target, form)
            if str(target) != OUTPUT:
                click.echo(_("Wrote {count:,} findings to {target}.", count=count, target=target), err=as_json)
        lines = findings(connection, owner, meant.name, meant.current, current())
        if as_json:
            print_json([dict(zip(COLUMNS, line.values(), strict=True)) for line in lines])
        elif not files:
            counts = Counter((line.severity, line.rule, line.what) for line in lines)
            rows = [
                {"severity": severity_word(severity, current()), "rule": rule, "times": count, "what": what}
                for (severity, rule, what), count in sorted(counts.items(), key=_gravest_first)
            ]
            show(rows, _("Nothing was found in the records of {name}.", name=meant.name), as_json=False)


def _gravest_first(row: tuple[tuple[str, str, str], int]) -> tuple[int, int, str]:
    from footbridge.directory.rules import ORDER, rule

    (_severity, name, _what), count = row
    return ORDER[rule(name).severity], -count, name


def write_report(
    connection: "Connection", tenant: str, source: str, number: int, target: Path, form: str | None = None
) -> int:
    """Write the findings of an import to a file, in the language of the call; returns how many.

    The ending of the file says its form.
    Raises ConfigurationError for another ending, OSError when the file cannot be written.
    """
    from footbridge.directory.findings import findings
    from footbridge.directory.report import write_csv, write_html, write_xlsx

    language = current()
    lines = findings(connection, tenant, source, number, language)
    match form or form_of(target):
        case "xlsx":
            with whole_file(target) as stream:
                return write_xlsx(lines, stream, language)
        case "csv":
            # Excel takes the mark for UTF-8.
            with whole_text(target, "utf-8" if str(target) == OUTPUT else "utf-8-sig") as text:
                return write_csv(lines, text)
        case _:
            with whole_text(target) as text:
                return write_html(lines, text, _("Directory {source}: findings", source=source), language)


def form_of(target: Path) -> str:
    """The form that the ending of a file says. Raises ConfigurationError for another ending."""
    form = _FORMS.get(target.suffix.lower())
    if form is None:
        raise ConfigurationError(_("{target}: name a file that ends in .xlsx, .csv or .html.", target=target))
    return form
