"""Shows live what happens, as the adapter's feed of changes tells it (``GET /api/v1/changes``): one line each."""

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Console
from rich.text import Text

from footbridge.cli.demo.api import Answer
from footbridge.cli.demo.lines import hanging
from footbridge.cli.demo.phrases import SYSTEM, Entry, reached, told
from footbridge.cli.demo.scenes import Programme, Scene
from footbridge.cli.demo.stage import Stage
from footbridge.jobs.queue import JobQueue

COLOURS = {"requester": "cyan", "navigator": "magenta", "recipient": "green", SYSTEM: "blue"}
WRONG, RIGHT = "!", "+"
LEGEND = (
    f"{WRONG} marks what goes wrong, since the demo causes it: a server that is down, an answer that is lost. {RIGHT} "
    "marks that it is over. All other lines are ordinary steps; an arrow leads to who gets it."
)
_NAME, _WHO = 25, 17
_WIDE = 120  # columns of a terminal on which names are worth columns of their own


@dataclass(slots=True)
class Watch:
    """Looks at the feed and prints what is new. It counts what the proof asks for.

    Attributes:
        tries: attempts of each outbox message that did not get through at once, by its id.
        replay: whether the same request a second time gave the same answer.
    """

    stage: Stage
    console: Console
    programme: Programme
    tries: dict[int, int] = field(default_factory=dict)
    replay: bool = False
    _cursor: str | None = None
    _waiting: set[int] = field(default_factory=set)
    _scenes: dict[str, Scene] = field(default_factory=dict)
    _parts: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._scenes |= {scene.number: scene for scene in self.programme.scenes}

    def look(self) -> None:
        """Print what has happened since the last look, prescription by prescription."""
        fresh, self._cursor = self.stage.prescriber.changes(self._cursor)
        of: dict[str, list[Entry]] = {}
        for change in fresh:
            of.setdefault(change["prescription"]["identifier"]["value"], []).append(change)
        for number, entries in of.items():
            self._tell(number, entries)
        self._tell_of_waiting()

    def replayed(self, scene: Scene, first: Answer, again: Answer) -> None:
        """The same request was sent twice."""
        self.replay = (first.status, again.status) == (201, 200) and first.body == again.body
        outcome = "same answer, nothing doubled" if self.replay else "ANOTHER ANSWER"
        self._line(scene.name, "Prescriber", f"sends the same request again: {again.status}, {outcome}", "cyan")

    def incident(self, who: str, what: str, *, over: bool = False) -> None:
        """Something goes wrong, or right again."""
        self._line("", who, what, "yellow", mark=RIGHT if over else WRONG)

    def _tell(self, number: str, entries: Sequence[Entry]) -> None:
        scene = self._scenes.get(number)
        name, kind = (number, "warm-connection") if scene is None else (scene.name, scene.kind)
        self._parts |= {
            entry["referral"]: entry["detail"]["description"] for entry in entries if entry["name"] == "part"
        }
        lines = []
        for (actor, role, referral), some in itertools.groupby(entries, _source):
            words = told(list(some), kind, self._parts.get(referral or ""))
            if words:
                lines.append(("Footbridge" if role == SYSTEM else actor, words, COLOURS[role]))
        if places := reached(entries):
            who, words, colour = lines.pop() if lines else ("Footbridge", "", COLOURS[SYSTEM])
            lines.append((who, f"{words} → {places}".lstrip(), colour))
        for who, words, colour in lines:
            self._line(name, who, words, colour)

    def _tell_of_waiting(self) -> None:
        with self.stage.database.read() as connection:
            left = {entry.id: entry for entry in JobQueue(connection).list(state="ready", limit=10_000)}
        failed = [entry for entry in left.values() if entry.attempts > self.tries.get(entry.id, 0)]
        for (partner, status), count in Counter((entry.partner, entry.last_status) for entry in failed).items():
            answer = f"answers {status}" if status else "gives no answer"
            self._line(
                "",
                self.stage.titles.get(partner or "", "Footbridge"),
                f"{answer}: {_messages(count)}, to be tried again",
                "yellow",
                WRONG,
            )
        self.tries |= {entry.id: entry.attempts for entry in failed}
        self._waiting |= {entry.id for entry in failed}
        through = self._waiting - left.keys()
        if through:
            self._waiting -= through
            self._line("", "Footbridge", f"{_messages(len(through), 'waited')} and got through", "blue", RIGHT)

    def _line(self, name: str, who: str, what: str, colour: str, mark: str = " ") -> None:
        day = self.stage.clock.now().strftime("%a %d %b")
        begin: list[str | tuple[str, str]] = [(f"{mark} ", "bold red" if mark == WRONG else "bold green"), (day, "dim")]
        if self.console.width >= _WIDE:
            head = Text.assemble(*begin, f"  {name:<{_NAME}}  ", (f"{who:<{_WHO}}", colour), "  ")
            hanging(self.console, head, Text(what))
        else:
            words = Text.assemble(
                f"{name}  " if name else "", (who, colour), f" {what}" if what[:1] == "→" else f": {what}"
            )
            hanging(self.console, Text.assemble(*begin, "  "), words)


def _source(entry: Entry) -> tuple[str, str, str | None]:
    """Who did it, in which role, and to which referral; to our own timers all referrals are one."""
    return entry["actor"], entry["role"], None if entry["role"] == SYSTEM else entry["referral"]


def _messages(count: int, verb: str = "") -> str:
    noun = f"{count} message{'' if count == 1 else 's'}"
    return f"{noun} {verb or ('waits' if count == 1 else 'wait')}"
