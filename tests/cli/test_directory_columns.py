"""``footbridge directory columns`` proposes a mapping that ``directory import`` takes, and overwrites no file."""

import json

LIST = "Agency,Program,Phone,City,Odd\nNorth,Meals,705 555 0101,Guelph,x\nSouth,Rides,705 555 0102,Elora,y\n"


def test_a_proposed_mapping_is_written_once_and_imports(run, tenant, tmp_path):
    (tmp_path / "list.csv").write_text(LIST)
    mapping = tmp_path / "mapping.json"
    said = run("directory", "columns", tmp_path / "list.csv", "--output", mapping)
    assert (said.code, "Odd" in said.out, "not recognised" in said.out) == (0, True, True)
    assert "services 2, organizations 2, places 2. The first: Meals; Rides." in said.out
    assert f"--mapping {mapping} --dry-run" in said.out
    again = run("directory", "columns", tmp_path / "list.csv", "--output", mapping)
    assert (again.code, again.out) == (2, "")
    assert f"{mapping} is there already" in again.err
    options = ("--source", "town", "--country", "CA", "--mapping", mapping, "--json")
    made = json.loads(run("directory", "import", tmp_path / "list.csv", *options).out)
    assert (made["read"], made["kept"]) == (2, 2)
    assert made["byRule"]["table.column-not-mapped"] == 1


def test_json_has_the_columns_the_mapping_and_what_it_makes(run, tmp_path):
    (tmp_path / "list.csv").write_text(LIST)
    found = json.loads(run("directory", "columns", tmp_path / "list.csv", "--json").out)
    assert found["columns"][0] == {"column": "Agency", "becomes": "organization.name", "by": "name"}
    assert found["columns"][-1] == {"column": "Odd", "becomes": None, "by": None}
    assert found["makes"]["service"] == 2
    assert found["mapping"]["tables"][0]["recognise"] == ["Agency", "Program", "Phone", "City"]
    assert found["known"] is None


def test_columns_that_are_known_need_no_mapping(run, tmp_path):
    (tmp_path / "a.csv").write_text(
        "ResourceAgencyNum,PublicName,TaxonomyLevelName,ParentAgencyNum,AgencyStatus\n1,A,Agency,,Active\n"
    )
    said = run("directory", "columns", tmp_path / "a.csv")
    assert "These are the columns of icarol: an import knows them, and needs no mapping." in said.out
