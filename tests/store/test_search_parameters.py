"""The search parameters are those of the official packages, and the index keeps long values apart."""

import json
import tarfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from footbridge.data import read_json
from footbridge.store.indexing import LONGEST, fit, index_of
from footbridge.store.search_parameters import parameters_of


def test_every_parameter_stands_in_the_standard_or_the_guide(test_data: Path):
    official = {}
    for package in ("hl7.fhir.r4.core#4.0.1", "hl7.fhir.us.sdoh-clinicalcare#3.0.0"):
        with tarfile.open(test_data / "fhir-packages" / f"{package}.tgz") as archive:
            for member in archive:
                if member.name.startswith("package/SearchParameter-"):
                    found = json.load(archive.extractfile(member))
                    official[found["url"]] = found
    for resource_type in read_json("profiles", "search-parameters.json")["resources"]:
        for name, parameter in parameters_of(resource_type).items():
            definition = official[parameter.definition]
            assert (definition["code"], definition["type"]) == (name, parameter.kind)
            assert {resource_type, "Resource"} & set(definition["base"])


@given(st.text(min_size=200), st.text(min_size=200))
def test_long_values_fit_and_stay_apart(one: str, other: str):
    assert len(fit(one).encode()) <= LONGEST
    assert (fit(one) == fit(other)) == (one == other)


def test_odd_resources_do_not_break_the_index():
    assert index_of({"resourceType": "Basic", "identifier": "x"}) == set()
    odd = {
        "resourceType": "Task",
        "identifier": [None, 1, {"value": 5}, {"system": "urn:x"}, []],
        "code": {"coding": "x"},
        "owner": "Organization/1",
        "focus": {"reference": 7},
        "for": [[{"reference": "#contained"}]],
        "authoredOn": {"start": 3},
        "status": {"coding": [3]},
    }
    assert {row.param for row in index_of(odd)} <= {"owner", "authored-on"}
