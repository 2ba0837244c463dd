"""``footbridge directory``: what help there is, from any 211."""

import click

from footbridge.cli.lazy_group import LazyGroup

COMMANDS = {
    "capacity": "Record whether a service has free places, from a call or a visit.",
    "correct": "Suggest a correction of a record to its source.",
    "corrections": "List the suggested corrections.",
    "columns": "Propose a column mapping for a spreadsheet.",
    "diff": "Show what the last import of a source changed.",
    "export": "Write the directory as FHIR, HSDS or JSON.",
    "gaps": "List unmet need: what was asked for and is not there.",
    "import": "Import a directory, or import it again.",
    "places": "Load towns and postal codes, for searches near a place.",
    "search": "Search services by need, words and place.",
    "remove": "Remove a source and its records.",
    "report": "List what was found in a source's records.",
    "show": "Show one service, whole.",
    "sources": "List the sources and their last imports.",
}
"""Each subcommand: its name, and the first sentence of its help. Its module is ``directory.NAME_``."""


class DirectoryGroup(LazyGroup):
    """The subcommands."""

    names = COMMANDS
    module = "footbridge.cli.directory.{}_"


@click.group("directory", cls=DirectoryGroup)
def command() -> None:
    """Import 211 directories, search them, report on their records.

    HSDS (JSON, tables, an API), AIRS XML, iCarol, spreadsheets: the form is recognised.

    \b
    Example:
      footbridge directory import export.zip --source north-211
      footbridge directory search "food bank" --near Sudbury
    """
