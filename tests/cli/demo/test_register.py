"""The demo's proof finds a client who is in the EMR's register twice, and a Patient of the EMR's that was written to."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from footbridge.cli.demo.proof import Found
from footbridge.cli.demo.reading import Reading
from footbridge.cli.demo.register import Met, look_for_doubles, register
from footbridge.cli.demo.scenes import Scene, programme
from footbridge.mapping.draft import own_identifier_system
from footbridge.partners.fhir.simulator import FhirSimulator

Json = dict[str, Any]
WHOLE = programme()
SCENE = next(scene for scene in WHOLE.scenes if scene.document["client"].get("identifiers"))
CARD = SCENE.document["client"]["identifiers"][0]


@pytest.fixture
def emr() -> Iterator[FhirSimulator]:
    with FhirSimulator(name="emr") as emr:
        register(emr, WHOLE)
        yield emr


def held(emr: FhirSimulator, scene: Scene) -> Json:
    """The client as the EMR knew them."""
    card = scene.document["client"]["identifiers"][0]
    (patient,) = emr.all("Patient", identifier=f"{card['system']}|{card['value']}")
    return patient


def seen(emr: FhirSimulator, *clients: str) -> Met:
    """What is found when the prescription is about these Patients."""
    with closing(Reading("EMR", emr.base_url)) as reading:
        return look_for_doubles([(SCENE, Found(SCENE.name, clients=set(clients)))], reading)


def test_one_who_is_there_once_is_no_fault(emr: FhirSimulator) -> None:
    found = seen(emr, f"Patient/{held(emr, SCENE)['id']}")
    assert (found.changed, found.doubled) == (0, ())
    assert 3 <= found.known < len(WHOLE.scenes)


def test_one_of_ours_beside_the_emrs_is_found(emr: FhirSimulator) -> None:
    theirs = held(emr, SCENE)
    own = {"system": own_identifier_system(), "value": "1"}
    ours = emr.put({"resourceType": "Patient", "identifier": [own, CARD]})
    assert seen(emr, f"Patient/{ours['id']}").doubled == (SCENE.name,)
    assert seen(emr, f"Patient/{theirs['id']}").doubled == (SCENE.name,)
    assert seen(emr, f"Patient/{ours['id']}", f"Patient/{theirs['id']}").doubled == (SCENE.name,)


def test_what_was_written_to_the_emrs_own_is_found(emr: FhirSimulator) -> None:
    theirs = held(emr, SCENE)
    emr.put({**theirs, "gender": "other"})
    assert seen(emr, f"Patient/{theirs['id']}").changed == 1
