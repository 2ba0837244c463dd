"""A mapping that is proposed for a list that nobody knows is one that an import can use, and hides what it should."""

import json

import pytest
import xlsxwriter

from footbridge.directory.errors import DirectoryError
from footbridge.directory.opening import open_path
from footbridge.directory.readers import ReadOptions
from footbridge.directory.readers.column_trial import propose, trial
from footbridge.directory.records import Record

ENGLISH = [
    ["Food and company in Grey County"],
    [],
    ["Agency", "Program Name", "Street Address", "Town", "Postal Code", "Phone", "Toll-free", "Contact Person", "E-mail",
     "Hours", "Mon", "Who can use it", "Cost", "Website", "Category", "Staff notes", "Last Updated", "Do not refer"],
    ["Salvation Army", "Food Bank", "12 Main St", "Owen Sound", "N4K 1A1", "519-371-1234; 519-371-9999", "1-800-555-0101",
     "Ann Lee", "ann@sa.test", "Mon-Fri 9am-4pm", "9-4", "Anyone", "Free", "www.sa.test", "Food", "canary: call Ann",
     "2024-03-04", "no"],
    ["Safe n Sound", "Drop-in", "310 8th St E", "Owen Sound", "N4K 1L2", "519-470-0000", "", "Bob", "bob@sns.test",
     "Tue 10am-2pm", "", "Adults 18+", "Free", "sns.test", "Company", "canary: key", "2024-03-05", "yes"],
    ["Total", "2"],
]  # fmt: skip
FRENCH = [
    ["NOM DE L'ORGANISME", "SERVICE", "ADRESSE", "VILLE", "CODE POSTAL", "TÉL.", "TÉLÉC.", "COURRIEL", "CLIENTÈLE",
     "TERRITOIRE DESSERVI", "HEURES D'OUVERTURE", "COÛT", "LANGUES", "ADRESSE CONFIDENTIELLE", "À PUBLIER"],
    ["Moisson", "Dépannage", "12 rue A", "Québec", "G1K 1A1", "418 555-0101", "418 555-0109", "a@b.test", "Familles",
     "Québec", "Lun-Ven 9h à 16h", "Gratuit", "français, anglais", "non", "oui"],
    ["Auberge", "Hébergement", "13 rue Canari", "Québec", "G1K 1A2", "418 555-0102", "", "b@b.test", "Femmes", "Québec",
     "24 heures", "Gratuit", "français", "oui", "oui"],
    ["Ancien", "Fermé", "14 rue C", "Québec", "G1K 1A3", "418 555-0103", "", "c@b.test", "Tous", "Québec", "", "", "", "non",
     "non"],
]  # fmt: skip


def _csv(folder, rows, delimiter=","):
    import csv

    path = folder / "list.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def _read(path, mapping, folder):
    place = folder / "mapping.json"
    place.write_text(json.dumps(mapping))
    items = open_path(path, None, ReadOptions(mapping=place)).records
    records = [one for one in items if isinstance(one, Record)]
    return {(one.kind, one.data.get("name")): one.data for one in records}


def test_each_column_of_an_english_list_becomes_what_a_person_would_say(tmp_path):
    path = _csv(tmp_path, ENGLISH)
    found = propose(path)
    assert found.becomes == {
        "Agency": "organization.name", "Program Name": "service.name", "Street Address": "address.address_1",
        "Town": "address.city", "Postal Code": "address.postal_code", "Phone": "service.phones",
        "Toll-free": "service.phones", "Contact Person": "contact.name", "E-mail": "service.email",
        "Hours": "service.schedules", "Mon": "service.schedules", "Who can use it": "service.eligibility_description",
        "Cost": "service.fees_description", "Website": "service.url", "Category": "service.attributes",
        "Staff notes": "service.notes", "Last Updated": "service.last_modified",
        "Do not refer": "service.restrictions",
    }  # fmt: skip
    records = _read(path, found.mapping, tmp_path)
    bank = records["service", "Food Bank"]
    assert [one["number"] for one in bank["phones"]] == ["519-371-1234", "519-371-9999", "1-800-555-0101"]
    assert [one["description"] for one in bank["schedules"]] == ["Mon-Fri 9am-4pm", "Mon 9-4"]
    assert (bank["eligibility_description"], bank["fees_description"]) == ("Anyone", "Free")
    assert bank["notes"] == [{"text": "canary: call Ann", "withheld": "internal"}]
    assert "restrictions" not in bank
    assert records["service", "Drop-in"]["restrictions"] == ["no-referral"]
    (address,) = records["location", "Salvation Army"]["addresses"]
    assert (address["address_1"], address["city"], address["postal_code"]) == ("12 Main St", "Owen Sound", "N4K 1A1")
    assert trial(path, found.mapping).counts == {
        "organization": 2, "service": 2, "location": 2, "service_at_location": 2,
    }  # fmt: skip


