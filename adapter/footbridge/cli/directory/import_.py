"""``footbridge directory import``: the records of a 211, into the directory."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from footbridge.cli.context import database, tenant_of, tenant_option
from footbridge.cli.output import json_option, print_json
from footbridge.i18n import current
from footbridge.i18n.eager import _, _n

if TYPE_CHECKING:
    from datetime import date

    from footbridge.directory.importing.generation import Generation
    from footbridge.store.engine import Database

API_FORMATS = ["hsds-api", "211-canada", "211-ndp"]
FORMATS = ["airs", "csv", "hsds-json", "hsds-tabular", "icarol-json", *API_FORMATS]
SHOWN_RULES = 8


@click.command("import")
@click.argument("path", metavar="PATH|URL")
@click.option("--source", required=True, metavar="NAME", help="Name of the source; the same one for each import of it.")
@click.option("--format", "form", type=click.Choice(FORMATS), help="The form; else it is recognised.")
@click.option("--country", metavar="CODE", help="Country of numbers and codes that name none (CA, US, GB, ...).")
@click.option("--timezone", metavar="ZONE", help="Time zone of its hours, such as America/Toronto.")
@click.option("--mapping", type=click.Path(path_type=Path), help="Column-mapping file, for CSV and spreadsheets.")
@click.option("--strict", is_flag=True, help="Leave out each record that the form's official schema refuses.")
@click.option(
    "--schemas", type=click.Path(path_type=Path), help="Official HSDS schemas (file or folder), for --strict."
)
@click.option("--key", metavar="REFERENCE", help="API key: env:NAME or file:PATH.")
@click.option("--changes", is_flag=True, help="The file or API gives only what changed: keep what it does not name.")
@click.option("--dry-run", is_flag=True, help="Do everything but make the import current.")
@click.option("--allow-removal", is_flag=True, help="Accept that most services of the source disappear.")
@click.option("--report", type=click.Path(path_type=Path), help="Write each finding to FILE (.xlsx, .csv or .html).")
@tenant_option
@json_option("one JSON object: read, kept, dropped, changed, removed (services), findings, byRule")
def command(  # noqa: PLR0913, PLR0917 - one parameter an option
    path: str,
    source: str,
    form: str | None,
    country: str | None,
    timezone: str | None,
    mapping: Path | None,
    strict: bool,
    schemas: Path | None,
    key: str | None,
    changes: bool,
    dry_run: bool,
    allow_removal: bool,
    report: Path | None,
    tenant: str | None,
    as_json: bool,
) -> None:
    """Import a directory, or import it again.

    PATH is a file, a folder or a zip; URL is an API. What did not change since the last import is recognised. Until the
    end the directory stays as it was; if the import fails, it stays so.

    \b
    Example:
      footbridge directory import export.zip --source north-211
      footbridge directory import export.zip --source north-211 --dry-run --report findings.xlsx
      footbridge directory import https://api.211.test/hsds --source state-211 --key env:API_KEY
    """
    from footbridge.cli.directory.report_ import form_of, write_report
    from footbridge.cli.progress import counting
    from footbridge.cli.whole_file import check_writable
    from footbridge.directory.importing.asked import check_source, country_and_zone
    from footbridge.directory.importing.generation import Terms
    from footbridge.directory.importing.plan import Plan
    from footbridge.directory.importing.run import run_import
    from footbridge.directory.opening import open_path
    from footbridge.directory.readers import ReadOptions
    from footbridge.model.clock import SystemClock
    from footbridge.settings import settings
    from footbridge.store.tenants import get_tenant

    check_source(source)
    _check_together(path, form, key=key, schemas=schemas, strict=strict)
    if report is not None:
        form_of(report)
        check_writable(report)
    found = database()
    owner = tenant_of(found, tenant)
    with found.read() as connection:
        jurisdiction = get_tenant(connection, owner).jurisdiction
    terms = country_and_zone(country, timezone, jurisdiction)
    options = ReadOptions(strict=strict, schemas=schemas, mapping=mapping, complete=not changes)
    since = _last_import(found, owner, source) if changes else None
    if "://" in path:
        from footbridge.partners.directories.opening import open_api
    with counting(_("services")) as progress:
        opened = (
            open_api(
                path,
                form,
                key,
                since=since,
                options=options,
                allow_http=settings().allow_http,
                progress=progress,
                told=lambda line: print(line, file=sys.stderr, flush=True),
            )
            if "://" in path
            else open_path(Path(path), form, options)
        )
        plan = Plan(
            owner,
            source,
            Terms(opened.format, opened.location, *terms),
            complete=not changes,
            dry_run=dry_run,
            allow_removal=allow_removal,
        )
        at_end = _reporting(report, write_report)
        summary = run_import(found, SystemClock(), plan, opened.records, progress, at_end)
    if as_json:
        print_json(summary.as_json())
        return
    _tell(summary.as_json(), source, opened.format, dry_run=dry_run)


def _check_together(path: str, form: str | None, *, key: str | None, schemas: Path | None, strict: bool) -> None:
    """Raise UsageError for an option that would have no effect: whoever wrote it expects one."""
    if not path.strip():
        raise click.UsageError(_("PATH is empty: name a file, a folder, a zip or a URL."))
    if form in API_FORMATS and "://" not in path:
        raise click.UsageError(_("--format {form} is for a URL; {path} is a file or a folder.", form=form, path=path))
    if key is not None and "://" not in path:
        raise click.UsageError(_("--key is for a URL; {path} is a file or a folder.", path=path))
    if schemas is not None and not strict:
        raise click.UsageError(_("--schemas is for --strict: add --strict, or leave --schemas out."))


def _reporting(target: Path | None, write: Callable[..., int]) -> "Callable[[Database, Generation], None] | None":
    if target is None:
        return None

    def report(found: "Database", generation: "Generation") -> None:
        with found.read() as connection:
            count = write(connection, generation.tenant, generation.source, generation.number, target)
        click.echo(_("Wrote {count:,} findings to {target}.", count=count, target=target), err=True)

    return report


def _tell(figures: dict[str, Any], source: str, form: str, *, dry_run: bool) -> None:
    if dry_run:
        click.echo(_("Dry run: the directory was left as it was. An import would do this:"))
    click.echo(
        _n(
            "Source {source} ({form}): {count:,} service read.",
            "Source {source} ({form}): {count:,} services read.",
            figures["read"],
            source=source,
            form=form,
        )
    )
    click.echo(_("  in the directory      {count:>9,}", count=figures["kept"]))
    click.echo(_("  new or changed        {count:>9,}", count=figures["changed"]))
    click.echo(_("  no longer there       {count:>9,}", count=figures["removed"]))
    click.echo(
        _(
            "  not shown             {count:>9,}  closed, deleted, or excluded by their source",
            count=figures["dropped"],
        )
        if "strict.refused" not in figures["byRule"]
        else _(
            "  not shown             {count:>9,}  refused by the official schema, closed, deleted, or excluded",
            count=figures["dropped"],
        )
    )
    if figures["rulesChanged"]:
        click.echo(_("The rules of cleaning have changed since the last import: each record was cleaned again."))
    if not figures["findings"]:
        click.echo(_("Nothing was found to correct."))
        return
    click.echo(_n("{count:,} finding:", "{count:,} findings:", figures["findings"]))
    from footbridge.directory.rules import ORDER, rule, severity_word

    some = sorted(figures["byRule"].items(), key=lambda row: (ORDER[rule(row[0]).severity], -row[1]))
    for name, count in some[:SHOWN_RULES]:
        found = rule(name)
        click.echo(
            _(
                "  {count:>7,}  {severity}: {what} ({rule})",
                count=count,
                severity=severity_word(found.severity, current()),
                what=found.text[current()],
                rule=name,
            )
        )
    if len(some) > SHOWN_RULES:
        click.echo(_n("  and {count} other rule.", "  and {count} other rules.", len(some) - SHOWN_RULES))
    if not dry_run:
        click.echo(_("`footbridge directory report --source {source} --xlsx FILE` lists each.", source=source))


def _last_import(found: "Database", tenant: str, source: str) -> "date | None":
    from footbridge.directory.sources import list_imports

    with found.read() as connection:
        runs = list_imports(connection, tenant, source)
    return next((one.started.date() for one in runs if one.state == "current"), None)
