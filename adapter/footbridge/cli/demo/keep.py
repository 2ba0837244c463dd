"""Leaves the stage running for whoever wants to try it (``--keep``), until Ctrl-C or SIGTERM."""

import time
from typing import Any

from rich.console import Console
from rich.text import Text

from footbridge.cli.demo.play import Play
from footbridge.cli.demo.show import heading
from footbridge.cli.demo.stage import EMR, PRESCRIBER, Stage

_TICK = 1.0  # seconds between two looks at what is due


def keep_running(play: Play, console: Console) -> None:
    """Print where everything is, then let the clock run and everybody act until KeyboardInterrupt, which it raises."""
    _tell(play, console)
    play.stage.clock.release()
    while True:
        play.stage.recipients.step()
        play.stage.worker.step()
        play.watch.look()
        time.sleep(_TICK)


def whereabouts(stage: Stage) -> dict[str, Any]:
    """Where everything is, and every user's token."""
    places = {"API": stage.prescriber.base_url}
    places |= {stage.titles[name]: server.base_url for name, server in stage.servers.items()}
    return {"addresses": places | {"Database": stage.place}, "tokens": dict(stage.tokens)}


def _tell(play: Play, console: Console) -> None:
    stage, first = play.stage, play.runs[0]
    heading(console, "It goes on running; Ctrl-C ends it")
    found = whereabouts(stage)
    lines = [*found["addresses"].items(), *((f"Token, {name}", token) for name, token in found["tokens"].items())]
    for name, value in lines:
        console.print(Text.assemble((f"{name:<25}", "cyan"), f" {value}"), soft_wrap=True)
    api, emr = f"{stage.prescriber.base_url}/api/v1/prescriptions", stage.servers[EMR].base_url
    bearer = f"-H 'Authorization: Bearer {stage.tokens[PRESCRIBER]}'"
    console.print()
    for line in (
        f"curl {bearer} '{api}?limit=3'",
        f"curl {bearer} '{api}/{first.id}/timeline'",
        f"curl '{emr}/ServiceRequest?identifier={first.scene.system}|{first.scene.number}'",
    ):
        console.print(line, soft_wrap=True, markup=False)
