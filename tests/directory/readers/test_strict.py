"""Strict mode for HSDS JSON: the official schemas decide, from a path that the user names."""

import json

import pytest
from support.directory_readers import read, read_json

from footbridge.directory.errors import DirectoryError
from footbridge.directory.readers import ReadOptions


def facts(test_data):
    return test_data / "reference/facts/hsds_3_1_objects.json"


def test_the_official_examples_pass(test_data):
    options = ReadOptions(strict=True, schemas=facts(test_data))
    folder = test_data / "samples/hsds/hsds-3.1-examples"
    for name in (
        "service_full",
        "organization_full",
        "service_at_location_full",
        "location",
        "service_list",
        "organization_list",
    ):
        found = read("json", folder / f"{name}.json", options)
        assert found.found("hsds.schema") == [], name
        assert found.records, name


def test_what_breaks_a_schema_is_left_out_and_named_without_its_value(test_data, tmp_path):
    good = json.loads((test_data / "samples/hsds/hsds-3.1-examples/service_full.json").read_bytes())
    nameless = {name: value for name, value in good.items() if name != "name"}
    wrong = {**good, "status": "canary-open", "phones": [{"id": "canary", "number": "1", "extension": "x419"}]}
    place = tmp_path / "feed.ndjson"
    place.write_text("\n".join(json.dumps(each) for each in (nameless, wrong, good)), "utf-8")
    found = read("json", place, ReadOptions(strict=True, schemas=facts(test_data)))
    assert found.count()["service"] == 1
    broken = {(finding.line, finding.member, finding.found.split(":")[0]) for finding in found.found("hsds.schema")}
    assert broken == {
        (1, None, "required"),
        (2, "status", "enum"),
        (2, "phones.0.id", "format"),
        (2, "phones.0.extension", "type"),
    }
    assert "canary" not in json.dumps([finding.found for finding in found.findings])
    assert read("json", place).count()["service"] == 1  # one id: lenient keeps the three as copies of it


def test_none_of_the_dirty_set_conforms(test_data):
    place = test_data / "samples/hsds/haarrrvest-cc0/processed_results.ndjson"
    found = read("json", place, ReadOptions(strict=True, schemas=facts(test_data)))
    print(found.count(), len(found.findings))  # noqa: T201 - the figure of the run
    assert (
        found.count()["service"] == found.count()["organization"] == 0
    )  # as measured in directories-211.md, section 6


def test_a_folder_of_schemas_that_name_each_other(tmp_path):
    folder = tmp_path / "schema"
    folder.mkdir()
    phone = {"type": "object", "required": ["number"], "properties": {"number": {"type": "string"}}}
    service = {
        "type": "object",
        "required": ["id"],
        "properties": {"phones": {"type": "array", "items": {"$ref": "phone.json"}}},
    }
    for name, schema in {"phone": phone, "service": service, "openapi": {"openapi": "3.1"}}.items():
        (folder / f"{name}.json").write_text(json.dumps(schema))
    place = tmp_path / "feed.json"
    place.write_text(
        json.dumps(
            {
                "services": [
                    {"id": "1", "name": "x", "phones": [{}]},
                    {"id": "2", "name": "y", "phones": [{"number": "211"}]},
                ]
            }
        )
    )
    found = read("json", place, ReadOptions(strict=True, schemas=folder))
    assert set(found.of("service")) == {"2"}
    assert [(finding.rule, finding.member, finding.native_id) for finding in found.findings] == [
        ("hsds.schema", "phones.0", "1"),
        ("strict.refused", None, "1"),
    ]


@pytest.mark.parametrize("content", [None, "{", "[]", '{"phone": {"properties": {}}}'])
def test_schemas_that_cannot_be_used_say_so(tmp_path, content):
    place = tmp_path / "schemas.json"
    if content is not None:
        place.write_text(content)
    (tmp_path / "feed.json").write_text('{"services": []}')
    with pytest.raises(DirectoryError, match=r"schemas\.json"):
        read("json", tmp_path / "feed.json", ReadOptions(strict=True, schemas=place))
    with pytest.raises(DirectoryError, match="--schemas"):
        read("json", tmp_path / "feed.json", ReadOptions(strict=True))


def test_lenient_needs_no_schema(tmp_path):
    assert read_json(tmp_path, {"services": [{"id": "1", "name": "x"}]}).count()["service"] == 1
