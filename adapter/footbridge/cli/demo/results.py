"""What the demo found out, all together: the rows of the table, the proof, what was withheld, what went wrong."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from typing import Any

from footbridge.cli.demo.outcome import Row, row
from footbridge.cli.demo.play import Play
from footbridge.cli.demo.proof import Found, Proof
from footbridge.cli.demo.reading import Reading
from footbridge.cli.demo.register import Met, look_for_doubles
from footbridge.cli.demo.stage import EMR, Stage
from footbridge.cli.demo.withheld import Withheld, look_for_secrets
from footbridge.jobs.queue import JobQueue


@dataclass(frozen=True, slots=True)
class Results:
    """How the demo ended.

    Attributes:
        rows: one a prescription, in the order of their writing.
        found: what was read back of each from the EMR.
        gets: how many HTTP GETs that took.
        withheld: what the services did not get.
        met: whom of the clients the EMR has, and knew before; and who is there twice.
        outbox: messages by state.
        retried: messages that needed more than one try.
        replayed: whether a request that came twice got one answer.
    """

    rows: Sequence[Row]
    found: Sequence[Found]
    gets: int
    withheld: Withheld
    met: Met
    outbox: Mapping[str, int]
    retried: int
    replayed: bool

    @property
    def compared(self) -> int:
        """How many comparisons the proof made."""
        return sum(found.compared for found in self.found)

    @property
    def faults(self) -> list[str]:
        """All that is not as it should be; empty when the loop is closed."""
        faults = [f"{found.name}: {difference}" for found in self.found for difference in found.differences]
        faults += [f"{one.name}: ended otherwise than journeys.json says" for one in self.rows if not one.as_expected]
        faults += [f"{name}: a service knows what it must not know" for name in self.withheld.found]
        faults += [f"{name}: the client is at the EMR twice" for name in self.met.doubled]
        faults += [f"{self.met.changed} of the EMR's own Patients were written to"] * bool(self.met.changed)
        stuck = {state: count for state, count in self.outbox.items() if state in {"failed", "ready"} and count}
        faults += [f"outbox: {count} {state}" for state, count in stuck.items()]
        return faults if self.replayed else [*faults, "a request that came twice was answered differently"]

    def json(self) -> dict[str, Any]:
        """The same for machines."""
        return {
            "rows": [asdict(one) | {"asExpected": one.as_expected} for one in self.rows],
            "proof": {
                "compared": self.compared,
                "httpGets": self.gets,
                "read": {
                    found.name: {type_: len(some) for type_, some in found.resources.items()} for found in self.found
                },
                "withheld": asdict(self.withheld),
                "clients": asdict(self.met),
                "outbox": dict(self.outbox),
                "retried": self.retried,
                "replayed": self.replayed,
                "faults": self.faults,
            },
        }


def results(play: Play) -> Results:
    """Read everything, once the play is over."""
    stage = play.stage
    with ExitStack() as stack:
        readings = {name: stack.enter_context(closing(_reading(stage, name))) for name in stage.servers}
        services = [reading for name, reading in readings.items() if name != EMR]
        proof = Proof(readings[EMR], services)
        found = [proof.of(run.scene.name, stage.prescriber.read(run.id, "/bundle")) for run in play.runs]
        withheld = look_for_secrets([run.scene for run in play.runs], services)
        met = look_for_doubles([(run.scene, one) for run, one in zip(play.runs, found, strict=True)], readings[EMR])
        gets = sum(reading.gets for reading in readings.values())
    with stage.database.read() as connection:
        outbox = JobQueue(connection).counts()
    return Results(
        rows=[row(stage.prescriber, run.scene, run.id) for run in play.runs],
        found=found,
        gets=gets,
        withheld=withheld,
        met=met,
        outbox=outbox,
        retried=len(play.watch.tries),
        replayed=play.watch.replay,
    )


def _reading(stage: Stage, name: str) -> Reading:
    return Reading(stage.titles[name], stage.servers[name].base_url)
