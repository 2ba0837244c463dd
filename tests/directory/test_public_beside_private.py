"""Nothing that is public vanishes because of something private beside it: the harmless neighbour of each rule stays."""

import json

import pytest

from footbridge.directory import privacy
from footbridge.directory.preparation import prepare
from footbridge.directory.privacy.labels import says_not_public
from footbridge.directory.records import Record

HIDDEN = {"withheld": "confidential"}

TEXTS = (
    "Confidential counselling for youth at 12 Elm Street, Sudbury. Call 705-555-0100.",
    "All calls are confidential. Call 705-555-0100 or e-mail help@x.example.",
    "Your information is kept confidential. Office: 12 Elm Street.",
    "Confidential HIV testing at 12 Elm Street. 705-555-0100",
    "Location is accessible and services are confidential. 12 Elm Street.",
    "Safe house inspection by the fire department: 705-555-0100, 12 Elm Street.",
    "Private room available. Book at 705-555-0100.",
    "Private school at 12 Elm Street. 705-555-0100",
    "The hidden gem of the park, 12 Elm Street.",
    "Hidden Valley Road is closed; come to 12 Elm Street.",
    "Secret garden community project, 12 Elm Street",
    "A not for profit organization at 12 Elm Street, 705-555-0100.",
    "Internal medicine clinic at 12 Elm Street, 705-555-0100",
    "Internal and external applicants: 705-555-0100",
    "Our staff: call 705-555-0100 for help.",
    "Please do not share needles. Exchange at 12 Elm Street, 705-555-0100.",
    "Do not give out your password. Help: 705-555-0100",
    "Ask about unlisted programs: 705-555-0100",
    "Unpublished authors' group meets at 12 Elm Street",
    "Back line dance class at 12 Elm Street, 705-555-0100",
    "For release of records call 705-555-0100.",
    "Women's shelter referrals: call 705-555-0100; office at 12 Elm Street.",
    "Animal shelter at 12 Elm Street, 705-555-0100",
    "Bus shelter in front of 12 Elm Street",
    "Abuse prevention education at 12 Elm Street, 705-555-0100",
    "Maison d'hébergement touristique, 12 rue Elm, Sudbury. Tél. 705-555-0100",
    "Service de médecine interne, 12 rue Elm, poste 12",
    "Aide confidentielle et gratuite au 705-555-0100",
    "Service confidentiel. 12 rue Elm. Tél. : 705-555-0100",
    "Renseignements confidentiels. Composez le 705-555-0100.",
    "Le personnel est bilingue : 705-555-0100",
    "Ne pas donner de nourriture aux animaux. 12 rue Elm",
    "École privée au 12 rue Elm",
    "Refuge pour animaux, 12 rue Elm, 705-555-0100",
)
NAMES = (
    "Safe House Inspection Office", "Safe Homes Fire Program", "Animal Shelter", "Second Stage Theatre", "Women's Centre",
    "Maison d'hébergement touristique du Lac", "Maison des femmes artistes", "Refuge faunique", "Haven Housing Co-op",
)  # fmt: skip
LABELS = (
    "Confidential counselling", "Confidential help line", "Crisis line (confidential)", "Suicide line, confidential",
    "Support confidentiel", "Écoute confidentielle", "Internal medicine", "Médecine interne", "Private clients",
    "Hidden disabilities line", "Not for profit office", "Public health", "Staffing office", "Client release of information",
    "Members only", "Service en français seulement", "Réservations", "Food distribution", "Police non-emergency", "211",
    "Safe house inspections", "Personal care", "Secrétariat",
)  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_that_hides_nothing_stays_whole(text):
    found = prepare(Record("service", "1", {"name": "Help", "description": text}, "f"))
    assert found.record.data["description"] == text
    assert not found.withholds


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_sounds_like_a_shelter_of_victims_hides_no_place(name):
    place = {
        "name": name,
        "addresses": [{"address_1": "12 Elm Street", "city": "Sudbury"}],
        "latitude": 46.49,
        "longitude": -81.0,
    }
    assert not prepare(Record("service", "1", {"name": name}, "f")).withholds
    assert prepare(Record("location", "1", place, "f")).record.data == place


@pytest.mark.parametrize("label", LABELS)
def test_a_phone_with_a_harmless_label_stays(label):
    assert not says_not_public(label)
    phones = [{"number": "705-555-0100", "description": label}]
    assert prepare(Record("service", "1", {"phones": phones}, "f")).record.data["phones"]


