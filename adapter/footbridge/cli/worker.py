"""``footbridge worker``: sends what is owed and polls, without the web."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

import logging
import signal
import threading

import click

from footbridge.cli.context import database, warn_of_misspelt_settings
from footbridge.cli.output import json_option, print_json


@click.command("worker")
@click.option("--threads", type=click.IntRange(1, 64), default=4, show_default=True, help="Number of threads.")
@click.option("--name", help="Name in leases and logs; host and process by default.")
@click.option("--once", is_flag=True, help="Run the jobs that are due, then exit.")
@json_option("one JSON object at the end of --once: done")
def command(threads: int, name: str | None, once: bool, as_json: bool) -> None:
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
    from footbridge.cli.logs import log_to_stderr
    from footbridge.model.clock import SystemClock
    from footbridge.referrals.build import build_worker

    log_to_stderr(logging.INFO)
    warn_of_misspelt_settings()
    worker = build_worker(database(), SystemClock(), name=name, threads=threads)
    if once:
        done = worker.step()
        if as_json:
            print_json({"done": done})
        else:
            click.echo(f"Jobs attempted: {done}.")
        return
    stop = threading.Event()

    def end(number: int, _frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)  # a second one does not wait
        stop.set()
        worker.wake()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    click.echo(f"Worker {worker.name} is running; Ctrl-C stops it.", err=True)
    worker.run(stop)
