"""``footbridge validate``: whether FHIR resources conform to R4 and to profiles."""

import sys
from pathlib import Path
from typing import Any

import click

from footbridge.cli.context import check_settings
from footbridge.cli.language import localized
from footbridge.cli.validate_asked import Asked
from footbridge.cli.validate_run import SINCE_MAIN, run
from footbridge.i18n.eager import _
from footbridge.validation.core.options import DEFAULTS, PACKS
from footbridge.validation.reports import FORMATS


class ValidateCommand(click.Command):
    """The command; ``validate explain RULE`` is ``explain RULE``, unless a file is called so."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401 - as click has it
    ) -> click.Context:
        """As click does it, of the command that is meant."""
        if args[:1] == ["explain"] and not Path("explain").exists():
            from footbridge.cli.explain import command as explain  # noqa: PLC0415 - seldom used

            return localized(explain).make_context(f"{info_name} explain", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)


@click.command("validate", cls=ValidateCommand)
@click.argument("paths", nargs=-1, metavar="PATH...")
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
    "operationoutcome FHIR's own; sarif for code hosts; junit for build servers; csv for spreadsheets.",
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
@click.option(
    "--base-only",
    is_flag=True,
    help="Only what R4 itself asks of each type: no profile of meta.profile or of a guide. Extensions are checked.",
)
@click.option(
    "--pack",
    "packs",
    multiple=True,
    metavar="FILE|MODULE|NAME",
    help="Rules of your own: a Python file, a module, or the name of an entry point of the group footbridge.rules. The "
    "code runs with your rights.",
)
@click.option(
    "--tx",
    metavar="URL",
    help="Ask this FHIR terminology server about codes that cannot be decided offline. It is sent the code, its system "
    "and the value set, nothing else. Answers are remembered for 30 days; what it does not answer stays unchecked.",
)
@click.option(
    "--compare-hl7",
    metavar="JAR",
    help="Run the HL7 validator too (validator_cli.jar, or a folder of its jars; needs Java 17), and print where the "
    "two differ. It must find the packages in ~/.fhir/packages. Exit code 1: they differ.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option(
    "--changed",
    is_flag=False,
    flag_value=SINCE_MAIN,
    metavar="[REF]",
    help="Only files that git says have changed since REF, new ones too; without REF since the merge base with main, "
    "else HEAD. Without PATH: in this folder. A change of --definitions or --package validates all files.",
)
@click.option(
    "--watch",
    "watching",
    is_flag=True,
    help="Go on until Ctrl-C: a file that changes is validated again, all of them after a change of --definitions. The "
    "exit code is that of the last state.",
)
def command(paths: tuple[str, ...], changed: str | None, *, as_json: bool, **given: Any) -> None:  # noqa: ANN401 - as Asked has them
    """Validate FHIR resources against R4 and profiles.

    The profiles are those that a resource claims in meta.profile, and every --profile. A PATH is a JSON or XML file,
    NDJSON (.ndjson, .jsonl), any of them gzipped, a folder of such files, a pattern in quotes, or - for standard input.
    R4, US Core 7.0.0 and SDOH Clinical Care 3.0.0 are embedded; nothing is fetched, and nothing is sent but with --tx.
    What could not be decided offline is counted as unchecked: neither an error nor a pass.

    \b
    Exit codes:
      0  every resource conforms (with --fail-on warning: and has no warning;
         with --fail-on unchecked: and everything could be checked)
      1  a resource does not
      2  the command could not run: a file, a package or an option is wrong
      130, 141  it was interrupted (Ctrl-C), or nobody reads its output any more

    \b
    Examples:
      footbridge validate task.json
      footbridge validate resources/ --quiet
      footbridge validate resources/ --package hl7.fhir.us.sdoh-clinicalcare#2.3.0 --format sarif
      zcat export.ndjson.gz | footbridge validate - --jobs 4 --format ndjson
      footbridge validate resources/ --changed origin/main
      footbridge validate resources/ --watch
      footbridge validate explain binding.required
    """
    check_settings()
    if changed and Path(changed).exists():
        from footbridge.cli.validate_changed import is_ref  # noqa: PLC0415 - seldom used

        if not is_ref(changed):  # `--changed resources/`
            paths, changed = (changed, *paths), SINCE_MAIN
    if not paths:
        if changed is None:
            raise click.UsageError(_("Name a file or a folder (PATH...)."))
        paths = (".",)
    if as_json:
        given["style"] = "json"
    sys.exit(run(Asked(paths=paths, changed=changed, **given)))