SAME = "Toll free, Monday to Friday from nine to five"
BESIDE = {
    "a phone with the same words": {
        "phones": [{"number": "705-555-0177", "description": SAME, **HIDDEN}, {"number": "211", "description": SAME}],
        "description": SAME,
    },
    "hours with the same words": {
        "schedules": [{"description": SAME, **HIDDEN}, {"description": SAME, "byday": "MO"}],
    },
    "the same area or language": {
        "service_areas": [{"name": "Sudbury, Ontario", **HIDDEN}, {"name": "Espanola, Ontario"}],
        "languages": [{"name": "Oji-Cree of the North", **HIDDEN}],
        "description": "For Sudbury, Ontario, in Oji-Cree of the North.",
    },
    "the same term": {
        "attributes": [{"taxonomy_term": {"name": "Food Pantries", "code": "BD-1800.2000"}, **HIDDEN}],
        "description": "Food pantries for all.",
    },
    "a role that others have": {
        "contacts": [{"name": "Executive Director", "email": "d@x.example", **HIDDEN}, {"name": "Executive Director"}],
        "description": "Ask for the Executive Director.",
    },
    "the number of the office, which a person has too": {
        "phones": [{"number": "705-555-0100"}],
        "email": "info@x.example",
        "contacts": [
            {"name": "Ann Lee", "email": "info@x.example", "phones": [{"number": "705 555 0100"}], **HIDDEN},
        ],
        "description": "Call 705-555-0100 or write to info@x.example.",
    },
    "its own name, as another name": {
        "name": "Sudbury Food Bank",
        "alternate_names": [{"name": "Sudbury Food Bank", **HIDDEN}],
        "description": "Sudbury Food Bank gives food.",
    },
    "a page beside a hidden one": {
        "additional_urls": [{"url": "https://x.example/staff", **HIDDEN}],
        "url": "https://x.example/staff-picks",
        "description": "See https://x.example",
    },
}  # fmt: skip


@pytest.mark.parametrize("case", BESIDE)
def test_what_is_public_beside_it_stays(case):
    shown = {
        key: [one for one in value if "withheld" not in one] if isinstance(value, list) else value
        for key, value in BESIDE[case].items()
    }
    shown.pop("alternate_names", None)
    kept, _ = privacy.apply(Record("service", "1", BESIDE[case], "f"))
    assert {key: value for key, value in kept.data.items() if value} == {k: v for k, v in shown.items() if v}


HOUSE = {"address_1": "12 Elm Street", "city": "Sudbury", "postal_code": "P3E 1A1"}
OTHER = {"address_1": "30 Elm Street", "city": "Sudbury", "postal_code": "P3E 2B2"}


def secrets(**data):
    return privacy.secrets(Record("location", "1", data, "f"))


def test_another_house_of_the_street_stays():
    withheld = secrets(addresses=[{**HOUSE, **HIDDEN}])
    place = Record("location", "2", {"name": "Elm Street hall", "addresses": [OTHER], "latitude": 46.5}, "f")
    assert privacy.redact(place, withheld)[0] is place
    text = Record("service", "3", {"description": "At 30 Elm Street, or 5 Elm St., beside Elm Street 12."}, "f")
    assert privacy.redact(text, withheld)[0].data["description"] == "At 30 Elm Street, or 5 Elm St., beside […]."


@pytest.mark.parametrize(
    "text",
    [
        "12 Elm Street",
        "12 Elm St",
        "Elm Street",
        "12A Elm Street",
        "No. 12, Elm Street",
        "10-12 Elm Street",
        "Elm Street 12",
    ],
)
def test_the_house_itself_does_not(text):
    withheld = secrets(addresses=[{**HOUSE, **HIDDEN}])
    redacted = privacy.redact(Record("service", "3", {"description": f"Come to {text} today."}, "f"), withheld)[0]
    assert "Elm" not in json.dumps(redacted.data)


def test_a_public_address_beside_a_withheld_one_of_the_same_street():
    kept, _ = privacy.apply(
        Record(
            "location",
            "1",
            {"addresses": [{**HOUSE, **HIDDEN, "address_type": "postal"}, OTHER], "latitude": 46.5},
            "f",
        )
    )
    assert (kept.data["addresses"], kept.data["latitude"]) == ([OTHER], 46.5)


def test_the_same_box_of_another_post_office_stays():
    box = {"address_1": "PO Box 12", "city": "Sudbury", "postal_code": "P3E 1A1", "address_type": "postal"}
    other = {**box, "city": "Espanola", "postal_code": "P5E 1A1"}
    withheld = secrets(addresses=[{**box, **HIDDEN}])
    place = Record("location", "2", {"addresses": [other]}, "f")
    assert privacy.redact(place, withheld)[0] is place
    assert privacy.redact(Record("location", "2", {"addresses": [box]}, "f"), withheld)[0].data["addresses"] == []
