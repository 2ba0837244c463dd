"""Plays the scenes: moves the clock from one day on which something is due to the next, and lets everybody act.

A prescription is posted at the moment at which it was written. All else happens in the evening of its day: the
services do what is due, the adapter polls and delivers, then our own people act through the API.
"""

import functools
import heapq
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from footbridge.cli.demo.incidents import incidents
from footbridge.cli.demo.scenes import Deed, Programme, Scene
from footbridge.cli.demo.stage import Stage
from footbridge.cli.demo.watch import Watch
from footbridge.jobs.queue import JobQueue

EVENING = time(23, 50, tzinfo=UTC)  # ten to seven in Toronto, after every example of that day was written
_INSTANT = timedelta.resolution
LAST_PLAN = 400  # days; a play that goes on longer goes round in circles


@dataclass(slots=True)
class Run:
    """One scene under way: the prescription's id, and whether all that our own people will do is planned."""

    scene: Scene
    id: str
    planned: bool = False


@dataclass(slots=True)
class Play:
    """One performance. ``run`` plays it from beginning to end; ``runs`` then has every scene in its order."""

    stage: Stage
    programme: Programme
    watch: Watch
    runs: list[Run] = field(default_factory=list)
    _agenda: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _counter: Iterator[int] = field(default_factory=itertools.count)

    def run(self) -> None:
        """Play every scene to its end."""
        end = self.stage.clock.now() + timedelta(days=LAST_PLAN)
        for scene in self.programme.scenes:
            self._plan(scene.authored, functools.partial(self._prescribe, scene))
        for when, act in incidents(self.stage, self.watch):
            self._plan(when, act)
        while (moment := self._next()) is not None and moment < end:
            self.stage.clock.move_to(moment)
            self._act()

    def _plan(self, moment: datetime, act: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (moment, next(self._counter), act))

    def _next(self) -> datetime | None:
        """The next moment at which something is due; None when all is done."""
        own = self._agenda[0][0] if self._agenda else None
        theirs = min(filter(None, (self.stage.recipients.next_due(), self._next_message())), default=None)
        # Strictly later: what cannot be done at this moment, since a partner is down, would be tried for ever.
        later = None if theirs is None else _evening(max(theirs, self.stage.clock.now() + _INSTANT))
        return min(filter(None, (own, later)), default=None)

    def _next_message(self) -> datetime | None:
        """When the outbox has something to send again."""
        with self.stage.database.read() as connection:
            return min((entry.due for entry in JobQueue(connection).list(state="ready")), default=None)

    def _act(self) -> None:
        self.stage.recipients.step()
        self._work()
        acts = [*self._due()]
        for act in acts:
            act()
        if acts:
            self._work()
        for run in self.runs:
            if not run.planned and self.stage.recipients.done.get(run.scene.file, 0) >= run.scene.acts:
                run.planned = True
                self._plan_deeds(run, run.scene.after)

    def _due(self) -> Iterator[Callable[[], None]]:
        """What our own people do at this moment, and what goes wrong then."""
        while self._agenda and self._agenda[0][0] <= self.stage.clock.now():
            yield heapq.heappop(self._agenda)[2]

    def _work(self) -> None:
        self.stage.worker.step()
        self.watch.look()

    def _prescribe(self, scene: Scene) -> None:
        key = f"demo-{scene.number}"
        answer = self.stage.prescriber.prescribe(scene.raw, key)
        run = Run(scene, answer.body["id"])
        self.runs.append(run)
        if len(self.runs) == 1:
            self.watch.replayed(scene, answer, self.stage.prescriber.prescribe(scene.raw, key))
        self._plan_deeds(run, scene.before)

    def _plan_deeds(self, run: Run, deeds: Sequence[Deed]) -> None:
        today = _evening(self.stage.clock.now())
        for deed in deeds:
            self._plan(today + timedelta(days=deed.days), functools.partial(self._do, run, deed))

    def _do(self, run: Run, deed: Deed) -> None:
        if deed.event["event"] == "cancel":
            self.stage.prescriber.cancel(run.id, deed.event["reason"])
        else:
            self.stage.navigator.send(run.id, deed.event)


def _evening(moment: datetime) -> datetime:
    """The first evening that is not before the moment."""
    today = datetime.combine(moment.astimezone(UTC).date(), EVENING)
    return today if today >= moment else today + timedelta(days=1)
