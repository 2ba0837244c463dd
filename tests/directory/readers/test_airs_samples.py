"""The official instances of AIRS XML, and a real 211's export, compared with their XML by another parser."""

import xml.etree.ElementTree as ET
from collections import Counter

import pytest
from support.directory_sources import read

from footbridge.directory.readers.airs import AirsReader

READER = AirsReader()
OFFICIAL = [
    "airs-3.0-instance.xml",
    "airs-3.1-instance-maximal.xml",
    "airs-3.1-instance-minimal.xml",
    "airs-4.0.0-rc.1-instance.xml",
]
COUNTS = {  # organization, location, service, service at location
    "airs-3.0-instance.xml": (3, 6, 5, 5),
    "airs-3.1-instance-minimal.xml": (1, 1, 1, 1),
    "airs-3.1-instance-maximal.xml": (1, 2, 4, 4),
    "airs-4.0.0-rc.1-instance.xml": (1, 1, 2, 1),  # its Service is given at no site: the SiteService names another
}
KINDS = ("organization", "location", "service", "service_at_location")


@pytest.fixture(scope="module")
def samples(test_data):
    return test_data / "samples" / "airs"


@pytest.fixture(scope="module")
def bc211(samples):
    return samples / "bc211" / "BC211_data_excerpt.xml"


@pytest.mark.parametrize("name", OFFICIAL)
@pytest.mark.parametrize("strict", [False, True])
def test_every_record_of_an_official_instance_is_given(samples, name, strict):
    found = read(READER, samples / name, strict=strict)
    assert tuple(len(found.of(kind)) for kind in KINDS) == COUNTS[name]
    assert "airs.unknown-element" not in found.rules()
    assert "airs.schema" not in found.rules()


@pytest.mark.parametrize("name", OFFICIAL)
def test_official_instances_are_recognised(samples, name):
    from support.directory_sources import files

    assert READER.recognises(files(samples / name))


def test_no_text_of_the_maximal_instance_is_lost(samples):
    """Every text of an element is somewhere in a record, whether it may be shown or not."""
    path = samples / "airs-3.1-instance-maximal.xml"
    found = read(READER, path)
    given = "\n".join(str(record.data) for record in found.records) + "".join(found.found("airs.unknown-group"))
    flags = {"Confidential", "Key", "AgencyKey"}
    for element in ET.parse(path).iter():
        name = element.tag.rpartition("}")[2]
        text = (element.text or "").strip()
        if text and name not in flags:
            shown = repr(text)[1:-1]
            assert shown in given or text in given, (name, text)


def test_what_is_withheld_in_the_maximal_instance(samples):
    found = read(READER, samples / "airs-3.1-instance-maximal.xml")
    organization = found.only("organization")
    assert organization["alternate_name"] == "FamNet"
    assert {"name": "TheNet", "description": "Nickname for Agency", "withheld": "confidential"} in organization[
        "alternate_names"
    ]
    phone = organization["contacts"][1]["phones"][0]
    assert phone["withheld"] == "reason-withheld"
    assert "number" not in phone
    assert all(record.data["restrictions"][0] == "deleted" for record in found.records)  # the agency is
    assert "no-referral" in found.data("service", "548766760004")["restrictions"]


