"""``footbridge worker``: sends what is owed and polls, without the web."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

import logging
import signal
import threading

import click

from footbridge.cli.context import database, warn_of_misspelt_settings, warn_of_wide_modes
from footbridge.cli.output import json_option, print_json
from footbridge.cli.partner_credentials import warn_of_missing_credentials
from footbridge.i18n.eager import _


@click.command("worker")
@click.option("--threads", type=click.IntRange(1, 64), default=4, show_default=True, help="Number of threads.")
@click.option("--name", help="Name in leases and logs; host and process by default.")
@click.option(
    "--metrics-port",
    type=click.IntRange(1, 65535),
    help="Port of 127.0.0.1 that shows the numbers of this worker to Prometheus.",
)
@click.option("--once", is_flag=True, help="Run the jobs that are due, then exit.")
@json_option("one JSON object at the end of --once: done")
def command(threads: int, name: str | None, metrics_port: int | None, once: bool, as_json: bool) -> None:
    """Send queued messages to partners, without the web server.

    It delivers messages, polls partners, and marks follow-ups and responses that are overdue. Any
    number of workers on any number of hosts may share one PostgreSQL. SIGTERM or Ctrl-C stops it when the current work
    is done, a second one at once. The jobs of a worker that was killed are retried after a minute. Its log goes to
    standard error.

    \b
    Example:
      footbridge worker --threads 8
      footbridge worker --once
    """
    from footbridge import traces
    from footbridge.cli.logs import log_to_stderr
    from footbridge.model.clock import SystemClock
    from footbridge.referrals.build import build_worker

    log_to_stderr(logging.INFO)
    warn_of_misspelt_settings()
    found = database()
    warn_of_wide_modes()
    warn_of_missing_credentials()
    traces.enable()
    worker = build_worker(found, SystemClock(), name=name, threads=threads)
    if once:
        done = worker.step()
        traces.disable()
        if as_json:
            print_json({"done": done})
        else:
            click.echo(_("Jobs attempted: {done}.", done=done))
        return
    if metrics_port is not None:
        _show_numbers(metrics_port)
    stop = threading.Event()

    def end(number: int, _frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)  # a second one does not wait
        stop.set()
        worker.wake()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    click.echo(_("Worker {name} is running; Ctrl-C stops it.", name=worker.name), err=True)
    worker.run(stop)
    traces.disable()


def _show_numbers(port: int) -> None:
    """Serve the numbers of this process, to this machine only. Raises OSError when nobody may listen there."""
    from prometheus_client import start_http_server

    from footbridge import metrics

    start_http_server(port, "127.0.0.1", metrics.enable().registry)
