"""A group of commands of which only a list is known: a command's module is imported when the command is named."""

import importlib
from collections.abc import Mapping
from typing import Any

import click

from footbridge.cli import language
from footbridge.cli.garbage import few_collections
from footbridge.i18n.eager import _, translated


class LazyGroup(click.Group):
    """Imports a command's module when the command is named, so that every call starts fast.

    A subclass says which there are: ``names`` maps each to the first sentence of its help, and ``module`` is where it
    is, with the name of the command in place of ``{}``.
    """

    names: Mapping[str, str]
    module: str

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Names in alphabetical order."""
        return sorted(self.names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The command of that name, None when there is none."""
        if cmd_name not in self.names:
            return None
        with few_collections():
            found: Any = importlib.import_module(self.module.format(cmd_name))
        command: click.Command = found.command
        return language.localized(command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """The list of commands in the help."""
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, translated(what)) for name, what in sorted(self.names.items())])
