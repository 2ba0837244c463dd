"""Reads prescriptions for the commands, and tells their faults as the API would."""

import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

from footbridge.cli.failures import CANNOT_RUN, REFUSED, line_of, reason_of
from footbridge.cli.output import print_line
from footbridge.errors import ConfigurationError
from footbridge.i18n import spoken
from footbridge.i18n.eager import _
from footbridge.model.issues import Issue

STDIN = "-"
WHOLE = "$this"
"""FHIRPath of the whole document, which the file's name says already."""


def read(name: str, limit: int | None = None) -> bytes:
    """The bytes of a file, or of standard input for ``-``.

    Args:
        name: of the file.
        limit: most bytes that are of use, the API's own limit when None; one more is read, to tell that there are.

    Raises:
        ConfigurationError: the file cannot be read.
    """
    from footbridge.settings import settings  # noqa: PLC0415 - help does not wait for it

    most = (settings().max_body_bytes if limit is None else limit) + 1
    if name == STDIN:
        return sys.stdin.buffer.read(most) if sys.stdin is not None else b""
    try:
        with Path(name).open("rb") as file:
            return file.read(most)
    except (OSError, ValueError) as error:
        raise ConfigurationError(_("{name}: {reason}.", name=name, reason=reason_of(error))) from error


def readable(name: str) -> bool:
    """Whether ``read`` may succeed; nothing is read, for what a pipe gives comes once."""
    try:
        return name == STDIN or (os.access(name, os.R_OK) and not Path(name).is_dir())
    except ValueError:  # no name that a file can have
        return False


def each(files: Iterable[str], take: Callable[[str, bytes], bool], limit: int | None = None) -> int:
    """Take every file, whatever becomes of the others.

    Args:
        files: their names.
        take: is given name and bytes; says whether the document was accepted.
        limit: as for ``read``.

    Returns:
        The exit code: 2 when a file cannot be read, else 1 when a document was refused, else 0.
    """
    exit_code = 0
    for name in files:
        try:
            raw = read(name, limit)
        except ConfigurationError as error:
            click.echo(_("Error: {error}", error=str(error)), err=True)
            exit_code = CANNOT_RUN
            continue
        if not take(name, raw):
            exit_code = max(exit_code, REFUSED)
    return exit_code


def tell(name: str, issues: Iterable[Issue], *, status: str, as_json: bool) -> None:
    """Issues of a document on standard error.

    For people one a line: file, severity, place, sentence. For machines all on one line, with the members ``errors``
    and ``warnings`` of the API's problem details.
    """
    found = list(issues)
    if as_json:
        print_line({"file": name, "status": status, **listed(found)}, err=True)
        return
    for issue in found:
        where = issue.pointer or (issue.expression if issue.expression != WHOLE else None)
        click.echo(f"{name}: {line_of(issue, where)}", err=True)


def listed(issues: Iterable[Issue]) -> dict[str, list[dict[str, Any]]]:
    """Issues as JSON: ``errors`` and ``warnings``, each with place, rule and sentence."""
    found = list(issues)
    return {
        "errors": [_told(issue) for issue in found if issue.is_error],
        "warnings": [_told(issue) for issue in found if not issue.is_error],
    }


def _told(issue: Issue) -> dict[str, Any]:
    place = {"expression": issue.expression} if issue.expression else {"pointer": issue.pointer or ""}
    return {**place, "rule": issue.rule, "message": spoken(issue.message)}