def test_a_french_list_with_flags_withholds_and_hides_as_they_say(tmp_path):
    path = _csv(tmp_path, FRENCH, ";")
    found = propose(path)
    assert [name for name, becomes in found.becomes.items() if not becomes] == []
    records = _read(path, found.mapping, tmp_path)
    assert records["location", "Auberge"]["addresses"][0]["withheld"] == "confidential"
    assert "withheld" not in records["location", "Moisson"]["addresses"][0]
    assert records["service", "Fermé"]["restrictions"] == ["exclude-website"]
    assert [one["name"] for one in records["service", "Dépannage"]["languages"]] == ["français", "anglais"]


def test_a_spreadsheet_with_titles_notes_and_columns_known_by_their_values(tmp_path):
    path = tmp_path / "list.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Services")
        sheet.write(0, 0, "Our list")
        for at, row in enumerate([["Nom", "Ligne", "Adr. él.", "Page"], ["Repas", "418 555-0101", "a@b.test", "www.b.test"],
                                  ["Visites", "418 555-0102", "c@b.test", "www.c.test"]], 2):  # fmt: skip
            sheet.write_row(at, 0, row)
        book.add_worksheet("Notes").write(0, 0, "Made in May")
    found = propose(path)
    assert found.becomes == {
        "Nom": "service.name", "Ligne": "service.phones", "Adr. él.": "service.email", "Page": "service.url",
    }  # fmt: skip
    assert {one.name: one.by for one in found.columns}["Ligne"] == "values"
    records = _read(path, found.mapping, tmp_path)
    assert records["service", "Repas"]["email"] == "a@b.test"
    assert records["organization", "Repas"]["name"] == "Repas"


def test_a_second_column_of_one_meaning_is_not_taken_for_it(tmp_path):
    path = _csv(tmp_path, [["Name", "City", "Town"], ["A", "Guelph", "Elora"], ["B", "Guelph", "Fergus"]])
    found = propose(path)
    assert (found.becomes["City"], found.becomes["Town"]) == ("address.city", "")


@pytest.mark.parametrize(
    ("content", "said"), [("Name\nA\n", "has no table with several columns"), ("a,b\n", "has no table with several")]
)
def test_what_is_no_list_is_said(tmp_path, content, said):
    (tmp_path / "list.csv").write_text(content)
    with pytest.raises(DirectoryError, match=said):
        propose(tmp_path / "list.csv")


def test_a_table_that_is_nearly_a_vendors_says_which_columns_differ(tmp_path):
    columns = ["PROVIDER_SERVICE_CODE_ID", "SERVICE_CODE_ID", "ORG_ID", "LOCATION_ID", "NAME", "ALTERNATE_NAME",
               "DESCRIPTION", "STATUS", "FEES", "LANGUAGES", "SCHEDULE", "ISACTIVE"]  # fmt: skip
    path = _csv(tmp_path, [columns, ["1"] * len(columns)])
    with pytest.raises(
        DirectoryError, match=r"nearly the columns of wellsky.*lacks ORGANIZATION_ID.*not known are ORG_ID"
    ):
        open_path(path, None, ReadOptions())


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("list.csv", "Agency,Town\nA,B\n", "list.csv, a table with the columns Agency, Town"),
        ("a.json", '{"persons": [{"key": "canary"}]}', "a.json, JSON with the members persons, key"),
        ("a.xml", "<?xml version='1.0'?><Dir><x>canary</x></Dir>", "a.xml, XML with the element Dir"),
    ],
)
def test_what_is_not_recognised_is_described_by_its_names_and_not_its_values(tmp_path, name, content, said):
    (tmp_path / name).write_text(content)
    with pytest.raises(DirectoryError) as refused:
        open_path(tmp_path / name, None, ReadOptions())
    assert f"Seen: {said}. Looked for: AIRS XML" in str(refused.value)
    assert "canary" not in str(refused.value)
