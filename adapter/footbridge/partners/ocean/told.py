"""What Ocean was told of a referral: the network's context of the prescription, JSON in text.

It is written by what goes out alone, in the order of the outbox, so that nothing of it is lost. What comes in reads it,
to know its own changes when they come back.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

import orjson

from footbridge.partners.inbound import AppointmentTime
from footbridge.partners.ocean.translate.answers import State


@dataclass(frozen=True, slots=True)
class Told:
    """What was told.

    Attributes:
        state: the last one; None: nothing yet.
        count: messages that were sent.
        statuses: by Task id, each status of it that was told, in order.
        authored: by Task id, when it was told first.
        at: when something was told last.
        others: what Appointments and Communications of ours are recognized by: ids, and marks of their content.
        forwarded: the listing that the referral was forwarded to by us; None where it was not.
    """

    state: State | None = None
    count: int = 0
    statuses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    authored: Mapping[str, datetime] = field(default_factory=dict)
    at: datetime | None = None
    others: frozenset[str] = frozenset()
    forwarded: str | None = None

    @classmethod
    def read(cls, context: str | None) -> "Told":
        """Read the context; an empty one tells nothing."""
        if context is None:
            return cls()
        said = orjson.loads(context)
        return cls(
            state=_state(said.get("state")),
            count=said.get("count", 0),
            statuses={task: tuple(rows) for task, rows in said.get("statuses", {}).items()},
            authored={task: datetime.fromisoformat(at) for task, at in said.get("authored", {}).items()},
            at=_moment(said.get("at")),
            others=frozenset(said.get("others", ())),
            forwarded=said.get("forwarded"),
        )

    def write(self) -> str:
        """The context."""
        said = {
            "state": None if self.state is None else asdict(self.state),
            "count": self.count,
            "statuses": dict(self.statuses),
            "authored": dict(self.authored),
            "at": self.at,
            "others": sorted(self.others),
            "forwarded": self.forwarded,
        }
        return orjson.dumps(said).decode()

    def sent(self, at: datetime, *, task: str | None, status: str | None, others: Collection[str] = ()) -> "Told":
        """With one more message."""
        statuses, authored = dict(self.statuses), dict(self.authored)
        if task is not None and status is not None:
            statuses[task] = (*statuses.get(task, ()), status)
            authored.setdefault(task, at)
        known = self.others | frozenset(others)
        return replace(self, count=self.count + 1, statuses=statuses, authored=authored, at=at, others=known)


def _state(said: dict[str, Any] | None) -> State | None:
    if said is None:
        return None
    known = {name: value for name, value in said.items() if name in State.__dataclass_fields__}
    known["categories"] = tuple(known.get("categories") or ())
    time = known.get("appointment")
    if time is not None:
        start, end = _moment(time["start"]), _moment(time.get("end"))
        known["appointment"] = None if start is None else AppointmentTime(start, end, time.get("location"))
    return State(**known)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
