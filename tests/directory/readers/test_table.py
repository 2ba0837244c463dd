"""Tables of vendors and of anybody, by column mappings; and tables as people make them."""

import json
from pathlib import Path

import pytest
from support.directory_readers import Read, read

from footbridge.directory.errors import DirectoryError
from footbridge.directory.readers import ReadOptions
from footbridge.directory.readers.column_mapping import folded, shipped
from footbridge.directory.readers.table import TableReader, recognised
from footbridge.directory.source_files import open_source

ICAROL = [
    "ResourceAgencyNum", "PublicName", "TaxonomyLevelName", "ParentAgencyNum", "AgencyStatus", "PhysicalAddress1", "PhysicalCity",
    "PhysicalCountry", "PhysicalAddressIsPrivate", "Latitude", "Longitude", "MailingAddress1", "MailingCity", "Phone1Number", "Phone1Name",
    "Phone1IsPrivate", "PhoneFax", "AgencyDescription", "AvailableForReferral", "ExcludeFromWebsite", "ExcludeFromDirectory",
    "InternalNotes", "InternalNotesForEditorsAndViewers", "MainContactName", "MainContactIsPrivate", "ConnectsToSiteNum",
    "ConnectsToProgramNum", "TaxonomyTerms", "TaxonomyCodes", "Coverage", "CoverageArea", "Hours", "HoursOfOperation", "LanguagesOffered",
]  # fmt: skip
SIMPLE = {
    "name": "ours",
    "source": "our list",
    "tables": [
        {
            "name": "list",
            "recognise": ["Nom", "Ville"],
            "records": [
                {
                    "kind": "service",
                    "id": "No",
                    "members": {
                        "name": "Nom",
                        "status": {"constant": "active"},
                        "fees_description": {"column": "Gratuit", "values": {"oui": "Gratuit"}},
                    },
                    "lists": {
                        "phones": [{"members": {"number": "Tél"}}],
                        "languages": [{"split": {"column": "Langues", "at": "/", "to": "name"}}],
                    },
                    "restrictions": [{"column": "Publier", "is": "false", "restriction": "exclude-website"}],
                }
            ],
        }
    ],
}


def icarol(tmp_path, *rows: dict) -> Read:
    place = tmp_path / "icarol.csv"
    lines = [",".join(ICAROL)]
    lines += [",".join('"' + str(row.get(name, "")).replace('"', '""') + '"' for name in ICAROL) for row in rows]
    place.write_text("\n".join(lines) + "\n", "utf-8")
    return read("table", place)


def program(**more) -> dict:
    return {
        "ResourceAgencyNum": "3",
        "PublicName": "Food",
        "TaxonomyLevelName": "Program",
        "ParentAgencyNum": "1",
        "AgencyStatus": "Active",
        **more,
    }


