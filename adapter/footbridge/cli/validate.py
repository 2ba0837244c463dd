"""``footbridge validate``: whether FHIR resources conform to R4 and to profiles."""

import sys
from collections.abc import Iterable, Iterator
from typing import Any

import click

from footbridge.cli.context import check_settings
from footbridge.cli.progress import shown
from footbridge.cli.validate_hints import Seen
from footbridge.i18n.eager import _, _n
from footbridge.validation.bulk import STDIN, Item, Setup, check_all, documents, files, read_definitions
from footbridge.validation.bulk.checked import ERRORS
from footbridge.validation.core.options import DEFAULTS, PACKS, Options
from footbridge.validation.reports import FORMATS, report
from footbridge.validation.reports.shape import Shape
from footbridge.validation.validator import Validator

MOST_NAMED = 5  # files that a note names


@click.command("validate")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--profile",
    "profiles",
    multiple=True,
    metavar="URL",
    help="Also validate against this profile, in addition to meta.profile.",
)
@click.option(
    "--package",
    "packages",
    multiple=True,
    metavar="ID#V|FILE|FOLDER",
    help="Definitions of this package and of what it depends on, before the embedded ones and in place of other "
    "versions of them. Dependencies are looked for beside the FILE, in ~/.fhir/packages and among the embedded ones.",
)
@click.option(
    "--definitions",
    multiple=True,
    metavar="PATH",
    help="Loose StructureDefinitions, ValueSets, CodeSystems and others to validate with: files or folders of JSON "
    "or XML.",
)
@click.option(
    "--format",
    "style",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="Output format: text for people; json one list; ndjson a line a resource, as each is done; "
    "operationoutcome FHIR's own; sarif for code hosts; junit for build servers.",
)
@click.option(
    "--fail-on",
    "fail_on",
    multiple=True,
    type=click.Choice(["error", "warning", "unchecked"]),
    default=["error"],
    show_default="error",
    help="What makes the exit code 1, in addition to errors: warnings; anything that could not be checked, such as a "
    "profile that is not loaded. May be given twice.",
)
@click.option("--quiet", "-q", is_flag=True, help="Text: print only what makes the exit code 1. No notes, no progress.")
@click.option(
    "--show-unchecked", is_flag=True, help="Text: a line for each rule that could not be checked, instead of a count."
)
@click.option("--jobs", type=click.IntRange(1, 256), default=1, show_default=True, help="Number of processes.")
@click.option("--allow-example-urls", is_flag=True, help="Accept example.org and similar names in URLs.")
@click.option("--allow-unknown-extensions", is_flag=True, help="Accept extensions that no loaded package defines.")
@click.option(
    "--best-practice",
    type=click.Choice(["ignore", "hint", "warning", "error"]),
    default=DEFAULTS.best_practice,
    show_default=True,
    help="Severity of what is only good practice, such as a narrative for people to read; ignore: not looked at.",
)
@click.option(
    "--without",
    multiple=True,
    type=click.Choice(PACKS),
    help="Leave out a pack of rules that only warn. guide-intent: what the SDOH Clinical Care guide says beside its "
    "profiles; terminology-hygiene: codes that cannot be right.",
)
@click.option(
    "--show-values", is_flag=True, help="Include element values in messages. They may be personal: for debugging only."
)
def command(  # noqa: PLR0913, PLR0917 - the options of the command
    paths: tuple[str, ...],
    profiles: tuple[str, ...],
    packages: tuple[str, ...],
    definitions: tuple[str, ...],
    style: str,
    fail_on: tuple[str, ...],
    jobs: int,
    *,
    quiet: bool,
    show_unchecked: bool,
    allow_example_urls: bool,
    allow_unknown_extensions: bool,
    best_practice: str,
    without: tuple[str, ...],
    show_values: bool,
) -> None:
    """Validate FHIR resources against R4 and profiles.

    The profiles are those that a resource claims in meta.profile, and every --profile. A PATH is a JSON or XML file,
    NDJSON (.ndjson, .jsonl), any of them gzipped, a folder of such files, a pattern in quotes, or - for standard input.
    R4, US Core 7.0.0 and SDOH Clinical Care 3.0.0 are embedded; nothing is fetched. What could not be decided offline
    is counted as unchecked: neither an error nor a pass.

    \b
    Exit codes:
      0  every resource conforms (with --fail-on warning: and has no warning;
         with --fail-on unchecked: and everything could be checked)
      1  a resource does not
      2  the command could not run: a file, a package or an option is wrong

    \b
    Examples:
      footbridge validate task.json
      footbridge validate resources/ --quiet
      footbridge validate resources/ --package hl7.fhir.us.sdoh-clinicalcare#2.3.0 --format sarif
      zcat export.ndjson.gz | footbridge validate - --jobs 4 --format ndjson
    """
    check_settings()
    if (*paths, *definitions).count(STDIN) > 1:
        raise click.UsageError(_("Standard input (-) can be read only once."))
    options = Options(
        allow_example_urls=allow_example_urls,
        unknown_extensions=allow_unknown_extensions,
        best_practice=best_practice,  # type: ignore[arg-type]  # click has checked the choice
        show_values=show_values,
        packs=frozenset(PACKS).difference(without),
    )
    if packages:
        from footbridge.validation.packages.dependencies import missing_dependencies  # noqa: PLC0415 - seldom used

        for gap in missing_dependencies(packages):
            click.echo(_("Warning: {gap}", gap=str(gap)), err=True)
    loose = _definitions(definitions, quiet=quiet)
    results = check_all(_documents(paths), Setup(profiles, packages, loose, options), jobs=jobs)
    shape = Shape(frozenset(fail_on) | ERRORS, quiet=quiet, all_unchecked=show_unchecked)
    seen = Seen(shape)
    out = sys.stdout.buffer
    for text in report(style, shape)(seen.noted(results if quiet else shown(results, _("resources")))):
        out.write(text.encode(errors="backslashreplace"))
    out.flush()
    if not quiet:
        for hint in seen.hints():
            click.echo(hint, err=True)
    sys.exit(1 if seen.failed else 0)


def _definitions(names: tuple[str, ...], *, quiet: bool) -> tuple[dict[str, Any], ...]:
    """The loose definitions; files of a folder that are none are told on standard error."""
    if not names:
        return ()
    skipped: list[str] = []
    loose = tuple(read_definitions(names, Validator().types, skipped.append))
    if skipped and not quiet:
        named = ", ".join([*skipped[:MOST_NAMED], *(["..."] if len(skipped) > MOST_NAMED else [])])
        note = _n(
            "Note: --definitions: {count} file is not a FHIR resource, skipped: {named}",
            "Note: --definitions: {count} files are not FHIR resources, skipped: {named}",
            len(skipped),
            named=named,
        )
        click.echo(note, err=True)
    return loose


def _documents(paths: Iterable[str]) -> Iterator[Item]:
    """The documents of the paths; a file without any is told on standard error."""
    for path in paths:
        for name in [path] if path == STDIN else map(str, files(path)):
            empty = True
            for item in documents([name]):
                empty = False
                yield item
            if empty:
                click.echo(_("Warning: {name}: the file has no resource.", name=name), err=True)
