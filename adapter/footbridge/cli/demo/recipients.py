"""The people at the simulated services: each Task that arrives is worked on as its scene says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from footbridge.cli.demo.scenes import Programme, Scene, Service
from footbridge.mapping.references import Resource
from footbridge.model.clock import Clock
from footbridge.partners.fhir.simulator import FhirSimulator, ScriptedRecipient
from footbridge.partners.fhir.simulator.actions import Plan, accept, complete, start

MOMENT = timedelta(seconds=10)
QUICK: Plan = (accept(after=MOMENT), start(after=MOMENT), complete(after=MOMENT))
"""What happens to a referral that is in no scene: whoever tries the demo out does not want to wait for days."""


@dataclass(slots=True)
class Recipients:
    """Everybody at every service; ``done`` counts the steps taken in each scene, by its file."""

    programme: Programme
    servers: Mapping[str, FhirSimulator]
    clock: Clock
    done: dict[str, int] = field(default_factory=dict)
    _scene_of: dict[str, Scene] = field(default_factory=dict)
    _desks: list[ScriptedRecipient] = field(default_factory=list)

    def __post_init__(self) -> None:
        names = {service.partner for scene in self.programme.scenes for service in scene.services}
        for name in sorted(names):
            self._desks.append(ScriptedRecipient(self.servers[name], self._script(name), self.clock))

    def step(self) -> int:
        """Take every step that is due; how many they were."""
        steps = [done for desk in self._desks for done in desk.step()]
        for done in steps:
            scene = self._scene_of.get(done.task_id)
            if scene is not None:
                self.done[scene.file] = self.done.get(scene.file, 0) + 1
        return len(steps)

    def next_due(self) -> datetime | None:
        """When the next step falls due."""
        return min(filter(None, (desk.next_due() for desk in self._desks)), default=None)

    def _script(self, partner: str) -> "_Script":
        plans = {
            service.order: (scene, service)
            for scene in self.programme.scenes
            for service in scene.services
            if service.partner == partner
        }
        return _Script(plans, self._scene_of)


@dataclass(frozen=True, slots=True)
class _Script:
    """Finds the plan for a Task by its ServiceRequest: the prescription's number in it, or what a part asks for."""

    plans: Mapping[str, tuple[Scene, Service]]
    scene_of: dict[str, Scene]

    def __call__(self, task: Resource, order: Resource | None) -> Plan:
        told = [identifier.get("value") for identifier in (order or {}).get("identifier", [])]
        told.append((order or {}).get("code", {}).get("text"))
        for name in told:
            if name in self.plans:
                scene, service = self.plans[name]
                self.scene_of[str(task["id"])] = scene
                return service.plan
        return QUICK