def test_the_maximal_instances_lists(samples):
    found = read(READER, samples / "airs-3.1-instance-maximal.xml")
    service = found.data("service", "544443")
    assert [(row["taxonomy_term"]["code"], row["linked"]) for row in service["attributes"]] == [
        ("TT-1600.4324-766", ["TT-1600.4443-112"]),
        ("TT-1800.4004-126", ["TT-1800.4000-446"]),
    ]
    assert service["languages"] == [{"name": "Spanish", "note": "Notes12"}, {"name": "Russian", "note": "Notes13"}]
    assert service["eligibility_description"].split("\n\n") == [
        "Medicaid",
        "Household with Dependants",
        "Age: Male; 18-120; AgeRequirements0",
        "Age: Female; 18-120; AgeRequirements1",
        "Gender: No Gender Requirements",
        "Family: Houshold with a least one dependant",
        "Family: Househld with at least one individual with disabilities",
        "Income: Household income less than $30,000 a year",
        "Income: Household with at least one dependant",
        "Residency: Must have lived in Washington state for at least six months",
    ]
    assert (service["minimum_age"], service["maximum_age"]) == ("18", "120")
    seasons = [row for row in service["schedules"] if "valid_from" in row]
    assert ("April 01", "September 31") in [(row["valid_from"], row["valid_to"]) for row in seasons]
    names = [row["name"] for row in service["service_areas"] if "name" in row]
    assert "98155, United States of America" in names  # two states are areas, one country says where
    assert "Washington, United States of America" in names
    location = found.data("location", "1234567/AgencyLocation")
    monday = [row for row in location["schedules"] if row["byday"] == "MO" and row["description"] == "Notes1"]
    assert [(row["opens_at"], row["closes_at"]) for row in monday] == [
        ("09:00:00.000", "12:00:00.000"),
        ("13:00:00.000", "19:00:00.000"),
    ]
    assert [row["name"] for row in location["languages"]] == ["Spanish", "Russian", "German"]
    assert location["languages"][2]["note"] == "Notes7\nNotes9"
    assert "latitude" not in location  # one of its addresses is withheld, and none is called physical
    assert [(row["latitude"], row["withheld"]) for row in location["positions"]] == [
        ("+45.6", "confidential"),
        ("+47.6", "confidential"),
    ]


def test_version_4_joins_what_it_writes_apart(samples):
    found = read(READER, samples / "airs-4.0.0-rc.1-instance.xml")
    service = found.data("service", "SS6543")
    assert service["organization_id"] == "A6543"
    assert service["schedules"][0] == {
        "freq": "WEEKLY", "byday": "TU", "opens_at": "08:30:47+05:00", "closes_at": "20:30:47+05:00",
    }  # fmt: skip
    assert service["attributes"][0]["taxonomy_term"]["name"] == "Food Banks/Food Distribution Warehouses"
    assert service["interpretation_services"] == "Not available"
    assert service["alert"]
    assert found.data("service_at_location", "SS6543@S8765")["location_id"] == "S8765"
    assert found.found("airs.unknown-site") == ["S8765"]
    alone = found.data("service", "SV3456")
    assert alone["name"] == "Food Banks"
    assert alone["wait_time"] == "Less than one day"
    site = found.only("location")
    assert site["restrictions"] == ["exclude-website"]
    physical, postal = (
        next(row for row in site["addresses"] if row["address_type"] == kind) for kind in ("physical", "postal")
    )
    assert physical["withheld"] == "confidential"
    assert "withheld" not in postal  # ReasonWithheld is only a note there: Confidential says false
    assert "latitude" not in site
    assert site["positions"][0]["withheld"] == "confidential"


def texts(element, name):
    return [(child.text or "").strip() for child in element.findall(name)]


def test_bc211_gives_39_of_39_services(bc211):
    found = read(READER, bc211)
    assert [len(found.of(kind)) for kind in KINDS] == [15, 15 + 39, 39, 39]
    root = ET.parse(bc211).getroot()
    assert {site.findtext("SiteService/Key") for site in root.iter("Site")} == found.of("service").keys()


def test_bc211_field_by_field(bc211):
    """Each value of the XML is where HSDS has it; read here with the standard library's parser."""
    found = read(READER, bc211)
    for agency in ET.parse(bc211).getroot().findall("Agency"):
        key = agency.findtext("Key")
        organization = found.data("organization", key)
        assert organization["name"] == agency.findtext("Name")
        assert organization["description"] == agency.findtext("AgencyDescription").strip()
        check_common(organization, agency, "website")
        own = found.data("location", f"{key}/AgencyLocation")
        assert own["organization_id"] == key
        check_addresses(own, agency.find("AgencyLocation"))
        check_position(own, agency)
        for site in agency.findall("Site"):
            check_site(found, site, key)


