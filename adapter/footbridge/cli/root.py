"""The command group: which commands there are, and how a failure is told.

A command's module is imported when the command is named; the list of commands is data, so that ``footbridge --help``
and the completion of a shell import none.
"""

import importlib
import sys
from typing import Any

import click
from click.shell_completion import CompletionItem

from footbridge import __version__
from footbridge.cli.failures import NO_READER, close_output, explain
from footbridge.cli.output import take_any_text

COMMANDS = {
    "config": "Show the settings.",
    "demo": "Play the example prescriptions from start to end on this machine.",
    "fhirpath": "Evaluate a FHIRPath expression on a resource.",
    "map": "Print prescriptions as FHIR R4 transaction Bundles.",
    "outbox": "List messages to partners; retry or drop them.",
    "packages": "Install FHIR packages, and list them.",
    "partner": "Add partners, list them, test the connection to one.",
    "prescribe": "Submit prescriptions and queue their delivery.",
    "read": "Print the prescriptions that FHIR Bundles hold.",
    "route": "Configure which partners are asked for which categories.",
    "serve": "Serve the API, and send queued messages to partners.",
    "tenant": "Add tenants, list them, make and revoke tokens.",
    "terminology": "Load your own value sets, code systems and maps.",
    "validate": "Validate FHIR resources against R4 and profiles.",
    "waiting": "List the referrals that wait for a person.",
    "worker": "Send queued messages to partners, without the web server.",
}
"""Every command: its name, which is that of its module here too, and the first sentence of its help."""


class LazyGroup(click.Group):
    """Imports a command's module when the command is named, so that every call starts fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Names in alphabetical order."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The command of that name, None when there is none."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"footbridge.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it; an unknown name is told with the nearest known."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            raise click.NoSuchCommand(args[0], possibilities=COMMANDS, ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """The list of commands in ``footbridge --help``."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Names of commands that begin so, and what click knows of options."""
        found = [CompletionItem(name, help=what) for name, what in COMMANDS.items() if name.startswith(incomplete)]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]

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
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with `footbridge demo`. Settings are environment variables: `footbridge config show` lists them. "
    "Exit codes: 0 done, 1 a document or a request was refused, 2 the command could not run.",
)
@click.version_option(__version__, prog_name="footbridge")
@click.option("--traceback", is_flag=True, help="Show where an error comes from; it may show a person's data.")
def main(*, traceback: bool) -> None:  # noqa: ARG001 - LazyGroup.invoke reads it
    """Carry social prescriptions from the medical record to help in the community, and the outcome back.

    \b
    Example:
      footbridge map prescription.json > bundle.json
    """
    take_any_text()
