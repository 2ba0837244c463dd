"""What packages depend on is found beside them, in the cache and among the embedded ones, and opened late."""

from pathlib import Path

import pytest

from footbridge.validation.definitions.registry import Registry
from footbridge.validation.packages import find_package, install
from footbridge.validation.packages.dependencies import dependencies_of, missing_dependencies

US_CORE = "hl7.fhir.us.core"


@pytest.fixture
def put(archive, tmp_path, monkeypatch):
    """``put("a", "1.0.0", {"b": "2.0.0"})`` -> the path of a package that has the value set ``urn:NAME``."""
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")

    def place(name, version, dependencies=None, *, folder="guides", file=None):
        value_set = {"resourceType": "ValueSet", "url": f"urn:{name}", "version": version}
        path = tmp_path / folder / (file or f"{name}#{version}.tgz")
        path.parent.mkdir(parents=True, exist_ok=True)
        files = {"package/ValueSet-v.json": value_set}
        path.write_bytes(archive(files, name=name, version=version, dependencies=dependencies))
        return str(path)

    return place


def found(*paths):
    packages = [find_package(path) for path in paths]
    return dependencies_of(packages, [Path(path).parent for path in paths])


def test_those_beside_the_file_come_with_what_they_depend_on(put):
    put("b", "2.0.0", {"c": "3.0.x"})
    put("c", "3.0.4", file="c-3.0.4.tgz")
    guide = put("a", "1.0.0", {"b": "2.0.0", "hl7.fhir.r4.core": "4.0.1"})
    needed = found(guide)
    assert {str(one) for one in needed.packages} == {"b#2.0.0", "c#3.0.4", "hl7.fhir.r4.core#4.0.1"}
    assert needed.missing == ()


def test_a_registry_answers_from_them(put):
    put("b", "2.0.0")
    registry = Registry.default([put("a", "1.0.0", {"b": "2.0.0"})])
    assert registry.value_set("urn:b")["version"] == "2.0.0"
    assert registry.type("Task") is not None


def test_those_of_the_cache(put):
    install(put("b", "2.0.0", folder="elsewhere"))
    assert [str(one) for one in found(put("a", "1.0.0", {"b": "2.0.0"})).packages] == ["b#2.0.0"]


def test_what_is_missing_is_told_with_the_way_to_get_it_and_the_load_goes_on(put):
    guide = put("a", "1.0.0", {"b": "2.0.0"})
    (gap,) = missing_dependencies([guide])
    assert str(gap).startswith("a#1.0.0 depends on b#2.0.0, which is not here")
    assert "footbridge packages install b#2.0.0" in str(gap)
    assert Registry.default([guide]).value_set("urn:a") is not None


def test_another_version_stands_in_and_is_named(put):
    (gap,) = missing_dependencies([put("a", "1.0.0", {US_CORE: "6.1.0"})])
    assert (gap.wanted, gap.instead) == (f"{US_CORE}#6.1.0", f"{US_CORE}#7.0.0")
    assert "hl7.fhir.us.core#7.0.0 is used in its place" in str(gap)


def test_a_later_terminology_serves_without_a_word(put):
    assert missing_dependencies([put("a", "1.0.0", {"hl7.terminology.r4": "5.0.0"})]) == ()


def test_the_version_asked_for_takes_the_place_of_the_embedded_one(put):
    put(US_CORE, "6.1.0")
    registry = Registry.default([put("a", "1.0.0", {US_CORE: "6.1.0"})])
    assert [str(one) for one in registry.packages if one.name == US_CORE] == [f"{US_CORE}#6.1.0"]


def test_circles_come_to_an_end(put):
    put("b", "2.0.0", {"a": "1.0.0"})
    needed = found(put("a", "1.0.0", {"b": "2.0.0"}))
    assert [str(one) for one in needed.packages] == ["b#2.0.0"]
    assert needed.missing == ()


def test_a_second_version_answers_canonicals_that_name_it(put):
    put("b", "2.0.0", {"c": "1.0.0"})
    put("c", "1.0.0")
    put("c", "2.0.0")
    registry = Registry.default([put("a", "1.0.0", {"c": "2.0.0", "b": "2.0.0"})])
    assert registry.value_set("urn:c")["version"] == "2.0.0"
    assert registry.value_set("urn:c|1.0.0")["version"] == "1.0.0"


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08\x00broken"])
def test_a_file_that_is_no_package_counts_as_missing(put, tmp_path, content):
    guide = put("a", "1.0.0", {"b": "2.0.0"})
    (tmp_path / "guides" / "b#2.0.0.tgz").write_bytes(content)
    assert [gap.wanted for gap in missing_dependencies([guide])] == ["b#2.0.0"]


def test_what_embedded_packages_depend_on_is_not_followed():
    assert missing_dependencies([f"{US_CORE}#7.0.0"]) == ()
