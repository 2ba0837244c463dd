"""How the commands print: JSON for machines, plain columns for people. Imports nothing heavy.

JSON is UTF-8 whatever the locale (RFC 8259 §8.1). Columns are aligned with blanks and never folded, so that they can
be searched and cut; on a terminal too narrow for them each row becomes a short list.
"""

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import click

from footbridge.i18n.eager import _, translated

Row = Mapping[str, Any]
Decorated = TypeVar("Decorated", bound=Callable[..., Any])
GAP = "  "
HEADS = (
    "ACTION",
    "ACTOR",
    "ANSWER",
    "AREA",
    "AT",
    "ATTEMPTS",
    "BASE URL",
    "BECOMES",
    "CATEGORIES",
    "CATEGORY",
    "CAUSE",
    "CHECK",
    "CODES",
    "COLUMN",
    "COUNT",
    "COUNTRY",
    "CREDENTIAL",
    "CUSTODIAN",
    "DELIVERY",
    "DIGEST",
    "DUE",
    "ERROR",
    "FIELD",
    "FORMAT",
    "FOUND",
    "FROM",
    "GUIDE",
    "HOW",
    "ID",
    "IDENTIFIER",
    "IMPORTED",
    "JURISDICTION",
    "KIND",
    "LANGUAGE",
    "LAST",
    "LOCATION",
    "MESSAGE",
    "MONTH",
    "NAME",
    "NEW",
    "NOTE",
    "OLD",
    "PACKAGE",
    "PARTNER",
    "PARTNERS",
    "REASON",
    "REMEDY",
    "REQUESTER",
    "RETENTION DAYS",
    "REVOKED",
    "ROLE",
    "RULE",
    "SERVICE",
    "SERVICES",
    "SEVERITY",
    "SINCE",
    "SOURCE",
    "STATE",
    "STATUS",
    "TENANT",
    "TIMES",
    "TIMEZONE",
    "TITLE",
    "URL",
    "VERSION",
    "WHAT",
    "WHO",
    "WHY",
)
"""Heads of columns, for the catalogue; a head is the name of a member in JSON, in capitals."""


def json_option(shape: str) -> Callable[[Decorated], Decorated]:
    """The option ``--json``; its help says what is printed."""
    return click.option("--json", "as_json", is_flag=True, help=f"Print {shape}.")


def print_json(value: Any, *, err: bool = False) -> None:  # noqa: ANN401 - any JSON
    """One JSON value, indented."""
    _print(json.dumps(value, indent=2, ensure_ascii=False, default=str), err=err)


def print_line(value: Any, *, err: bool = False) -> None:  # noqa: ANN401 - any JSON
    """One JSON value on one line, as in NDJSON."""
    _print(json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str), err=err)


def print_rows(rows: Sequence[Row], empty: str) -> None:
    """Rows in columns, which are those of the first row; a sentence on standard error when there are none."""
    if not rows:
        click.echo(empty, err=True)
        return
    heads = [translated(name.replace("_", " ").upper()) for name in rows[0]]
    cells = [[_cell(value) for value in row.values()] for row in rows]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    room = _room()
    if room is not None and sum(widths) + len(GAP) * (len(widths) - 1) > room:
        _print_lists(heads, cells)
        return
    for line in [heads, *cells]:
        click.echo(GAP.join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())


def show(rows: Sequence[Row], empty: str, *, as_json: bool) -> None:
    """Rows for machines or for people."""
    if as_json:
        print_json(list(rows))
    else:
        print_rows(rows, empty)


def take_any_text() -> None:
    """Let standard output write what its encoding lacks as an escape, as standard error does, instead of failing."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def _print(text: str, *, err: bool) -> None:
    # A lone surrogate, as in a file name that is not UTF-8, becomes the escape that JSON has for it.
    click.echo(text.encode(errors="backslashreplace"), err=err)


def _print_lists(heads: Iterable[str], cells: Iterable[Iterable[str]]) -> None:
    names = [head.lower() for head in heads]
    for row in cells:
        for bullet, name, text in zip(["- ", *["  "] * len(names)], names, row, strict=False):
            click.echo(_("{bullet}{name}: {text}", bullet=bullet, name=name, text=text).rstrip())


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return _("yes") if value else _("no")
        case list() | tuple():
            return _(", then ").join(map(str, value))
        case _:
            return str(value)


def _room() -> int | None:
    """Columns of the terminal, or of the variable COLUMNS; None where nothing limits a line."""
    if sys.stdout is not None and (sys.stdout.isatty() or os.environ.get("COLUMNS", "").isdigit()):
        return shutil.get_terminal_size().columns
    return None
