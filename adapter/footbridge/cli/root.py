"""The command group: which commands there are, and how an error is told.

Exit codes: 0 done, 1 the document or the request was refused, 2 the command could not run.
"""

import importlib
import sys
from typing import Any

import click

from footbridge import __version__
from footbridge.errors import (
    ConfigurationError,
    ConflictError,
    FootbridgeError,
    LifecycleError,
    NotFoundError,
    PrescriptionError,
)

# name: module of footbridge.cli that holds a click command of the same name
COMMANDS = {
    "config": "config",
    "demo": "demo",
    "map": "map",
    "outbox": "outbox",
    "partner": "partner",
    "prescribe": "prescribe",
    "read": "read",
    "route": "route",
    "serve": "serve",
    "tenant": "tenant",
    "terminology": "terminology",
    "worker": "worker",
}
REFUSED = (PrescriptionError, ConflictError, LifecycleError, NotFoundError)


class LazyGroup(click.Group):
    """Imports a command's module when the command is named, so that every call starts fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Names in alphabetical order."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The command of that name, None when there is none."""
        module = COMMANDS.get(cmd_name)
        if module is None:
            return None
        command: click.Command = importlib.import_module(f"footbridge.cli.{module}").command
        return command

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - whatever the command returns
        """Run the command; an error of ours becomes one line and an exit code."""
        try:
            return super().invoke(ctx)
        except PrescriptionError as error:
            for issue in error.issues:
                click.echo(f"{issue.severity}: {issue.pointer or '/'}: {issue.message}", err=True)
            click.echo(f"Error: {error}", err=True)
            sys.exit(1)
        except REFUSED as error:
            click.echo(f"Error: {error}", err=True)
            sys.exit(1)
        except (ConfigurationError, FootbridgeError) as error:
            click.echo(f"Error: {error}", err=True)
            sys.exit(2)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with `footbridge demo`. Settings are environment variables: `footbridge config show` lists them.",
)
@click.version_option(__version__, prog_name="footbridge")
def main() -> None:
    """Carry social prescriptions from the medical record to help in the community, and bring the outcome home."""
