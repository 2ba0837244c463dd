"""The scenes that the demo plays: each prescription of ``examples/``, and how ``journeys.json`` lets it be lived.

``examples/README.md`` says what the members of ``journeys.json`` mean.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from footbridge.cli.demo.steps import plan_of
from footbridge.data import folder, read_json
from footbridge.partners.fhir.simulator.actions import Plan


@dataclass(frozen=True, slots=True)
class Service:
    """What one service does with one Task.

    Attributes:
        partner: its name.
        order: by which its ServiceRequest is known: the prescription's number, or what a part asks for.
        plan: its steps.
        silent: days of silence after the last step, for which nothing happens.
    """

    partner: str
    order: str
    plan: Plan
    silent: int


@dataclass(frozen=True, slots=True)
class Ends:
    """How a prescription ends: every Task in the order of its making, the order, the goals, the status in the API.

    ``goals`` are ``lifecycle`` or ``lifecycle/achievement``; ``service_request`` is None where there is no order.
    """

    status: str
    tasks: tuple[str, ...]
    service_request: str | None
    goals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Deed:
    """What our own people do: an event of ``POST .../events``, so many days after what came before."""

    days: int
    event: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scene:
    """One prescription and what happens to it.

    Attributes:
        file: its file in ``examples/``.
        title: what it shows.
        raw: the document, byte by byte as it is posted.
        document: the same, parsed.
        services: who acts, in the order of ``journeys.json``.
        before: deeds that need no service, counted from the day on which it is posted.
        after: deeds once the services have done all that they do, counted from that day.
        ends: how it ends.
    """

    file: str
    title: str
    raw: bytes
    document: Mapping[str, Any]
    services: Sequence[Service]
    before: Sequence[Deed]
    after: Sequence[Deed]
    ends: Ends

    @property
    def name(self) -> str:
        """Short enough for a column: the file's name without its suffix."""
        return self.file.removesuffix(".json")

    @property
    def number(self) -> str:
        """The EMR's own number of the order."""
        return str(self.document["identifier"]["value"])

    @property
    def system(self) -> str:
        """The identifier system of that number."""
        return str(self.document["identifier"]["system"])

    @property
    def kind(self) -> str:
        """signpost, warm-connection or navigator."""
        return str(self.document["kind"])

    @property
    def authored(self) -> datetime:
        """When it was written, and is posted."""
        return datetime.fromisoformat(self.document["authored"])

    @property
    def acts(self) -> int:
        """How many steps the services will have taken when they are done."""
        return sum(len(service.plan) for service in self.services)


@dataclass(frozen=True, slots=True)
class Programme:
    """Every scene, and the routes of the practice: category to the partners that are asked, in their order."""

    scenes: Sequence[Scene]
    routes: Mapping[str, Sequence[str]]


def programme() -> Programme:
    """Read ``examples/``."""
    table = read_json("examples", "journeys.json")
    routing = table["routing"]
    routes = {category: [partner] for category, partner in routing["defaults"].items()} | routing["alternatives"]
    scenes = [_scene(journey) for journey in table["journeys"]]
    return Programme(sorted(scenes, key=lambda scene: scene.authored), routes)


def _scene(journey: Mapping[str, Any]) -> Scene:
    raw = folder("examples").joinpath(journey["file"]).read_bytes()
    document = orjson.loads(raw)
    services = _services(journey, document["identifier"]["value"])
    return Scene(
        file=journey["file"],
        title=journey["title"],
        raw=raw,
        document=document,
        services=services,
        before=_before(journey),
        after=_after(journey, silence=max((service.silent for service in services), default=0)),
        ends=_ends(journey["ends"]),
    )


def _services(journey: Mapping[str, Any], number: str) -> list[Service]:
    asked = [(part["partner"], number, part["steps"]) for part in journey.get("recipient", ())]
    parts = journey.get("split", {}).get("parts", ())
    asked += [(part["partner"], part["description"], part["steps"]) for part in parts]
    return [Service(partner, order, *plan_of(steps)) for partner, order, steps in asked]


def _before(journey: Mapping[str, Any]) -> list[Deed]:
    deeds = []
    days = 0
    for name in ("route", "accept", "split"):
        if name in journey:
            said = dict(journey[name])
            days += said.pop("afterDays")
            parts = [
                {key: part[key] for key in ("description", "category", "partner")} for part in said.pop("parts", ())
            ]
            deeds.append(Deed(days, {"event": name} | said | ({"parts": parts} if parts else {})))
    return deeds


def _after(journey: Mapping[str, Any], silence: int) -> list[Deed]:
    deeds = []
    for name, event in (("followUp", "answer"), ("cancel", "cancel")):
        if name in journey:
            said = dict(journey[name])
            days = silence + said.pop("afterDays")
            reason = {"reason": said.pop("note")} if "note" in said else {}
            deeds.append(Deed(days, {"event": event} | said | reason))
    return deeds


def _ends(ends: Mapping[str, Any]) -> Ends:
    return Ends(ends["status"], tuple(ends["tasks"]), ends["serviceRequest"], tuple(ends["goals"]))
