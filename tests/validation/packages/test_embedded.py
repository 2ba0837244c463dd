import importlib.util
import json
from filecmp import dircmp
from pathlib import Path

import pytest

from footbridge.validation.definitions.registry import DEFAULT_PACKAGES
from footbridge.validation.packages import embedded_packages

ROOT = Path(__file__).parents[3]
PROFILES = ROOT / "profiles"


def test_the_default_set_is_embedded():
    assert set(DEFAULT_PACKAGES) <= set(embedded_packages())


@pytest.mark.parametrize("name", sorted(embedded_packages()))
def test_index_and_files_agree(name):
    package = embedded_packages()[name]
    entries = list(package.entries())
    for entry in entries:
        facts = package.facts(entry)
        assert facts["url"] == entry.url
        assert facts.get("version", package.version) == entry.version
    on_disk = {str(path.relative_to(PROFILES / name)) for path in (PROFILES / name).glob("*/*.json")}
    assert {entry.file for entry in entries} == on_disk


@pytest.mark.parametrize("name", sorted(embedded_packages()))
def test_every_package_is_in_the_table_of_sources_with_a_free_licence(name):
    assert f"| `{name}` |" in (PROFILES / "SOURCES.md").read_text(encoding="utf-8")
    assert json.loads((PROFILES / name / "package.json").read_text())["license"] == "CC0-1.0"


@pytest.mark.parametrize("name", sorted(embedded_packages()))
def test_no_prose_is_taken_over(name):
    prose = {"description", "definition", "comment", "requirements", "short", "human", "copyright", "purpose", "text"}
    for path in (PROFILES / name / "structures").glob("*.json"):
        facts = json.loads(path.read_bytes())
        assert not prose & facts.keys()
        for element in facts.get("snapshot", []) + facts.get("differential", []):
            assert not prose & element.keys()


def test_the_script_makes_the_same_folders_again(test_data, tmp_path):
    spec = importlib.util.spec_from_file_location("build_profiles", ROOT / "scripts" / "build_profiles.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    script.main(test_data / "fhir-packages", tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(embedded_packages())
    for name in embedded_packages():
        assert not list(differences(dircmp(tmp_path / name, PROFILES / name)))


def differences(compared):
    yield from (*compared.left_only, *compared.right_only, *compared.diff_files)
    for below in compared.subdirs.values():
        yield from differences(below)
