"""A 211's own crosswalk: its rows replace ours, and every fault is told with its line."""

import json
from pathlib import Path

import pytest

from footbridge.directory.taxonomy import categories, crosswalk
from footbridge.errors import ConfigurationError
from footbridge.settings import settings

WRONG_MAP = """{
"resourceType": "ConceptMap", "group": [{"element": [
{"code": "BD",
 "target": [{"code": "hunger"}]},
{"code": "Food", "target": [{"code": "stress"}]},
{"code": "BT"}]}]}"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Sets a file of one's own."""

    def use(content: str | bytes, name: str = "own.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        monkeypatch.setenv("FOOTBRIDGE_CROSSWALK", str(path))
        settings.cache_clear()
        return path

    yield use
    monkeypatch.undo()
    settings.cache_clear()


def _codes(code: str) -> list[str]:
    service = {"name": "Food bank", "attributes": [{"taxonomy_term": {"code": code}}]}
    return [match["code"] for match in categories(service)]


def test_a_row_replaces_ours_by_code_and_others_stay(own) -> None:
    own("code,category\nBD-1800.2000,material-hardship\nLN-1500,personal-health-literacy\nbd-5000 ,food-insecurity\n")
    assert _codes("BD-1800.2000") == ["material-hardship"]
    assert _codes("BD-1800.2000-999") == ["material-hardship"]  # below it
    assert _codes("BD-1800.2000-620") == ["food-insecurity"]  # ours, longer
    assert _codes("LN-1500.1000") == ["personal-health-literacy"]
    assert _codes("BT-8300") == ["transportation-insecurity"]
    assert crosswalk().version.endswith("+own")
    assert crosswalk().label("BD-1800.2000", "fr") == "Comptoir alimentaire"


def test_several_categories_and_none(own) -> None:
    own("BD-1800;stress\nBD-1800;social-connection\n\n# a remark\nTC-5500;\n".replace(";", "\t"))
    assert _codes("BD-1800") == ["stress", "social-connection"]
    assert _codes("TC-5500") == []  # decided: no word is looked at
    own("\ufeffcode,category\r\nBD-1800,stress; social-connection\r\n", "two.csv")
    assert _codes("BD-1800") == ["stress", "social-connection"]


def test_a_concept_map_of_the_same_shape(own) -> None:
    target = [{"code": "stress", "equivalence": "relatedto"}, {"code": "social-connection", "equivalence": "wider"}]
    none = [{"equivalence": "unmatched"}]
    elements = [{"code": "BD-1800.2000", "target": target}, {"code": "BT", "target": none}]
    group = {"source": "http://211hsis.org", "element": elements}
    own(json.dumps({"resourceType": "ConceptMap", "status": "active", "group": [group]}, indent=1), "own.json")
    assert _codes("BD-1800.2000") == ["stress", "social-connection"]
    assert _codes("BT-9000") == []
    assert _codes("BD-1800.2250") == ["food-insecurity"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("code,category\nBD-1800.2000,food\nXX,stress,1\nBD-18,stress\n",
         ["line 2: 'food'", "line 3: there are 3 columns", "line 4: 'BD-18'"]),
        ("BD-1800\n", ["line 1: there are 1 columns"]),
        ('code,category\n"BD-1800,food\n', ["line 2: this is not CSV"]),
        ("", ["line 1: there is no row"]),
        ("code,category\n", ["there is no row"]),
        (b"code,category\nBD-1800,stress\nBD-1800,\xe9\n", ["line 3: save it as UTF-8"]),
        ('{"resourceType": "ConceptMap",\n "group": [}\n', ["line 2: this is not JSON"]),
        ('{"resourceType": "ValueSet"}', ["line 1: this is not a FHIR ConceptMap"]),
        (WRONG_MAP,
         ["line 4: 'hunger'", "line 5: 'Food'", "line 6: 'BT' has no target"]),
        ('{"resourceType": "ConceptMap",\n"group": [{"source": "http://snomed.info/sct", "element": []}]}',
         ["the source of each group must be http://211hsis.org"]),
        ("{" * 100_000, ["line 1"]),
        ('{"resourceType":"ConceptMap","group":' + "[" * 100_000, ["line 1"]),
    ],
)  # fmt: skip
def test_every_fault_is_told_with_its_line(own, content: str | bytes, words: list[str]) -> None:
    own(content)
    with pytest.raises(ConfigurationError) as caught:
        _codes("BD-1800.2000")
    for part in ["own.csv", *words]:
        assert part in str(caught.value)
    assert str(Path.home()) not in str(caught.value)


def test_many_faults_are_told_in_short(own) -> None:
    own("".join(f"BD-1800,wrong-{number}\n" for number in range(500)))
    with pytest.raises(ConfigurationError, match="and 480 more") as caught:
        _codes("BD-1800.2000")
    assert len(str(caught.value)) < 5000


def test_a_file_that_is_not_there(own, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTBRIDGE_CROSSWALK", str(tmp_path / "none.csv"))
    settings.cache_clear()
    with pytest.raises(ConfigurationError, match=r"none\.csv cannot be read"):
        _codes("BD-1800.2000")
    settings.cache_clear()


def test_a_file_that_is_too_large(own) -> None:
    own(b"BD-1800,stress\n" * 700_000)
    with pytest.raises(ConfigurationError, match="larger than"):
        _codes("BD-1800.2000")
