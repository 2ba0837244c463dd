"""The table of homes covers the model, and the page made from it is current."""

import importlib.util
from pathlib import Path

import pytest

from footbridge.data import read_json
from footbridge.mapping.element_map import element_map, home
from footbridge.model.prescription import Prescription

ROOT = Path(__file__).resolve().parents[2]
VALUES = {"Identifier", "Coding", "PersonName", "ContactPoint", "Address"}


@pytest.fixture(scope="module")
def page():
    spec = importlib.util.spec_from_file_location("mapping_page", ROOT / "scripts" / "mapping_page.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def members(schema, definitions, path=""):
    for name, child in schema["properties"].items():
        here = f"{path}.{name}" if path else name
        yield here, child
        for option in (child, *child.get("anyOf", ())):
            for held, suffix in ((option.get("$ref"), ""), (option.get("items", {}).get("$ref"), "[]")):
                if held and held.rsplit("/", 1)[1] not in VALUES:
                    yield from members(definitions[held.rsplit("/", 1)[1]], definitions, here + suffix)


def test_every_member_has_one_home_and_nothing_else_has():
    schema = Prescription.model_json_schema()
    assert {path for path, _ in members(schema, schema["$defs"])} == set(element_map())


def test_the_model_names_the_same_homes():
    schema = Prescription.model_json_schema()
    shared = ("organization.", "[].text", "[].language", "instructions.", "notes[].")
    for path, child in members(schema, schema["$defs"]):
        if not any(part in path for part in shared):
            assert child["x-fhir"] == ", ".join(element_map()[path]["element"]), path


def test_every_small_value_has_a_home():
    definitions = Prescription.model_json_schema()["$defs"]
    expected = {f"{name}.{member}" for name in VALUES for member in definitions[name]["properties"]}
    assert {row["member"] for row in read_json("mappings", "prescription-sdohcc.json")["values"]} == expected


def test_the_home_of_a_place_is_that_of_the_nearest_member():
    assert home(("needs", 0, "category")) == "Condition.category"
    assert home(("needs", 3, "code", "system")) == "Condition.code.coding"
    assert home(("nowhere",)) == "Bundle"


def test_the_page_is_current(page):
    assert page.PAGE.read_text(encoding="utf-8") == page.page(), "run: python scripts/mapping_page.py"
