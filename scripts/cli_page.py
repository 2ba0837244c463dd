"""Writes docs/reference/cli.md from the help of every command.

Run ``python scripts/cli_page.py`` after a command has changed; ``--check`` only says whether the page is up to date
(exit code 1 when not).
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from footbridge.cli import main as footbridge

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "cli.md"
WIDTH = 100

INTRODUCTION = """\
# The command `footbridge`

<!-- Made by scripts/cli_page.py from the help of the commands: change that, then run the script. -->

`footbridge COMMAND --help` says the same on the terminal.

| exit code | meaning |
|---|---|
| 0 | done |
| 1 | a document or a request was refused: it has errors, is in conflict, or names something unknown |
| 2 | the command could not run: a wrong option or setting, a file, database or address that cannot be used |
| 130 | interrupted by Ctrl-C |
| 141 | nobody reads the output any more, as after `\\| head` |

* **Standard output** holds what was asked for and nothing else; warnings, errors and logs go to standard error. No log
  names a person: it says partners, routes, statuses and times.
* **JSON** is UTF-8 whatever the locale. Each `--json` says below which members it prints. A member without a value is
  `null`; one that a later version adds is to be passed over. Places in a prescription are JSON Pointers (RFC 6901),
  the empty one for the whole document; places in FHIR are FHIRPath.
* **Tables** are columns aligned with blanks, one line a row. On a terminal that is too narrow for them each row becomes
  a short list; the variable `COLUMNS` sets the width. `NO_COLOR` is obeyed.
* **Settings** are [environment variables](settings.md). Your own value sets, code systems and FHIR packages are stored
  in the platform's data folder.
* An error is reported in one line. `footbridge --traceback COMMAND` shows where in the code it comes from; what it
  prints may hold a person's data.
* **Completion**: `eval "$(_FOOTBRIDGE_COMPLETE=bash_source footbridge)"` in `.bashrc`; `zsh_source` and `fish_source`
  for these shells.
"""


def page() -> str:
    """The whole page as Markdown."""
    top = click.Context(footbridge, info_name="footbridge", terminal_width=WIDTH, **footbridge.context_settings)
    return "\n".join([INTRODUCTION, *_sections(footbridge, top)])


def _sections(command: click.Command, context: click.Context) -> Iterator[str]:
    """A section for a command, then for those below it."""
    level = "##" if context.parent is None or context.parent.parent is None else "###"
    yield f"{level} {context.command_path}\n\n```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None and not below.hidden:
                yield from _sections(below, click.Context(below, info_name=name, parent=context))


if __name__ == "__main__":
    from written import write_or_check

    sys.exit(write_or_check({PAGE: page()}))
