"""``footbridge serve``: the API and a worker, in as many processes as there are cores."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

import logging
import os
import socket
from dataclasses import replace

import click

from footbridge.cli.context import warn_of_misspelt_settings
from footbridge.errors import ConfigurationError

MOST_WORKERS = 4  # unless told: each holds its own copy of the profiles, some 100 MB


@click.command("serve")
@click.option("--host", show_default="FOOTBRIDGE_HOST", help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    show_default="FOOTBRIDGE_PORT",
    help="Port to listen on; 0 takes a free one.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    show_default=f"one for each core, at most {MOST_WORKERS}",
    help="Processes.",
)
@click.option(
    "--threads",
    type=click.IntRange(1, 256),
    default=8,
    show_default=True,
    help="Requests that a process answers at a time.",
)
@click.option("--no-worker", is_flag=True, help="Leave queued messages to `footbridge worker`.")
def command(host: str | None, port: int | None, workers: int | None, threads: int, no_worker: bool) -> None:
    """Serve the API, and send queued messages to partners.

    Prints its address on standard error, then its log. SIGTERM or Ctrl-C stops it when the current work is done.
    Put a reverse proxy with TLS in front of it before others use it. The jobs of a process that was killed
    (kill -9, a power cut) are retried after a minute.

    \b
    Example:
      footbridge serve
      footbridge serve --host 0.0.0.0 --port 9000 --workers 8
    """
    from footbridge.cli.logs import log_to_stderr
    from footbridge.settings import settings
    from footbridge.web.server import Plan, serve

    log_to_stderr(logging.INFO)
    warn_of_misspelt_settings()
    host, port = host or settings().host, settings().port if port is None else port
    _must_be_free(host, port)
    address = f"[{host}]" if ":" in host else host  # IPv6 in brackets, as in a URL
    plan = Plan(address, port, workers or min(_cores(), MOST_WORKERS), threads)
    if no_worker:
        plan = replace(plan, deliveries=0)
    serve(plan, ready=lambda url: click.echo(f"Footbridge listens at {url}; Ctrl-C stops it.", err=True))


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _must_be_free(host: str, port: int) -> None:
    """Raises ConfigurationError when nobody may listen there, at once: the server itself would try for a while."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(place)
    except (OSError, UnicodeError) as error:
        raise ConfigurationError(f"Cannot listen at {host}, port {port}: {_reason(error)}.") from error


def _reason(error: OSError | UnicodeError) -> str:
    return getattr(error, "strerror", None) or "invalid address"
