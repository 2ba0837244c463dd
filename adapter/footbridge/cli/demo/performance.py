"""One performance of the demo, from the first word to the last."""

import logging
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from rich.console import Console

from footbridge.cli.demo.keep import keep_running, whereabouts
from footbridge.cli.demo.play import Play
from footbridge.cli.demo.results import Results, results
from footbridge.cli.demo.scenes import Programme, programme
from footbridge.cli.demo.show import console_for, heading, show
from footbridge.cli.demo.stage import Stage, stage
from footbridge.cli.demo.watch import Watch
from footbridge.cli.logs import log_to_stderr
from footbridge.cli.output import print_json


def perform(*, keep: bool, database_url: str | None, as_json: bool) -> bool:
    """Play everything, print it, and say whether the loop is closed.

    Args:
        keep: go on running afterwards, until somebody ends it.
        database_url: an empty database; a temporary one when None.
        as_json: print one JSON object in place of all that people read.
    """
    log_to_stderr(logging.CRITICAL)
    begun = time.monotonic()
    whole = programme()
    console = console_for(quiet=as_json)
    with _ended_by_signals(), stage(whole, whole.scenes[0].authored - timedelta(hours=1), database_url) as scene:
        _introduce(console, whole, scene)
        play = Play(scene, whole, Watch(scene, console, whole))
        play.run()
        found = results(play)
        show(console, scene, found)
        _conclude(console, found, time.monotonic() - begun)
        if as_json:
            print_json(found.json() | (whereabouts(scene) if keep else {}))
        if keep:
            with suppress(KeyboardInterrupt):
                keep_running(play, console)
    return not found.faults


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let SIGINT and SIGTERM end the block in good order, as KeyboardInterrupt."""
    before = {number: signal.signal(number, signal.default_int_handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _introduce(console: Console, whole: Programme, scene: Stage) -> None:
    partners = ", ".join(scene.titles.values())
    console.print(f"Footbridge at {scene.prescriber.base_url}; partners on loopback: {partners}.", soft_wrap=True)
    heading(console, f"{len(whole.scenes)} prescriptions")


def _conclude(console: Console, found: Results, seconds: float) -> None:
    closed = "The loop is closed" if not found.faults else "The loop is not closed: see above"
    console.print(f"{closed}. {seconds:.1f} seconds.", style="bold red" if found.faults else "bold green")
