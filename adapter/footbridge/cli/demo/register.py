"""The EMR's own register of patients: whom it knew before the first prescription, and that nobody is in it twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from footbridge.cli.demo.proof import Found
from footbridge.cli.demo.reading import Reading, Resource
from footbridge.cli.demo.scenes import Programme, Scene
from footbridge.mapping.draft import own_identifier_system
from footbridge.partners.fhir.simulator import FhirSimulator

KNOWN: Final = 4
"""Of four scenes with identifiers three have a client whom the EMR knows; of the others it is told."""

CHART: Final = "urn:footbridge:example:riverside-chart"


@dataclass(frozen=True, slots=True)
class Met:
    """What was found in the EMR's register.

    Attributes:
        clients: of all scenes.
        known: how many of them the EMR knew before.
        changed: how many of these are not any more as the EMR wrote them.
        doubled: names of the prescriptions whose client is there twice, or is not the one whom the EMR knew.
    """

    clients: int
    known: int
    changed: int
    doubled: tuple[str, ...]


def register(emr: FhirSimulator, programme: Programme) -> None:
    """Write the Patients whom the EMR knows before the play, as its own staff did."""
    for number, scene in enumerate(_with_identifiers(programme.scenes), start=1):
        if number % KNOWN:
            emr.put(_patient(scene, number))


def look_for_doubles(played: Sequence[tuple[Scene, Found]], emr: Reading) -> Met:
    """Read the EMR's register, and hold it against what was read of each prescription."""
    patients = emr.search("Patient")
    own = [one for one in patients if not _is_ours(one)]
    doubled = []
    for scene, found in played:
        bearing = {f"Patient/{one['id']}" for one in patients if _bears(one, scene)}
        if len(found.clients) != 1 or (bearing and bearing != found.clients):
            doubled.append(scene.name)
    changed = sum(one["meta"]["versionId"] != "1" for one in own)
    return Met(clients=len(played), known=len(own), changed=changed, doubled=tuple(doubled))


def _with_identifiers(scenes: Sequence[Scene]) -> list[Scene]:
    return [scene for scene in scenes if scene.document["client"].get("identifiers")]


def _patient(scene: Scene, number: int) -> Resource:
    """The client in the EMR's own words: its chart number, an identifier that it shares with the prescription."""
    client = scene.document["client"]
    name = {name: client["name"][name] for name in ("family", "given") if name in client["name"]}
    return {
        "resourceType": "Patient",
        "active": True,
        "identifier": [{"system": CHART, "value": f"C-{number:04}"}, *client["identifiers"]],
        "name": [name],
        "birthDate": client["birthDate"],
    }


def _is_ours(patient: Resource) -> bool:
    return any(one.get("system") == own_identifier_system() for one in patient["identifier"])


def _bears(patient: Resource, scene: Scene) -> bool:
    return any(one in patient["identifier"] for one in scene.document["client"].get("identifiers", ()))
