"""One performance of the demo, from the first word to the last."""

import logging
import time
from contextlib import suppress
from datetime import timedelta

from rich.console import Console

from footbridge.cli.demo.keep import keep_running, whereabouts
from footbridge.cli.demo.lines import console_for, heading, paragraph
from footbridge.cli.demo.play import Play
from footbridge.cli.demo.ports import FREE, four_from, usual_ports
from footbridge.cli.demo.results import Results, results
from footbridge.cli.demo.scenes import Programme, programme
from footbridge.cli.demo.show import show
from footbridge.cli.demo.stage import Stage, stage
from footbridge.cli.demo.watch import LEGEND, Watch
from footbridge.cli.ending import ended_by_signals
from footbridge.cli.logs import log_to_stderr
from footbridge.cli.output import print_json


def perform(*, keep: bool, port: int | None, database_url: str | None, as_json: bool) -> bool:
    """Play everything, print it, and say whether the loop is closed.

    Args:
        keep: go on running afterwards, until somebody ends it.
        port: of the API; the three simulated servers take the next ones. 0 takes free ones; None the usual ones of
            ``ports`` with ``keep``, else free ones.
        database_url: an empty database; a temporary one when None.
        as_json: print one JSON object in place of all that people read.

    Raises:
        ConfigurationError: a port that was asked for is taken, or the database has tenants already.
    """
    log_to_stderr(logging.CRITICAL)
    begun = time.monotonic()
    whole = programme()
    console = console_for(quiet=as_json)
    ports = four_from(port) if port else FREE if port == 0 or not keep else usual_ports()
    start = whole.scenes[0].authored - timedelta(hours=1)
    with ended_by_signals() as ending, stage(whole, start, database_url, ports) as scene:
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
                keep_running(play, console, ending)
    return not found.faults


def _introduce(console: Console, whole: Programme, scene: Stage) -> None:
    partners = ", ".join(scene.titles.values())
    paragraph(console, f"Footbridge at {scene.prescriber.base_url}; partners on loopback: {partners}.")
    heading(console, f"{len(whole.scenes)} prescriptions")
    paragraph(console, LEGEND)


def _conclude(console: Console, found: Results, seconds: float) -> None:
    closed = "The loop is closed" if not found.faults else "The loop is not closed: see above"
    console.print(f"{closed}. {seconds:.1f} seconds.", style="bold red" if found.faults else "bold green")