def ours(tmp_path, text: str, mapping: dict | None = None, name: str = "list.csv") -> Read:
    (tmp_path / "mapping.json").write_text(json.dumps(mapping or SIMPLE), "utf-8")
    (tmp_path / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return read("table", tmp_path / name, ReadOptions(mapping=tmp_path / "mapping.json"))


def test_levels_of_icarol_become_kinds(tmp_path):
    found = icarol(
        tmp_path,
        {
            "ResourceAgencyNum": "1",
            "PublicName": "Hub",
            "TaxonomyLevelName": "Agency",
            "PhysicalAddress1": "1 A St",
            "PhysicalCity": "X",
        },
        {
            "ResourceAgencyNum": "2",
            "PublicName": "Annex",
            "TaxonomyLevelName": "Site",
            "ParentAgencyNum": "1",
            "Latitude": "43.6",
        },
        program(ConnectsToSiteNum="2"),
        {
            "ResourceAgencyNum": "4",
            "TaxonomyLevelName": "ProgramAtSite",
            "ConnectsToSiteNum": "2",
            "ConnectsToProgramNum": "3",
            "AgencyStatus": "Inactive",
        },
        {"ResourceAgencyNum": "5", "PublicName": "?", "TaxonomyLevelName": "Galaxy"},
    )
    assert {(record.kind, record.native_id) for record in found.records} == {
        ("organization", "1"), ("location", "1"), ("location", "2"), ("service", "3"), ("service_at_location", "4"),
    }  # fmt: skip
    assert found.one("service")["organization_id"] == "1"
    assert found.one("service_at_location")["restrictions"] == [
        "exclude-directory"
    ]  # the link that says no hides the one that is assumed
    (unknown,) = found.found("table.row-kind-unknown")
    assert (unknown.line, unknown.found) == (6, "TaxonomyLevelName: Galaxy")


@pytest.mark.parametrize(
    ("cells", "restrictions"),
    [
        ({}, None),
        ({"AgencyStatus": "Active, but do not refer"}, ["no-referral"]),
        ({"AvailableForReferral": "False"}, ["no-referral"]),
        ({"AvailableForReferral": "No - call first"}, ["no-referral"]),
        ({"AvailableForReferral": "TRUE", "ExcludeFromWebsite": "No", "ExcludeFromDirectory": "0"}, None),
        ({"ExcludeFromWebsite": "Yes", "ExcludeFromDirectory": "x"}, ["exclude-directory", "exclude-website"]),
        ({"ExcludeFromWebsite": "?"}, ["exclude-website"]),
    ],
)
def test_what_a_row_may_be_used_for(tmp_path, cells, restrictions):
    assert icarol(tmp_path, program(**cells)).one("service").get("restrictions") == restrictions


def test_what_is_private_is_marked_and_stays(tmp_path):
    found = icarol(
        tmp_path,
        program(
            PhysicalAddress1="1 Secret St", PhysicalCity="X", PhysicalAddressIsPrivate="Yes", Latitude="1.5", Longitude="2.5", MailingAddress1="PO 2",
            MailingCity="X", Phone1Number="555", Phone1IsPrivate="TRUE", PhoneFax="556", InternalNotes="canary", MainContactName="Ann", MainContactIsPrivate="maybe",
        ),
    )  # fmt: skip
    place, service = found.one("location"), found.one("service")
    assert "latitude" not in place
    hidden, postal = place["addresses"]
    assert (hidden["address_1"], hidden["latitude"], hidden["withheld"]) == ("1 Secret St", "1.5", "confidential")
    assert "withheld" not in postal
    assert [phone.get("withheld") for phone in service["phones"]] == ["confidential", None]
    assert service["contacts"][0]["withheld"] == "confidential"
    assert service["notes"] == [{"text": "canary", "withheld": "internal"}]
    assert [finding.member for finding in found.found("table.flag-unclear")] == ["MainContactIsPrivate"]


def test_lists_and_linked_terms_in_cells(tmp_path):
    service = icarol(
        tmp_path,
        program(
            TaxonomyCodes="BD-1800.2000 * YB-8000; BD-5000; ", TaxonomyTerms="Food Pantries * Seniors; Meals; ", Coverage="MD - A; MD - B; ",
            Hours="Mon 08:00 - 16:00; Tue; Wed 00:00 - 23:59; ", HoursOfOperation="Mon, Wed", LanguagesOffered="English; French",
        ),
    ).one("service")  # fmt: skip
    assert service["attributes"] == [
        {"taxonomy_term": {"code": "BD-1800.2000", "name": "Food Pantries", "taxonomy": "211"}, "linked": ["YB-8000"]},
        {"taxonomy_term": {"code": "BD-5000", "name": "Meals", "taxonomy": "211"}},
    ]
    assert [area["name"] for area in service["service_areas"]] == ["MD - A", "MD - B"]
    assert service["schedules"] == [
        {"description": "Mon, Wed"},
        {"freq": "WEEKLY", "byday": "MO", "opens_at": "08:00", "closes_at": "16:00"},
        {"freq": "WEEKLY", "byday": "WE", "opens_at": "00:00", "closes_at": "23:59"},
    ]
    assert [each["name"] for each in service["languages"]] == ["English", "French"]


def test_the_last_code_of_a_cut_list_is_not_trusted(tmp_path):
    codes = "; ".join(f"BD-1800.{n:04}" for n in range(40))[:255]
    assert codes.endswith("; BD-")
    found = icarol(tmp_path, program(TaxonomyCodes=codes))
    given = [each["taxonomy_term"]["code"] for each in found.one("service")["attributes"]]
    assert given == codes.split("; ")[:-1]
    assert [finding.member for finding in found.found("table.cut-at-255")] == ["TaxonomyCodes"]


def test_a_country_alone_makes_no_place(tmp_path):
    assert icarol(tmp_path, program(PhysicalCountry="United States")).count() == {"service": 1}


def test_every_known_header_is_recognised_and_accounted_for(test_data, tmp_path):
    headers = json.loads((test_data / "reference/facts/vendor_csv_headers.json").read_bytes())
    for label, names in headers.items():
        place = tmp_path / f"{label.split(' ')[0]}.csv"
        place.write_text(
            ",".join(names) + "\n" + ",".join("x" if name == "TaxonomyLevelName" else "1" for name in names) + "\n"
        )
        mapping = recognised(open_source(place).files)
        assert mapping is not None, label
        assert label.startswith(mapping.name), label
        assert TableReader().recognises(open_source(place).files)
        table = mapping.table_for(names)
        there = {folded(name) for name in names}
        asked = json.dumps(table.model_dump(mode="json", by_alias=True))
        unknown = [
            name
            for name in names
            if f'"{name}"'.casefold() not in asked.casefold() and "{}" not in name and not _numbered(name, asked)
        ]
        print(label, len(names), "columns,", len(unknown), "not used:", unknown)  # noqa: T201 - the figure of the run
        assert len(unknown) <= 0.3 * len(names), (label, unknown)
        assert {folded(name) for name in table.recognise} <= there


def _numbered(name: str, asked: str) -> bool:
    return any(f'"{name.replace(digit, "{}")}"'.casefold() in asked.casefold() for digit in "12345")


def test_visionlink_cells_hold_lists(tmp_path):
    columns = ["Agency_Id", "Service_Id", "ServiceOption_Status", "ServiceSystem_Name", "ServiceTaxonomy_ModuleServicepost", "ServiceSite_ServiceSite",
               "ServiceSite_ServiceSite_Both", "ServiceGeotagus_ServiceGeotagus", "ServiceSystem_StaffNotes"]  # fmt: skip
    rows = [
        ["Agency ID", "Service ID", "[77 => Active]", "*REQUIRED*", "[]", "", "", "", "text"],
        [1, 9, '["Active"]', "Rides", '[{"taxonomy_code":"BT-4500"},{"taxonomy_code":"PX * YB-8000"}]', '[{"Site_Id":5}]',
         '[{"Site_Id":5,"Name":"Main"}]', '[{"scope":"county","county":"Kent","state":"PA"}]', "secret"],
        [1, 10, '["Internal Only"]', "Hidden", "[]", "not a list {", "", "", ""],
    ]  # fmt: skip
    place = tmp_path / "services.csv"
    place.write_text(
        "\n".join(",".join('"' + str(cell).replace('"', '""') + '"' for cell in row) for row in [columns, *rows]) + "\n"
    )
    found = read("table", place)
    service = found.of("service")["9"]
    assert (service["status"], service["organization_id"]) == ("active", "1")
    assert [each["taxonomy_term"]["code"] for each in service["attributes"]] == ["BT-4500", "PX"]
    assert service["attributes"][1]["linked"] == ["YB-8000"]
    assert service["service_areas"] == [{"name": "Kent, PA", "extent_type": "county"}]
    assert found.of("location")["5"] == {"id": "5", "name": "Main", "organization_id": "1"}
    assert {(each["service_id"], each["location_id"]) for each in found.of("service_at_location").values()} >= {
        ("9", "5")
    }
    assert found.of("service")["10"]["restrictions"] == ["exclude-directory", "no-referral"]
    assert service["notes"] == [{"text": "secret", "withheld": "internal"}]
    assert [finding.rule for finding in found.findings if finding.line == 2] == ["table.row-skipped"]


def test_plain_text_where_objects_are_expected(tmp_path):
    """As after an edit in a spreadsheet: it is read as far as it says something, and told where it does not."""
    place = tmp_path / "services.csv"
    place.write_text(
        "Agency_Id,Service_Id,ServiceOption_Status,ServiceSystem_Name,ServiceTaxonomy_ModuleServicepost,"
        "ServiceGeotagus_ServiceGeotagus,ServiceSite_ServiceSite_Both\n"
        '1,9,Active,Rides,BT-4500; PX * YB-8000,"Kent County, PA; Erie","Main hall, rear"\n'
    )
    found = read("table", place)
    service = found.one("service")
    assert [each["taxonomy_term"]["code"] for each in service["attributes"]] == ["BT-4500", "PX"]
    assert service["attributes"][1]["linked"] == ["YB-8000"]
    assert [area["name"] for area in service["service_areas"]] == ["Kent County, PA", "Erie"]  # not all of PA
    assert [finding.found for finding in found.findings if finding.rule == "table.cell-not-read"] == [
        "ServiceSite_ServiceSite_Both"
    ]


def test_wellsky_areas_in_words(tmp_path):
    place = tmp_path / "services.csv"
    place.write_text(
        "PROVIDER_SERVICE_CODE_ID,SERVICE_CODE_ID,ORGANIZATION_ID,LOCATION_ID,NAME,SERVICE_AREAS\n"
        '4,1,3,7,BD-1800.2000,"Denver County, CO"\n'
    )
    assert read("table", place).one("service")["service_areas"] == [{"name": "Denver County, CO"}]


def test_wellsky_files_are_joined(tmp_path):
    folder = tmp_path / "wellsky"
    folder.mkdir()
    files = {
        "org": "ID,NAME,AIRS_DESIGNATION_ID,YEAR_INCORPORATED,SHOW_ON_PUBLIC_SITE,ISACTIVE\n3,Hub,Agency,1963,TRUE,TRUE\n",
        "loc": "ID,ORGANIZATION_ID,NAME,TRANSPORTATION,SHOW_ON_PUBLIC_SITE,PHONES,CONTACTS\n7,3,Main,,FALSE,\"[{'id': 5, 'number': '555', 'isActive': True}, "
        "{'id': 6, 'number': '556', 'isActive': False}]\",\"[{'id': 1, 'name': 'Ann', 'hide_from_provider_profile': True, 'isActive': True}]\"\n",
        "phone": "ID,LOCATION_ID,ORGANIZATION_ID,NUMBER,ISACTIVE,ISPRIMARY\n5,7,3,555,TRUE,TRUE\n8,,3,557,FALSE,FALSE\n",
        "address": "ID,LOCATION_ID,ADDRESS_1,CITY,ISACTIVE,ISPRIMARY\n9,7,1 A St,X,TRUE,TRUE\n",
        "service": "PROVIDER_SERVICE_CODE_ID,SERVICE_CODE_ID,ORGANIZATION_ID,LOCATION_ID,NAME,ALTERNATE_NAME,TAXONOMY_DEFINITION,ISACTIVE\n"
        "4,1,3,7,BD-1800.2000,Food Pantries,Licensed text.,TRUE\n",
    }
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    found = read("table", folder)
    assert found.count() == {"organization": 1, "location": 1, "service": 1, "service_at_location": 1}
    place = found.one("location")
    assert place["restrictions"] == ["exclude-website"]
    assert [(phone["number"], phone.get("withheld")) for phone in place["phones"]] == [
        ("555", None),
        ("556", "internal"),
    ]
    assert place["contacts"][0]["withheld"] == "internal"
    assert place["addresses"][0]["address_1"] == "1 A St"
    assert found.one("organization")["phones"] == [{"id": "8", "number": "557", "withheld": "internal"}]
    service = found.one("service")
    assert service["name"] == "Food Pantries"
    assert service["attributes"][0]["taxonomy_term"] == {
        "code": "BD-1800.2000",
        "name": "Food Pantries",
        "taxonomy": "211",
    }
    assert "Licensed" not in json.dumps(service)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_encodings_and_line_ends(tmp_path, delimiter, encoding, end):
    rows = [["No", "Nom", "Ville", "Tél", "Langues", "Gratuit", "Publier"], ["1", "Épicerie, coin; été", "Québec", "418", "Français/Cri", "oui", ""],
            ["2", 'La "Table"\nronde', "Trois-Rivières", "", "", "", "non"]]  # fmt: skip
    text = end.join(delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows) + end
    found = ours(tmp_path, text.encode(encoding))
    assert found.of("service") == {
        "1": {"id": "1", "name": "Épicerie, coin; été", "status": "active", "fees_description": "Gratuit", "phones": [{"number": "418"}], "languages": [{"name": "Français"}, {"name": "Cri"}]},
        "2": {"id": "2", "name": 'La "Table"\nronde', "status": "active", "restrictions": ["exclude-website"]},
    }  # fmt: skip
    assert ("text.encoding" in found.rules()) == (encoding == "cp1252")


def test_tables_as_people_make_them(tmp_path):
    text = (
        "Liste des services 2026,,,,\n,,,,\nNo,Nom,Ville,Tél,\n1,Pain,Québec,418,\n,,,,\nNo,Nom,Ville,Tél,\n"
        "2,Lait,Lévis\n3,Trop,Lévis,1,2,3\n4,Œufs,Lévis,419,,,,\n"
    )
    found = ours(tmp_path, text)
    assert set(found.of("service")) == {"1", "2", "4"}
    lines = {finding.rule: finding.line for finding in found.findings if finding.rule.startswith("table.")}
    assert lines["table.header-below"] == 3
    assert lines["table.header-repeated"] == 6
    assert lines["table.row-short"] == 7
    assert lines["table.row-too-long"] == 8
    assert {record.native_id: record.line for record in found.records} == {"1": 4, "2": 7, "4": 9}


def test_a_spreadsheet_gives_its_values(tmp_path):
    import datetime as dt

    xlsxwriter = pytest.importorskip("xlsxwriter")
    book = xlsxwriter.Workbook(tmp_path / "list.xlsx")
    sheet = book.add_worksheet("Services")
    book.add_worksheet("Notes")
    for at, row in enumerate(
        [["No", "Nom", "Ville", "Tél"], [12, "Pain", "Québec", 4185551234], [13, dt.date(2026, 5, 1), "Lévis", True]]
    ):
        for column, cell in enumerate(row):
            if isinstance(cell, dt.date):
                sheet.write_datetime(at, column, cell, book.add_format({"num_format": "yyyy-mm-dd"}))
            else:
                sheet.write(at, column, cell)
    book.close()
    (tmp_path / "mapping.json").write_text(json.dumps(SIMPLE), "utf-8")
    found = read("table", tmp_path / "list.xlsx", ReadOptions(mapping=tmp_path / "mapping.json"))
    assert found.of("service")["12"]["phones"] == [{"number": "4185551234"}]
    assert found.of("service")["13"]["name"] == "2026-05-01"
    (tmp_path / "bad.xlsx").write_bytes(b"no spreadsheet")
    with pytest.raises(DirectoryError, match="cannot be read as a spreadsheet"):
        read("table", tmp_path / "bad.xlsx", ReadOptions(mapping=tmp_path / "mapping.json"))


def test_cut_files_and_open_quotation_marks_are_errors(tmp_path):
    full = 'No,Nom,Ville,Tél\n1,Pain,Québec,418\n2,"Lait frais",Lévis,419\n'
    for cut, message in ((full[:-9], "ends in the middle"), (full[:-20], "never closed")):
        with pytest.raises(DirectoryError, match=message):
            ours(tmp_path, cut)
    assert len(ours(tmp_path, full[:-1]).of("service")) == 2  # only the last line end is missing
    plain = full.replace('"', "")
    with pytest.raises(DirectoryError, match="line 2 is never closed"):
        ours(tmp_path, plain.replace(",Pain", ',"Pain'))
    assert "table.cell-holds-rows" in ours(tmp_path, full.replace(",Pain", ',"Pain')).rules()
    with pytest.raises(DirectoryError, match="is empty"):
        ours(tmp_path, "")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda it: it["tables"][0]["records"][0].update(kind="agency"), "kind 'agency'"),
        (lambda it: it["tables"][0]["records"][0]["members"].update(nmae="Nom"), "no member 'nmae'"),
        (lambda it: it["tables"][0]["records"][0]["lists"].update(telephones=[]), "no list 'telephones'"),
        (
            lambda it: it["tables"][0]["records"][0]["restrictions"][0].update(restriction="hide"),
            "restriction must be one of",
        ),
        (lambda it: it["tables"][0]["records"][0]["restrictions"][0].update({"in": ["x"]}), "exactly one of"),
        (lambda it: it["tables"][0]["records"][0].update(membres={}), "membres"),
        (lambda it: it["tables"][0].pop("recognise"), "recognise"),
        (lambda it: it["tables"][0].update(skip=[{"column": "Nom", "matches": "("}]), "regular expression"),
        (lambda it: it["tables"][0].update(recognise=["Autre"]), "asks for"),
    ],
)
def test_errors_in_a_mapping_say_where(tmp_path, change, message):
    mapping = json.loads(json.dumps(SIMPLE))
    change(mapping)
    with pytest.raises(DirectoryError, match=message):
        ours(tmp_path, "No,Nom,Ville\n1,Pain,Québec\n", mapping)