def check_site(found, site, agency):
    location = found.data("location", site.findtext("Key"))
    assert location["organization_id"] == agency
    assert location["name"] == site.findtext("Name").strip()
    assert location["description"] == site.findtext("SiteDescription").strip()
    check_common(location, site, "url")
    check_addresses(location, site)
    check_position(location, site)
    (element,) = site.findall("SiteService")
    service = found.data("service", element.findtext("Key"))
    assert service["organization_id"] == agency
    assert service["name"] == element.findtext("Name").strip()
    assert service["description"] == element.findtext("Description").strip()
    assert "schedules" not in service  # every TimeOpen and Seasonal there is empty
    check_common(service, element, "url")
    raw = [code for taxonomy in element.findall("Taxonomy") for code in texts(taxonomy, "Code") if code]
    terms = service.get("attributes", [])
    assert [row["taxonomy_term"].get("code", row.get("value")) for row in terms] == raw
    assert all("code" not in row["taxonomy_term"] for row in terms if row.get("value", "").startswith("{"))
    areas = [
        ", ".join(text for name in ("City", "State", "Country") for text in texts(place, name) if text)
        for place in element.findall("GeographicAreaServed")
    ]
    assert [row["name"] for row in service.get("service_areas", [])] == areas
    info = element.find("ResourceInfo")
    assert service["assured_date"] == info.get("DateLastVerified")
    assert service["last_modified"] == info.get("DateOfLastAction")
    people = [row for row in service.get("contacts", []) if row.get("withheld") == "internal"]
    assert [row["name"] for row in people] == [person.findtext("Name") for person in info.findall("Contact")]
    link = found.data("service_at_location", f"{element.findtext('Key')}@{site.findtext('Key')}")
    assert link == {"service_id": element.findtext("Key"), "location_id": site.findtext("Key")}


def check_common(data, element, website):
    numbers = [
        number for phone in element.findall("Phone") if (number := (phone.findtext("PhoneNumber") or "").strip())
    ]
    assert [row["number"] for row in data.get("phones", [])] == numbers
    kinds = [
        (phone.findtext("Type") or "").strip() or None
        for phone in element.findall("Phone")
        if (phone.findtext("PhoneNumber") or "").strip()
    ]
    assert [row.get("type") for row in data.get("phones", [])] == kinds
    sites = [address for url in element.findall("URL") if (address := (url.findtext("Address") or "").strip())]
    assert data.get(website) == (sites[0] if sites else None)
    emails = [address for mail in element.findall("Email") if (address := (mail.findtext("Address") or "").strip())]
    assert data.get("email") == (emails[0] if emails else None)
    names = [name for aka in element.findall("AKA") if (name := (aka.findtext("Name") or "").strip())]
    assert data.get("alternate_name") == ("; ".join(names) or None)


def check_addresses(data, element):
    members = {"address_1": "Line1", "address_2": "Line2", "city": "City", "state_province": "State",
               "postal_code": "ZipCode", "country": "Country"}  # fmt: skip
    expected = []
    for kind, name in (("physical", "PhysicalAddress"), ("postal", "MailingAddress")):
        for address in element.findall(name):
            row = {member: (address.findtext(part) or "").strip() for member, part in members.items()}
            row = {member: text for member, text in row.items() if text}
            if row:
                expected.append({"address_type": kind, **row})
    assert data.get("addresses", []) == expected


def check_position(data, element):
    place = element.find("SpatialLocation")
    text = (place.findtext("Latitude") or "").strip() if place is not None else ""
    assert data.get("latitude") == (text or None)


def test_every_finding_of_bc211(bc211):
    """143 words in place of codes, 372 phones without a number, and what the file is."""
    found = read(READER, bc211)
    assert Counter(found.rules()) == {"airs.source": 1, "airs.words-as-code": 143, "airs.empty-phone": 4}
    assert sum(int(text.rpartition(": ")[2]) for text in found.found("airs.empty-phone")) == 372
    words = [
        row for record in found.of("service").values() for row in record.data.get("attributes", []) if "keywords" in row
    ]
    assert len(words) == 143
    row = next(row for row in words if row["value"].startswith("{what:'CONSULTING'"))
    assert row["taxonomy_term"] == {"name": "CONSULTING"}
    assert row["keywords"] == ["CONSULTING", "day care", "disability", "children", "Service Providers"]


def test_strict_leaves_out_what_the_schema_refuses(bc211):
    """All 15 agencies break the schema of 3.0; each line is that of the element."""
    found = read(READER, bc211, strict=True)
    assert found.records == []
    schema = [finding for finding in found.findings if finding.rule == "airs.schema"]
    assert len(schema) == 54
    lines = bc211.read_text().splitlines()
    for finding in schema:
        element = finding.found.split("'")[1]
        assert f"<{element}" in lines[finding.line - 1]
    assert {finding.native_id for finding in schema} == {
        agency.findtext("Key") for agency in ET.parse(bc211).getroot().findall("Agency")
    }
