"""Our snapshots beside those that the official packages carry.

What may differ, each with its reason:

- ``mustSupport`` of a slice: the compiler of SDOHCC does not hand it down, HL7's publisher does; no rule hangs on it.
- ``contentReference``: theirs may name the element without the definition that it is in.
- children of an extension that is not constrained further: some packages spell them out.
- a choice of which the differential names some types alone: theirs stays open, today's HL7 validator closes it.
- the value set's version that an extension binds: their compiler took R4's own definition of it, not the extensions pack's.
"""

import pytest

from footbridge.validation.definitions.facts import facts_of
from footbridge.validation.definitions.registry import Registry
from footbridge.validation.packages import open_package
from footbridge.validation.snapshot import generate

# 2.3.0 slices by an extension of R5 that no package here has.
UNKNOWN_EXTENSIONS = {("2.3.0", "SDOHCC-ObservationPersonalCharacteristic")}


@pytest.mark.parametrize(
    ("name", "pairs"),
    [
        ("hl7.fhir.us.core#7.0.0", 63),
        ("hl7.fhir.us.sdoh-clinicalcare#3.0.0", 25),
        ("hl7.fhir.us.sdoh-clinicalcare#2.3.0", 22),
    ],
)
def test_every_profile_of_the_guides_agrees(test_data, name, pairs):
    package = open_package(test_data / "fhir-packages" / f"{name}.tgz")
    registry = Registry.default([name])
    entries = list(package.of_kind("StructureDefinition"))
    assert len(entries) == pairs
    disagreements = []
    for entry in entries:
        whole = package.resource(entry)
        official = facts_of(whole)
        ours = generate(
            facts_of({name: value for name, value in whole.items() if name != "snapshot"}), registry.nearest
        )
        differences = list(compared(official, ours))
        if differences and (package.version, entry.url.rpartition("/")[2]) not in UNKNOWN_EXTENSIONS:
            disagreements.append((entry.url, differences))
    assert disagreements == []


def compared(official, ours):
    theirs, mine = ({element["id"]: element for element in facts["snapshot"]} for facts in (official, ours))
    for identity in mine.keys() - theirs.keys():
        yield identity, "is not in the official snapshot"
    for identity, element in theirs.items():
        if identity not in mine:
            if not spelled_out(identity, mine):
                yield identity, "is missing"
            continue
        left, right = comparable(element), comparable(mine[identity])
        if identity.endswith("[x]") and (left.get("slicing") or {}).get("rules") == "open" != right["slicing"]["rules"]:
            assert {row["code"] for row in right["type"]} == codes_of_slices(identity, mine)
            left |= {name: right[name] for name in ("slicing", "type")}
        for name in left.keys() | right.keys():
            if left.get(name) != right.get(name):
                yield identity, name, left.get(name), right.get(name)


def codes_of_slices(identity, mine):
    rows = [
        element for key, element in mine.items() if key.startswith(identity + ":") and "." not in key[len(identity) :]
    ]
    return {row["code"] for element in rows for row in element["type"]}


def spelled_out(identity, mine):
    parent = identity.rpartition(".")[0]
    types = mine.get(parent, {}).get("type", [{}])
    return types[0].get("code") == "Extension" and not any(other.startswith(parent + ".") for other in mine)


def comparable(element):
    kept = {name: value for name, value in element.items() if name not in {"mustSupport", "constraint"}}
    # By key alone: US Core was built on a later correction of R4's vs-1.
    kept["constraint"] = sorted(key.partition("~")[0] for key in element.get("constraint", ()))
    if "contentReference" in kept:
        kept["contentReference"] = kept["contentReference"].partition("#")[2]
    if "binding" in kept:
        kept["binding"] = {**kept["binding"], "valueSet": kept["binding"].get("valueSet", "").removesuffix("|4.0.1")}
    return kept