def test_a_mapping_that_is_no_json_and_columns_nobody_knows(tmp_path):
    (tmp_path / "mapping.json").write_text("{")
    (tmp_path / "list.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DirectoryError, match="column mapping"):
        read("table", tmp_path / "list.csv", ReadOptions(mapping=tmp_path / "mapping.json"))
    with pytest.raises(DirectoryError, match="--mapping FILE"):
        read("table", tmp_path / "list.csv")


def test_the_example_of_the_page_works(tmp_path):
    page = (Path(__file__).parents[3] / "docs/reference/directory-columns.md").read_text("utf-8")
    rows, mapping = (page.split(f"```{form}\n", 1)[1].split("```", 1)[0] for form in ("csv", "json"))
    found = ours(tmp_path, rows, json.loads(mapping))
    assert found.count() == {"organization": 1, "location": 1, "service": 1, "service_at_location": 1}
    service = found.one("service")
    assert (service["id"], service["organization_id"], service["restrictions"]) == (
        "7",
        "Carrefour",
        ["exclude-website"],
    )
    assert [each["name"] for each in service["languages"]] == ["Français", "Anglais"]
    assert service["attributes"][0] == {
        "taxonomy_term": {"code": "BD-1800.2000", "taxonomy": "211"},
        "linked": ["YB-8000"],
    }
    assert found.one("location")["addresses"][0]["withheld"] == "confidential"


def test_shipped_mappings_name_their_source():
    assert [mapping.name for mapping in shipped()] == ["icarol", "visionlink", "wellsky"]
    assert all("HSDS 3.1" in mapping.source for mapping in shipped())


def test_an_agency_that_rows_only_name_is_made_where_it_has_no_row(tmp_path):
    place = tmp_path / "icarol.csv"
    rows = [
        {"ResourceAgencyNum": "1", "PublicName": "Known (office)", "TaxonomyLevelName": "Agency"},
        {"ResourceAgencyNum": "3", "TaxonomyLevelName": "Program", "ParentAgencyNum": "1", "ParentAgency": "Known"},
        {"ResourceAgencyNum": "4", "TaxonomyLevelName": "Program", "ParentAgencyNum": "9", "ParentAgency": "Missing"},
        {"ResourceAgencyNum": "5", "TaxonomyLevelName": "Site", "ParentAgencyNum": "9", "ParentAgency": "Missing"},
    ]
    columns = [*ICAROL, "ParentAgency", "SearchHints", "RecordOwner"]
    lines = [",".join(columns)] + [",".join(row.get(name, "") for name in columns) for row in rows]
    place.write_text("\n".join(lines) + "\n", "utf-8")
    found = read("table", place)
    names = {one.native_id: one.data["name"] for one in found.records if one.kind == "organization"}
    assert names == {"1": "Known (office)", "9": "Missing"}
    assert [one.native_id for one in found.findings if one.rule == "table.record-by-name"] == ["9"]
    assert "hsds.orphan" not in {one.rule for one in found.findings}
    part = read("table", place, ReadOptions(complete=False))
    assert {one.native_id for one in part.records if one.kind == "organization"} == {"1"}


def test_a_vendors_column_that_is_left_out_is_told_once_and_hints_are_kept(tmp_path):
    place = tmp_path / "icarol.csv"
    columns = [*ICAROL, "SearchHints", "RecordOwner"]
    cells = {"ResourceAgencyNum": "3", "TaxonomyLevelName": "Program", "SearchHints": "hunger", "RecordOwner": "ON211"}
    row = ",".join(cells.get(name, "") for name in columns)
    place.write_text("\n".join([",".join(columns), row, row.replace("3", "4", 1)]) + "\n", "utf-8")
    found = read("table", place)
    assert [one.found for one in found.findings if one.rule == "table.column-left-out"] == ["RecordOwner"]
    (service, _other) = [one for one in found.records if one.kind == "service"]
    assert {"label": "search-hint", "value": "hunger"} in service.data["attributes"]


def test_a_term_that_a_list_repeats_is_one_term(tmp_path):
    found = icarol(tmp_path, program(TaxonomyCodes="BD-1800; BD-1800; BD-1800 * YB-8000; BD-1800"))
    (service,) = [one for one in found.records if one.kind == "service"]
    assert [one["taxonomy_term"]["code"] for one in service.data["attributes"]] == ["BD-1800", "BD-1800"]


def test_of_a_row_that_is_not_published_no_place_is_kept_but_one_that_is_withheld(tmp_path):
    table = SIMPLE["tables"][0]
    place = {
        "kind": "location",
        "members": {"name": "Nom"},
        "lists": {
            "addresses": [
                {
                    "members": {"address_1": "Rue", "city": "Ville"},
                    "withheld": [{"column": "Privée", "is": "true"}],
                }
            ]
        },
    }
    mapping = {**SIMPLE, "tables": [{**table, "records": [*table["records"], place]}]}
    lines = ["No,Nom,Ville,Rue,Privée,Publier", "1,A,Sudbury,1 rue,,oui", "2,B,Sudbury,2 rue,,non"]
    found = ours(tmp_path, "\n".join([*lines, "3,C,Sudbury,3 rue,oui,non"]) + "\n", mapping)
    streets = {one.data["addresses"][0]["address_1"] for one in found.records if one.kind == "location"}
    assert streets == {"1 rue", "3 rue"}
    assert {one.native_id for one in found.records if one.kind == "service"} == {"1", "2", "3"}
