"""``footbridge serve``: the API and a worker, in as many processes as there are cores."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

import ipaddress
import logging
import os
import socket
from dataclasses import replace
from urllib.parse import urlsplit

import click

from footbridge.cli.context import warn_of_misspelt_settings, warn_of_wide_modes
from footbridge.cli.partner_credentials import warn_of_missing_credentials
from footbridge.errors import ConfigurationError
from footbridge.i18n.eager import _

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
    warn_of_wide_modes()
    host, port = host or settings().host, settings().port if port is None else port
    _must_be_free(host, port)
    _tell_settings(host, port)
    if not _is_loopback(host):
        click.echo(
            _(
                "Warning: {host} is not this machine only, and Footbridge speaks plain http: put a reverse proxy with "
                "TLS in front, and let nobody else reach this address.",
                host=host,
            ),
            err=True,
        )
    address = f"[{host}]" if ":" in host else host  # IPv6 in brackets, as in a URL
    plan = Plan(address, port, workers or min(_cores(), MOST_WORKERS), threads)
    if no_worker:
        plan = replace(plan, deliveries=0)

    def ready(url: str) -> None:
        _tell_settings(host, urlsplit(url).port or port)  # a free one is known now, before other processes begin
        warn_of_missing_credentials()
        click.echo(_("Footbridge listens at {url}; Ctrl-C stops it.", url=url), err=True)
        _show_first_link(url)

    serve(plan, ready=ready)


def _tell_settings(host: str, port: int) -> None:
    """Let links that are made here lead to where we listen: the settings of this process, and of those it starts."""
    from footbridge.settings import settings

    if port:
        os.environ |= {"FOOTBRIDGE_HOST": host, "FOOTBRIDGE_PORT": str(port)}
        settings.cache_clear()


def _show_first_link(url: str) -> None:
    """Print, once for a database, the link that makes the first administrator of the portal."""
    from footbridge.model.clock import SystemClock
    from footbridge.referrals.sign_in_mail import link_address
    from footbridge.security.sign_in import first_link
    from footbridge.settings import settings
    from footbridge.store.engine import open_database

    found = open_database(settings().database_url.get_secret_value())
    try:
        with found.write() as connection:
            secret = first_link(connection, SystemClock().now())
    finally:
        found.dispose()
    if secret is not None:
        click.echo(
            _(
                "There is no user of the portal yet. This link makes the first administrator, and lasts an hour: "
                "{address}",
                address=link_address(secret, url),
            ),
            err=True,
        )


def _is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address that is listened on."""
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host.lower() == "localhost" or host.lower().endswith(".localhost")


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _must_be_free(host: str, port: int) -> None:
    """Raises ConfigurationError when nobody may listen there, at once: the server itself would try for a while."""
    try:
        family, kind, protocol, _canonical, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(place)
    except (OSError, UnicodeError) as error:
        raise ConfigurationError(
            _("Cannot listen at {host}, port {port}: {reason}.", host=host, port=port, reason=_reason(error))
        ) from error


def _reason(error: OSError | UnicodeError) -> str:
    return getattr(error, "strerror", None) or _("invalid address")
