"""Leaves the stage running for whoever wants to try it (``--keep``), until Ctrl-C or SIGTERM."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from footbridge.cli.demo.desk import set_the_desk, table
from footbridge.cli.demo.lines import hanging, heading, whole
from footbridge.cli.demo.play import Play
from footbridge.cli.demo.portal_people import sign_in_links, worth_a_look
from footbridge.cli.demo.recipients import MOMENT, QUICK
from footbridge.cli.demo.stage import EMR, POLL_SECONDS, PRESCRIBER, Stage
from footbridge.cli.ending import Ending
from footbridge.data import folder

_TICK = 1.0  # seconds between two looks at what is due
_MOVES = {"accept": "accepts it", "start": "starts", "complete": "completes it"}
NEW_NUMBER = "MY-1"
"""The number of the prescription that the printed command posts."""


def keep_running(play: Play, console: Console, ending: Ending) -> None:
    """Print where everything is, then let the clock run and everybody act until KeyboardInterrupt, which it raises."""
    set_the_desk(play.stage)
    play.watch.look()
    _tell(play, console)
    play.stage.clock.release()
    while True:
        play.stage.recipients.step()
        play.stage.worker.step()
        play.watch.look()
        ending.pause(_TICK)


def whereabouts(stage: Stage) -> dict[str, Any]:
    """Where everything is, and every user's token."""
    places = {"API": stage.prescriber.base_url}
    places |= {stage.titles[name]: server.base_url for name, server in stage.servers.items()}
    return {"addresses": places | {"Database": stage.place}, "tokens": dict(stage.tokens)}


def _tell(play: Play, console: Console) -> None:
    heading(console, "It goes on running; Ctrl-C ends it")
    found = whereabouts(play.stage)
    lines = [*found["addresses"].items(), *((f"Token, {name}", token) for name, token in found["tokens"].items())]
    for name, value in lines:
        hanging(console, Text(f"{name:<25} ", style="cyan"), Text(value))
    heading(console, "The portal: one link for each role, in a browser of its own; each works once")
    for called, link in sign_in_links(play.stage).items():
        hanging(console, Text(f"{called:<25} ", style="cyan"), Text(link))
    heading(console, "Journeys to look at there, as the navigator")
    for name, link in worth_a_look(play):
        hanging(console, Text(f"{name:<25} ", style="cyan"), Text(link))
    heading(console, "What will happen next")
    for sentence in _next(play.stage):
        hanging(console, Text("- "), Text(sentence))
    heading(console, "To try it, in another terminal")
    for line in _commands(play):
        whole(console, line)
    console.print()


def _next(stage: Stage) -> Iterator[str]:
    services = " and ".join(title for name, title in stage.titles.items() if name != EMR)
    seconds = int(MOMENT.total_seconds())
    moves = [f"{_MOVES[step.name]} after {(number + 1) * seconds} s" for number, step in enumerate(QUICK)]
    yield (
        f"{services} act by themselves: who gets a new referral {', '.join(moves)}. Footbridge polls them every "
        f"{POLL_SECONDS} s. So accept or reject with a service's token only in the first {seconds} s; later the API "
        "answers 409, since the service was faster."
    )
    yield f"{table()['service']['title']} has people who work in the portal: nobody does their work for them."
    yield "A referral that is completed is completed at the EMR a few seconds later, and printed here."
    yield (
        f"The clock is at {stage.clock.now():%a %d %b %Y, %H:%M} UTC, since the play moved it through eleven weeks. "
        "From now on it goes on like any clock. Events have its times, and a follow-up may be due at once."
    )
    yield "The records of the simulated servers end with the demo, and so does a temporary database."


def _commands(play: Play) -> Iterator[str]:
    stage, first = play.stage, play.runs[0]
    bearer = '-H "Authorization: Bearer $TOKEN"'
    yield f"API={stage.prescriber.base_url}/api/v1/prescriptions"
    yield f"EMR={stage.servers[EMR].base_url}"
    yield f"TOKEN={stage.tokens[PRESCRIBER]}"
    yield f"EXAMPLE={_place_of(first.scene.file)}"
    yield f'curl {bearer} "$API?limit=3"'
    yield f'curl {bearer} \\\n  "$API/{first.id}/timeline"'
    yield f"curl -G \"$EMR/ServiceRequest\" \\\n  -d 'identifier={first.scene.system}|{first.scene.number}'"
    yield f'sed s/{first.scene.number}/{NEW_NUMBER}/ "$EXAMPLE" | curl {bearer} \\'
    yield '  -H "Content-Type: application/json" --data-binary @- "$API"'
    yield 'curl -G "$EMR/Task" -d status=completed -d _sort=-_lastUpdated -d _count=1'


def _place_of(example: str) -> str:
    """Where a file of ``examples/`` is, from here where that is shorter."""
    place = Path(str(folder("examples").joinpath(example)))
    here = Path(os.path.relpath(place))
    return str(min(place, here, key=lambda one: len(str(one))))
