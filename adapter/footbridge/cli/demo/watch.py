"""Shows live what happens, as the adapter's feed of changes tells it (``GET /api/v1/changes``): one line each."""

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.text import Text

from footbridge.cli.demo.api import Answer
from footbridge.cli.demo.phrases import told
from footbridge.cli.demo.scenes import Programme, Scene
from footbridge.cli.demo.stage import Stage
from footbridge.sync import admin

COLOURS = {"requester": "cyan", "navigator": "magenta", "recipient": "green", "system": "blue"}
_NAME, _WHO = 24, 18


@dataclass(slots=True)
class Watch:
    """Looks at the feed and prints what is new. It counts what the proof asks for.

    Attributes:
        changes: every entry of the feed so far.
        tries: attempts of each outbox message that did not get through at once, by its id.
        replay: whether the same request a second time gave the same answer.
    """

    stage: Stage
    console: Console
    programme: Programme
    changes: list[dict[str, Any]] = field(default_factory=list)
    tries: dict[int, int] = field(default_factory=dict)
    replay: bool = False
    _cursor: str | None = None
    _waiting: set[int] = field(default_factory=set)

    def look(self) -> None:
        """Print what has happened since the last look."""
        fresh, self._cursor = self.stage.prescriber.changes(self._cursor)
        self.changes += fresh
        for _, group in itertools.groupby(fresh, lambda change: change["prescription"]["id"]):
            self._tell(list(group))
        self._tell_of_waiting()

    def replayed(self, scene: Scene, first: Answer, again: Answer) -> None:
        """The same request was sent twice."""
        self.replay = (first.status, again.status) == (201, 200) and first.body == again.body
        outcome = "same answer, nothing doubled" if self.replay else "ANOTHER ANSWER"
        self._line(scene.name, "Prescriber", f"sends the same request again: {again.status}, {outcome}", "cyan")

    def incident(self, who: str, what: str) -> None:
        """Something goes wrong, or right again."""
        self._line("", who, what, "yellow")

    def _tell(self, group: Sequence[Mapping[str, Any]]) -> None:
        number = group[0]["prescription"]["identifier"]["value"]
        scene = next((one for one in self.programme.scenes if one.number == number), None)
        name = number if scene is None else scene.name
        for (actor, role), some in itertools.groupby(group, lambda change: (change["actor"], change["role"])):
            words = told(list(some), None if scene is None else scene.kind)
            if words:
                self._line(name, "Footbridge" if role == "system" else actor, words, COLOURS.get(role, "default"))

    def _tell_of_waiting(self) -> None:
        with self.stage.database.read() as connection:
            left = {entry.id: entry for entry in admin.entries(connection, state="ready", limit=10_000)}
        failed = [entry for entry in left.values() if entry.attempts > self.tries.get(entry.id, 0)]
        for (partner, status), count in Counter((entry.partner, entry.last_status) for entry in failed).items():
            answer = f"answers {status}" if status else "gives no answer"
            self._line("", self.stage.titles[partner], f"{answer}: {_messages(count)}, to be tried again", "yellow")
        self.tries |= {entry.id: entry.attempts for entry in failed}
        self._waiting |= {entry.id for entry in failed}
        through = self._waiting - left.keys()
        if through:
            self._waiting -= through
            self._line("", "Footbridge", f"{_messages(len(through), 'waited')} and got through", "blue")

    def _line(self, name: str, who: str, what: str, colour: str) -> None:
        day = self.stage.clock.now().strftime("%a %d %b")
        line = Text.assemble((f"{day}  ", "dim"), f"{name:<{_NAME}}  ", (f"{who:<{_WHO}}", colour), "  ", what)
        self.console.print(line, soft_wrap=True)


def _messages(count: int, verb: str = "") -> str:
    noun = f"{count} message{'' if count == 1 else 's'}"
    return f"{noun} {verb or ('waits' if count == 1 else 'wait')}"
