"""``footbridge worker``: sends what is owed and polls, without the web."""

import signal
import threading

import click

from footbridge.cli.context import database, log_to_stderr
from footbridge.model.clock import SystemClock
from footbridge.sync.service import make_worker


@click.command("worker")
@click.option("--threads", type=click.IntRange(1, 64), default=4, show_default=True, help="Loops side by side.")
@click.option("--name", help="Name in leases and logs; host and process by default.")
@click.option("--once", is_flag=True, help="Do what is due now, then end.")
def command(threads: int, name: str | None, once: bool) -> None:
    """Send messages that are owed to partners, poll the partners, mind the follow-ups.

    Any number of workers on any number of hosts may share one PostgreSQL. SIGTERM or Ctrl-C ends it after what is
    under way.

    \b
    Example:
      FOOTBRIDGE_DATABASE_URL=postgresql+psycopg://footbridge@db/footbridge footbridge worker --threads 8
    """
    log_to_stderr()
    worker = make_worker(database(), SystemClock(), name=name, threads=threads)
    if once:
        click.echo(f"{worker.step()} done.")
        return
    stop = threading.Event()

    def end(_number: int, _frame: object) -> None:
        stop.set()
        worker.wake()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    click.echo(f"Worker {worker.name} is at work; Ctrl-C ends it.", err=True)
    worker.run(stop)
