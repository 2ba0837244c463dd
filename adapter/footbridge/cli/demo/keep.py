"""Leaves the stage running for whoever wants to try it (``--keep``), until Ctrl-C or SIGTERM."""

import signal
import threading

from rich.console import Console
from rich.text import Text

from footbridge.cli.demo.play import Play
from footbridge.cli.demo.show import addresses, heading
from footbridge.cli.demo.stage import EMR, PRESCRIBER, Stage

_TICK = 1.0  # seconds between two looks at what is due


def keep_running(play: Play, console: Console) -> None:
    """Print where everything is, then let the clock run and everybody act until somebody ends it."""
    stage = play.stage
    _tell(stage, play, console)
    stage.clock.release()
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        while not stop.wait(_TICK):
            stage.recipients.step()
            stage.worker.step()
            play.watch.look()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell(stage: Stage, play: Play, console: Console) -> None:
    heading(console, "It goes on running; Ctrl-C ends it")
    for name, place in (*addresses(stage), *((f"Token, {name}", token) for name, token in stage.tokens.items())):
        console.print(Text.assemble((f"{name:<25}", "cyan"), f" {place}"), soft_wrap=True)
    api, emr = stage.prescriber.base_url, stage.servers[EMR].base_url
    bearer = f"-H 'Authorization: Bearer {stage.tokens[PRESCRIBER]}'"
    console.print()
    for line in (
        f"curl {bearer} '{api}/api/v1/prescriptions?limit=3'",
        f"curl {bearer} '{api}/api/v1/prescriptions/{play.runs[0].id}/timeline'",
        f"curl '{emr}/ServiceRequest?identifier=urn:footbridge:example:emr-order|{play.runs[0].scene.number}'",
    ):
        console.print(line, soft_wrap=True, markup=False)
