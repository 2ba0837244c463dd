"""``footbridge worker``: sends what is owed and polls, without the web."""
# ruff: noqa: PLC0415 - imported when the command runs, so that its help does not wait for it

import logging
import signal
import threading

import click

from footbridge.cli.context import database, warn_of_misspelt_settings
from footbridge.cli.output import json_option, print_json


@click.command("worker")
@click.option("--threads", type=click.IntRange(1, 64), default=4, show_default=True, help="Loops side by side.")
@click.option("--name", help="Name in leases and logs; host and process by default.")
@click.option("--once", is_flag=True, help="Do what is due now, then end.")
@json_option("one JSON object at the end of --once: done")
def command(threads: int, name: str | None, once: bool, as_json: bool) -> None:
    """Send what is owed to partners, without the web.

    It delivers messages, polls the partners, minds the follow-ups and marks what a service has not answered. Any
    number of workers on any number of hosts may share one PostgreSQL. SIGTERM or Ctrl-C ends it after what is under
    way, a second one at once. What a worker held that was killed is taken up again after a minute. Its log goes to
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
            click.echo(f"Messages tried and appointments kept: {done}.")
        return
    stop = threading.Event()

    def end(number: int, _frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)  # a second one does not wait
        stop.set()
        worker.wake()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    click.echo(f"Worker {worker.name} is at work; Ctrl-C ends it.", err=True)
    worker.run(stop)
