"""``footbridge validate``: whether FHIR resources conform to R4 and to profiles."""

import sys
from collections.abc import Iterable, Iterator

import click

from footbridge.cli.context import check_settings
from footbridge.cli.progress import shown
from footbridge.validation.bulk import STDIN, Checked, Item, Setup, check_all, documents, files, read_definitions
from footbridge.validation.engine.options import DEFAULTS, Options
from footbridge.validation.packs import PACKS
from footbridge.validation.reports import FORMATS, report
from footbridge.validation.validator import Validator


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
    type=click.Choice(["error", "warning"]),
    default="error",
    show_default=True,
    help="Lowest severity that makes the exit code 1.",
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
    fail_on: str,
    jobs: int,
    *,
    allow_example_urls: bool,
    allow_unknown_extensions: bool,
    best_practice: str,
    without: tuple[str, ...],
    show_values: bool,
) -> None:
    """Validate FHIR resources against R4 and profiles.

    The profiles are those that a resource claims in meta.profile, and every --profile. A PATH is a JSON or XML file,
    NDJSON (.ndjson, .jsonl), any of them gzipped, a folder of such files, or - for standard input. R4, US Core 7.0.0
    and SDOH Clinical Care 3.0.0 are embedded; nothing is fetched. What could not be decided offline is listed as
    unchecked: neither an error nor a pass.

    \b
    Exit codes:
      0  every resource conforms (with --fail-on warning: and has no warning)
      1  a resource does not
      2  the command could not run: a file, a package or an option is wrong

    \b
    Examples:
      footbridge validate task.json
      footbridge validate resources/ --package hl7.fhir.us.sdoh-clinicalcare#2.3.0 --format sarif
      zcat export.ndjson.gz | footbridge validate - --jobs 4 --format ndjson
    """
    check_settings()
    if (*paths, *definitions).count(STDIN) > 1:
        raise click.UsageError("Standard input (-) can be read only once.")
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
            click.echo(f"Warning: {gap}", err=True)
    loose = tuple(read_definitions(definitions, Validator().types)) if definitions else ()
    results = check_all(_documents(paths), Setup(profiles, packages, loose, options), jobs=jobs)
    severities: set[str] = set()
    out = sys.stdout.buffer
    for text in report(style)(_noted(shown(results, "resources"), severities)):
        out.write(text.encode(errors="backslashreplace"))
    out.flush()
    failing = {"fatal", "error", fail_on}
    sys.exit(1 if severities & failing else 0)


def _documents(paths: Iterable[str]) -> Iterator[Item]:
    """The documents of the paths; a file without any is told on standard error."""
    for path in paths:
        for name in [path] if path == STDIN else map(str, files(path)):
            empty = True
            for item in documents([name]):
                empty = False
                yield item
            if empty:
                click.echo(f"Warning: {name}: the file has no resource.", err=True)


def _noted(results: Iterable[Checked], severities: set[str]) -> Iterator[Checked]:
    """The results unchanged; the severities of their issues are kept."""
    for checked in results:
        severities.update(issue.severity for issue in checked.outcome.issues)
        yield checked
