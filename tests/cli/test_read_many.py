"""``footbridge read`` and ``fhirpath`` over many documents."""

import gzip
import json

import pytest


@pytest.fixture
def bundles(run, examples):
    """Lines of NDJSON, as ``footbridge map`` prints them."""
    return run("map", *sorted(examples.glob("0[1-3]*.json"))).out


def identifiers(lines):
    return [line["identifier"]["value"] for line in lines]


def test_what_map_prints_is_read_back(run, bundles, examples, tmp_path):
    wanted = [json.loads(path.read_text())["identifier"]["value"] for path in sorted(examples.glob("0[1-3]*.json"))]
    (tmp_path / "b.ndjson").write_text(bundles)
    (tmp_path / "c.jsonl.gz").write_bytes(gzip.compress(bundles.encode()))
    for words, text in [(["b.ndjson"], None), (["c.jsonl.gz"], None), (["-"], bundles)]:
        names = [word if word == "-" else tmp_path / word for word in words]
        ran = run("read", *names, input=text)
        assert (ran.code, identifiers(ran.lines)) == (0, wanted)
    both = run("read", tmp_path / "b.ndjson", tmp_path / "c.jsonl.gz")
    assert identifiers(both.lines) == wanted * 2


def test_files_with_a_bundle_each_and_a_folder_of_them(run, bundles, tmp_path):
    folder = tmp_path / "bundles"
    folder.mkdir()
    for number, line in enumerate(bundles.splitlines()):
        (folder / f"{number}.json").write_text(json.dumps(json.loads(line), indent=1))
    named = run("read", *sorted(folder.iterdir()))
    assert (named.code, len(named.lines)) == (0, 3)
    assert run("read", folder).lines == named.lines
    alone = run("read", folder / "0.json")
    assert alone.out.startswith("{\n")
    assert alone.json == named.lines[0]


def test_a_bad_line_does_not_stop_the_others_and_is_named(run, bundles, tmp_path):
    first, *others = bundles.splitlines()
    (tmp_path / "b.ndjson").write_text("\n".join([first, '{"resourceType": "Bundle"}', "nonsense", "", *others]))
    ran = run("read", tmp_path / "b.ndjson", "--json")
    assert (ran.code, len(ran.lines)) == (1, 3)
    assert [(row["file"].rpartition(":")[2], row["status"]) for row in ran.findings] == [
        ("1", "read"), ("2", "refused"), ("3", "refused"), ("5", "read"), ("6", "read"),
    ]  # fmt: skip
    missing = run("read", tmp_path / "none.ndjson", tmp_path / "b.ndjson")
    assert (missing.code, len(missing.lines)) == (2, 3)


@pytest.mark.parametrize("expression", ["Patient.name", "Patient.name.given.first()", "Observation.value is Quantity"])
def test_a_path_of_another_type_gives_nothing(run, tmp_path, expression):
    place = tmp_path / "b.json"
    place.write_text('{"resourceType": "Bundle", "type": "collection"}')
    ran = run("fhirpath", expression, place)
    assert (ran.code, ran.out, ran.err) == (0, "", "")


def test_names_that_a_type_has_not_are_still_told(run, tmp_path):
    place = tmp_path / "b.json"
    place.write_text('{"resourceType": "Patient", "name": [{"family": "A"}]}')
    assert run("fhirpath", "Patient.nme", place).code == 2
    assert run("fhirpath", "Patients.name", place).code == 2
    assert run("fhirpath", "Patient.name.family | Task.status", place).out == "A\n"
    assert run("fhirpath", "Patient.name.where(Task.status = 'x').exists().not()", place).out == "true\n"
