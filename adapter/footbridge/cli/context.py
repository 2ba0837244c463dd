"""What several commands need: the database, the tenant meant, and output for people or for machines."""

import json
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click
import structlog
from rich.console import Console
from rich.table import Table

from footbridge.errors import ConfigurationError
from footbridge.settings import settings
from footbridge.store.engine import Database, open_database
from footbridge.store.migrate import upgrade
from footbridge.store.tenants import list_tenants

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
tenant_option = click.option("--tenant", help="Whose; may be left out when there is one tenant.")


def database() -> Database:
    """The database of the settings, migrated."""
    found = open_database(settings().database_url.get_secret_value())
    upgrade(found)
    return found


def tenant_of(found: Database, named: str | None) -> str:
    """The tenant that is named, or the only one. Raises ConfigurationError when neither tells it."""
    with found.read() as connection:
        names = [tenant.name for tenant in list_tenants(connection)]
    if named is None and len(names) == 1:
        return names[0]
    if named in names:
        return str(named)
    if not names:
        raise ConfigurationError("There is no tenant yet: `footbridge tenant add NAME` makes one.")
    asked = "Say whose with --tenant" if named is None else f"There is no tenant {named!r}"
    raise ConfigurationError(f"{asked}; there is {', '.join(names)}.")


def print_json(value: Any) -> None:  # noqa: ANN401 - any JSON
    """One JSON value, indented, to standard output."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def print_table(rows: Sequence[Mapping[str, Any]], empty: str) -> None:
    """Rows as a table, its columns those of the first row; a sentence when there are none."""
    if not rows:
        click.echo(empty)
        return
    table = Table()
    for name in rows[0]:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    Console().print(table)


def show(rows: Sequence[Mapping[str, Any]], empty: str, *, as_json: bool) -> None:
    """Rows for machines or for people."""
    if as_json:
        print_json(list(rows))
    else:
        print_table(rows, empty)


def log_to_stderr(level: int = logging.INFO) -> None:
    """Send logs to standard error: readable on a terminal, JSON elsewhere (setting FOOTBRIDGE_LOG_FORMAT)."""
    style = settings().log_format
    readable = style == "console" or (style == "auto" and sys.stderr.isatty())
    render: Callable[..., Any] = (
        structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer(sort_keys=True)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
