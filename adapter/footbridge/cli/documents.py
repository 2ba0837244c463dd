"""Reads prescriptions for the commands, and tells their faults as the API would."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from footbridge.errors import ConfigurationError, PrescriptionError
from footbridge.model.issues import Issue
from footbridge.settings import settings

STDIN = "-"


def read(name: str) -> bytes:
    """The bytes of a file, or of standard input for ``-``; never more than the API would read, plus one.

    Raises ConfigurationError when the file cannot be read.
    """
    limit = settings().max_body_bytes + 1
    if name == STDIN:
        return sys.stdin.buffer.read(limit)
    try:
        with Path(name).open("rb") as file:
            return file.read(limit)
    except OSError as error:
        raise ConfigurationError(f"{name}: {error.strerror or 'cannot be read'}.") from error


def tell(name: str, issues: tuple[Issue, ...]) -> None:
    """Issues on standard error, one a line: file, severity, JSON Pointer, sentence."""
    for issue in issues:
        click.echo(f"{name}: {issue.severity}: {issue.pointer or '/'}: {issue.message}", err=True)


def refusal(name: str, error: PrescriptionError) -> dict[str, Any]:
    """A refused document as the machine output shows it, with the members of the API's problem details."""
    return {"file": name, "status": "refused", "errors": list(told(error.issues))}


def told(issues: tuple[Issue, ...]) -> Iterator[dict[str, Any]]:
    """Issues as JSON, with the same members as in the API."""
    for issue in issues:
        yield {"pointer": issue.pointer or "", "rule": issue.rule, "severity": issue.severity, "message": issue.message}


def compact(value: Any) -> str:  # noqa: ANN401 - any JSON
    """One JSON value on one line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
