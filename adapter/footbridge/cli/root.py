"""The command group: which commands there are, and how a failure is told.

A command's module is imported when the command is named; the list of commands is data, so that ``footbridge --help``
and the completion of a shell import none.
"""

import difflib
import sys
from collections.abc import Sequence
from typing import Any

import click
from click.shell_completion import CompletionItem

from footbridge import __version__
from footbridge.cli import language
from footbridge.cli.failures import NO_READER, close_output, explain
from footbridge.cli.lazy_group import LazyGroup
from footbridge.cli.output import take_any_text
from footbridge.i18n.eager import translated

COMMANDS = {
    "audit": "Show who read, searched and wrote what, and who logged on.",
    "backup": "Write a backup of the database to a file, while it is in use.",
    "client": "Export or erase everything that is held on a client.",
    "config": "Show the settings.",
    "database": "Show the version of the database, and migrate it.",
    "demo": "Play the example prescriptions from start to end on this machine.",
    "directory": "Import 211 directories, search them, report on their records.",
    "doctor": "Check settings, database, credentials, partners and queue.",
    "event": "Let an event happen to a referral, or record a decision about it.",
    "explain": "Explain a rule of the validation, with an example.",
    "fhirpath": "Evaluate a FHIRPath expression on a resource.",
    "keys": "List and rotate the keys that log Footbridge on at partners.",
    "map": "Print prescriptions as FHIR R4 transaction Bundles.",
    "outbox": "List messages to partners; retry or drop them.",
    "packages": "Install FHIR packages, and list them.",
    "partner": "Add partners, list them, test the connection to one.",
    "prescribe": "Submit prescriptions and queue their delivery.",
    "profile": "Show what the validation has made of a profile.",
    "read": "Print the prescriptions that FHIR Bundles hold.",
    "restore": "Replace the database by a backup.",
    "route": "Configure which partners are asked for which categories.",
    "serve": "Serve the API, and send queued messages to partners.",
    "simulate": "Run a simulated FHIR server or Ocean, to test without a partner.",
    "tenant": "Add tenants, list them, make and revoke tokens.",
    "terminology": "Load your own value sets, code systems and maps.",
    "user": "Add users of the portal, list them, change roles, remove them.",
    "validate": "Validate FHIR resources against R4 and profiles.",
    "waiting": "List the referrals that wait for a person.",
    "worker": "Send queued messages to partners, without the web server.",
}
"""Every command: its name, which is that of its module here too, and the first sentence of its help."""


class RootGroup(LazyGroup):
    """Every command; a failure of one becomes a few lines and an exit code."""

    names = COMMANDS
    module = "footbridge.cli.{}"

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it; an unknown name is told with the nearest known."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            nearest = difflib.get_close_matches(args[0], COMMANDS, n=1)
            raise click.NoSuchCommand(args[0], possibilities=nearest, ctx=ctx)
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Names of commands that begin so, and what click knows of options."""
        found = [
            CompletionItem(name, help=translated(what))
            for name, what in COMMANDS.items()
            if name.startswith(incomplete)
        ]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> Any:  # noqa: ANN401 - click's signature
        """Run the command in the language that its arguments and the environment ask for."""
        given = language.first(sys.argv[1:] if args is None else args)
        with language.of_command(given):
            return click.Group.main(language.localized(self), given, *rest, **extra)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - whatever the command returns
        """Run the command; a failure becomes a few lines and an exit code."""
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise  # click tells these itself
        except (Exception, KeyboardInterrupt) as error:
            if ctx.params["traceback"]:
                raise
            failure = explain(error)
            if failure.exit_code == NO_READER:
                close_output()
            for line in failure.lines:
                click.echo(line, err=True)
            sys.exit(failure.exit_code)


@click.group(
    cls=RootGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with `footbridge demo`. Settings are environment variables: `footbridge config show` lists them. "
    "Exit codes: 0 done, 1 a document or a request was refused, 2 the command could not run.",
)
@click.version_option(__version__, prog_name="footbridge")
@click.option(
    language.OPTION,
    type=language.LanguageTag(),
    envvar=language.VARIABLE,
    expose_value=False,
    help="Language of help and messages; else FOOTBRIDGE_LANG, else that of the locale.",
)
@click.option("--traceback", is_flag=True, help="Show where an error comes from; it may show a person's data.")
def main(*, traceback: bool) -> None:  # noqa: ARG001 - RootGroup.invoke reads it
    """Carry social prescriptions from the medical record to help in the community, and the outcome back.

    \b
    Example:
      footbridge map prescription.json > bundle.json
    """
    take_any_text()
