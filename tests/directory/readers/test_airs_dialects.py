"""What real exports of AIRS XML do that its schema does not know: keys, repeats, fillers, words, hours, areas."""

import pytest
from support.airs_xml import NAMESPACE_31, agency, service, site, source, with_agency, with_service, with_site
from support.directory_sources import MemoryFile, files, read

from footbridge.directory.errors import DirectoryError
from footbridge.directory.readers.airs import AirsReader

READER = AirsReader()


def service_of(*parts, **more):
    return read(READER, with_service(*parts, **more)).only("service")


def site_of(*parts, **more):
    return read(READER, with_site(*parts, **more)).only("location")


# Hours and languages


def test_pairs_of_a_day_and_notes():
    xml = "<TimeOpen><Monday><From>09:00</From><To>12noon</To><From>13:00</From><To>2:00 am</To></Monday><Notes>Call</Notes></TimeOpen>"
    assert service_of(xml)["schedules"] == [
        {"freq": "WEEKLY", "byday": "MO", "opens_at": "09:00", "closes_at": "12noon", "description": "Call"},
        {"freq": "WEEKLY", "byday": "MO", "opens_at": "13:00", "closes_at": "2:00 am", "description": "Call"},
    ]


@pytest.mark.parametrize(
    ("xml", "rows"),
    [
        ("<TimeOpen><Notes>Mon-Fri 9-5</Notes></TimeOpen>", [{"description": "Mon-Fri 9-5"}]),
        ("<TimeOpen><Friday>by appointment</Friday></TimeOpen>", [{"freq": "WEEKLY", "byday": "FR", "description": "by appointment"}]),
        ("<TimeOpen><Sunday><From>9</From></Sunday></TimeOpen>", [{"freq": "WEEKLY", "byday": "SU", "opens_at": "9"}]),
        ("<TimeOpen><Sunday><From/><To>5</To></Sunday></TimeOpen>", [{"freq": "WEEKLY", "byday": "SU", "closes_at": "5"}]),
        ("<TimeOpen><Sunday/></TimeOpen>", None),
        ("<Seasonal><StartDate>1 May</StartDate><EndDate/></Seasonal>", [{"valid_from": "1 May"}]),
        ("<Seasonal><Description/><StartDate/><EndDate/></Seasonal>", None),
    ],
)  # fmt: skip
def test_hours_in_part(xml, rows):
    assert service_of(xml).get("schedules") == rows


def test_languages_repeat_in_one_element():
    xml = (
        "<Languages><Name>French</Name><TimeOpen><Monday><From>9</From><To>5</To></Monday></TimeOpen>"
        "<Name>Cree</Name><Notes>ask</Notes><Notes>first</Notes></Languages><Languages><Name>Urdu</Name></Languages>"
    )
    hours = [{"freq": "WEEKLY", "byday": "MO", "opens_at": "9", "closes_at": "5"}]
    assert service_of(xml)["languages"] == [
        {"name": "French", "schedules": hours},
        {"name": "Cree", "note": "ask\nfirst"},
        {"name": "Urdu"},
    ]


# Areas


@pytest.mark.parametrize(
    ("parts", "names"),
    [
        ("<City>Langley</City><State>BC</State><Country>Canada</Country>", ["Langley, BC, Canada"]),
        ("<City>Guelph</City><County>Wellington</County><State>ON</State>", ["Guelph, Wellington, ON"]),
        ("<Country>Canada</Country>", ["Canada"]),
        ("<State>ON</State><Country>Canada</Country>", ["ON, Canada"]),
        ("<ZipCode>N1H</ZipCode><ZipCode>N1G</ZipCode><State>ON</State>", ["N1H, ON", "N1G, ON"]),
        ("<County>King</County><City>Everett</City><City>Kent</City>", ["King", "Everett", "Kent"]),
        ("<State>WA</State><State>OR</State>", ["WA", "OR"]),
        ("<City>Kent</City><City>Kent</City>", ["Kent"]),
        ("<Community>Erin</Community><Community>Rockwood</Community>", ["Erin", "Rockwood"]),
        ("<CensusTrack>12.3</CensusTrack>", ["12.3"]),
    ],
)
def test_areas(parts, names):
    data = service_of(f"<GeographicAreaServed>{parts}</GeographicAreaServed>")
    assert [row["name"] for row in data["service_areas"]] == names


def test_an_area_in_words():
    data = service_of("<GeographicAreaServed><Country/><Description>All areas</Description></GeographicAreaServed>")
    assert data["service_areas"] == [{"description": "All areas"}]


def test_the_parts_of_a_place_are_named():
    data = service_of("<GeographicAreaServed><City>Erin</City><State>ON</State></GeographicAreaServed>")
    assert data["service_areas"] == [
        {"name": "Erin, ON", "area_type": "city", "city": "Erin", "state_province": "ON"},
    ]


# Codes


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (["BD-1800.2000"], [("BD-1800.2000", None)]),
        (["BD-1800.2000", "YB-8000"], [("BD-1800.2000", ["YB-8000"])]),
        (["BD-1800.2000 * YB-8000"], [("BD-1800.2000", ["YB-8000"])]),
        (["BD-1800; LR-1700"], [("BD-1800", None), ("LR-1700", None)]),
        (["LR-8000.0500-800.05"], [("LR-8000.0500-800.05", None)]),
        (["Z"], []),
    ],
)
def test_codes(codes, expected):
    xml = "<Taxonomy>" + "".join(f"<Code>{code}</Code>" for code in codes) + "</Taxonomy>"
    rows = service_of(xml).get("attributes", [])
    assert [(row["taxonomy_term"]["code"], row.get("linked")) for row in rows] == expected


@pytest.mark.parametrize(
    "words",
    ["{what:'FOOD BANKS',why:'hunger'}", "Food banks", "BD1800", "12345", "ABC-1000", "BD-1800.20", "BD-1800 food"],
)
def test_words_never_become_codes(words):
    found = read(READER, with_service(f"<Taxonomy><Code>{words}</Code></Taxonomy>"))
    (row,) = found.only("service")["attributes"]
    assert "code" not in row["taxonomy_term"]
    assert row["value"] == words
    assert found.found("airs.words-as-code") == [words]


def test_words_beside_a_code():
    data = service_of("<Taxonomy><Code>PL-6400</Code><Code>{who:'Youth'}</Code></Taxonomy>")
    assert data["attributes"][0]["taxonomy_term"]["code"] == "PL-6400"
    assert data["attributes"][1]["taxonomy_term"] == {"name": "Youth"}
    assert "linked" not in data["attributes"][0]


def test_apostrophes_in_words():
    data = service_of("<Taxonomy><Code>{what:'WOMEN'S SHELTERS',who:'Women'}</Code></Taxonomy>")
    assert data["attributes"][0]["taxonomy_term"]["name"] == "WOMEN'S SHELTERS"


# Keys


def test_a_service_at_two_sites_is_given_once():
    one, two = service(key="7"), service("<Phone><PhoneNumber>211</PhoneNumber></Phone>", key="7")
    found = read(READER, source(agency(site(one, key="1"), site(two, key="2"))))
    assert list(found.of("service")) == ["7"]
    assert list(found.of("service_at_location")) == ["7@1", "7@2"]
    assert "phones" not in found.data("service_at_location", "7@1")
    assert found.data("service_at_location", "7@2")["phones"] == [{"number": "211"}]


def test_two_services_with_one_key():
    found = read(READER, source(agency(site(service(key="7", name="Food"), service(key="7", name="Debt advice")))))
    assert {record.data["name"]: key for key, record in found.of("service").items()} == {
        "Food": "7",
        "Debt advice": "10/7",
    }
    assert set(found.of("service_at_location")) == {"7@10", "10/7@10"}
    assert found.found("airs.repeated-key") == ["7"]


def test_keys_may_repeat_across_kinds():
    found = read(READER, source(agency(site(service(key="5"), key="5"), key="5")))
    assert [list(found.of(kind)) for kind in ("organization", "location", "service")] == [["5"], ["5"], ["5"]]


def test_a_site_of_two_agencies():
    shared = site(key="9", name="Hub")
    found = read(READER, source(agency(shared, key="1"), agency(shared, key="2", name="Agency Two")))
    assert list(found.of("location")) == ["9"]
    assert found.found("airs.repeated-record") == [None]
    other = read(READER, source(agency(shared, key="1"), agency(site(key="9", name="Other"), key="2", name="Two")))
    assert list(other.of("location")) == ["9", "2/9"]


def test_an_agency_in_two_parts():
    parts = [agency(site(service(key=str(n)), key=str(n)), key="1") for n in (1, 2)]
    found = read(READER, source(*parts))
    assert list(found.of("organization")) == ["1"]
    assert list(found.of("service")) == ["1", "2"]


def test_the_same_records_in_another_language():
    """English and French exports of one source share their keys: each record is given once."""
    parts = [
        source(
            agency(
                site(service("<Phone><PhoneNumber>211</PhoneNumber></Phone>", name=f"Service {word}"), name=word),
                name=word,
            )
        )
        for word in ("Food", "Repas")
    ]
    found = read(READER, *parts)
    assert [record.data.get("name") for record in found.records] == ["Food", "Food", "Service Food", None]
    assert found.rules().count("airs.repeated-differs") == 2


def test_records_without_keys_keep_their_ids():
    bare = "<Agency><Name>A</Name><Site><Name>S</Name><SiteService><Name>Food</Name></SiteService></Site></Agency>"
    before = read(READER, source(bare))
    after = read(READER, source(agency(key="0", name="New one"), bare))
    for kind in ("organization", "location", "service"):
        assert before.of(kind).keys() <= after.of(kind).keys()
        (key,) = before.of(kind)
        assert key.startswith("~")
    assert before.only("service")["organization_id"] == next(iter(before.of("organization")))
    assert before.rules().count("airs.no-key") == 3


def test_nested_agencies():
    inner = agency(site(service(key="3"), key="2"), key="11", name="Child")
    found = read(READER, source(agency(agency(inner, key="12", name="Middle"), key="13", name="Top")))
    assert found.data("organization", "11")["parent_organization_id"] == "12"
    assert found.data("organization", "12")["parent_organization_id"] == "13"
    assert "parent_organization_id" not in found.data("organization", "13")
    assert found.only("service")["organization_id"] == "11"


def test_service_groups_are_programs():
    group = "<ServiceGroup><Key>50</Key><Name>Pediatrics</Name><ProgramName>Well Child</ProgramName></ServiceGroup>"
    found = read(
        READER,
        source(
            agency(
                group,
                site(
                    service(attributes='ServiceGroupKey="50"'),
                    service(key="2", name="Other", attributes='ServiceGroupKey="51"'),
                ),
            )
        ),
    )
    program = {"id": "50", "name": "Well Child", "alternate_name": "Pediatrics"}
    assert found.data("service", "100")["program"] == program
    assert found.only("organization")["programs"] == [program]
    assert found.data("service", "2")["program_id"] == "51"
    assert found.found("airs.unknown-group") == ["51"]


# Ontario


def test_ontario():
    """String keys, fillers, communities, notes, codes of publications; the placeholder agency is no organization."""
    topic = service(key="TOR0009", name="Winter clothing")
    xml = source(
        agency(
            "<AgencyDescription>Agency</AgencyDescription><IRSStatus>N/A</IRSStatus>",
            '<Phone TollFree="false" Confidential="false"><ReasonWithheld>None given</ReasonWithheld></Phone>',
            "<SocialMedia><Address>facebook.com/x</Address></SocialMedia>",
            '<Distribution Value="WEB"/><Publication Value="YOUTH"><Heading Value="Camps"/></Publication>',
            site(
                '<PhysicalAddress Confidential="false"><City>Unknown</City><State>ON</State></PhysicalAddress>',
                '<LocatedInCommunity Type="ward">Rosedale</LocatedInCommunity>',
                service("<Taxonomy><Code>Z</Code></Taxonomy><ApplicationProcess><Step>1</Step><Description>Call</Description></ApplicationProcess>", key="TOR1235"),
                key="TOR1234",
            ),
            key="TOR0001",
        ),
        agency(site(topic, key="ZZZ00002"), key="ZZZ00001", name="x"),
        vendor="CIOC",
    )  # fmt: skip
    found = read(READER, xml)
    assert list(found.of("organization")) == ["TOR0001"]
    assert list(found.of("location")) == ["TOR1234"]
    organization = found.only("organization")
    assert "description" not in organization
    assert "phones" not in organization
    assert "tax_status" not in organization
    assert organization["additional_websites"] == [{"url": "facebook.com/x", "label": "SocialMedia"}]
    assert {"label": "publication", "value": "Camps"} in organization["attributes"]
    location = found.only("location")
    assert location["addresses"] == [{"address_type": "physical", "state_province": "ON"}]
    assert {"label": "located-in-community", "value": "Rosedale", "link_type": "ward"} in location["attributes"]
    assert found.data("service", "TOR1235")["application_process"] == "Call"
    alone = found.data("service", "TOR0009")
    assert "organization_id" not in alone
    assert list(found.of("service_at_location")) == ["TOR1235@TOR1234"]
    assert "airs.unknown-element" not in found.rules()
    assert found.rules().count("airs.filler") == 4


def test_fillers_are_words_elsewhere():
    found = read(READER, with_agency("<AgencyDescription>Agency</AgencyDescription>"))
    assert found.only("organization")["description"] == "Agency"
    named = read(READER, with_agency("<AgencyDescription>Agency</AgencyDescription>"), dialect="cioc")
    assert "description" not in named.only("organization")


# Sites, texts


def test_a_virtual_site():
    data = site_of("<NoPhysicalAddress><Explanation>Phone line</Explanation></NoPhysicalAddress>")
    assert data["location_type"] == "virtual"
    assert data["attributes"] == [{"label": "no-physical-address", "value": "Phone line"}]
    assert site_of("<PhysicalAddress><Line1>1 A St</Line1></PhysicalAddress>")["location_type"] == "physical"
    assert site_of("<MailingAddress><Line1>Box 1</Line1></MailingAddress>")["location_type"] == "postal"
    assert "location_type" not in site_of("<PhysicalAddress><Line1/></PhysicalAddress>")


def test_what_leads_to_an_open_site():
    data = site_of(
        "<CrossStreet>Elm</CrossStreet><PhysicalLocationDescription>Rear door</PhysicalLocationDescription>",
        "<BusServiceAccess>Bus 4</BusServiceAccess><DisabilitiesAccess>Ramp</DisabilitiesAccess>",
    )
    assert data["transportation"] == "Bus 4"
    assert data["description"] == "Rear door"
    assert data["accessibility"] == [{"description": "Ramp"}]
    assert data["attributes"] == [{"label": "cross-street", "value": "Elm"}]


def test_ages():
    both = '<AgeRequirements MinimumAge="12" MaximumAge="18"/><AgeRequirements MinimumAge="16" MaximumAge="24">for work</AgeRequirements>'
    data = service_of(both)
    assert (data["minimum_age"], data["maximum_age"]) == ("12", "24")
    assert data["eligibility_description"] == "Age: 12-18\n\nAge: 16-24; for work"
    open_end = service_of('<AgeRequirements MinimumAge="12"/><AgeRequirements MinimumAge="16" MaximumAge="24"/>')
    assert "maximum_age" not in open_end
    assert "minimum_age" not in service_of('<AgeRequirements MinimumAge="twelve">teens</AgeRequirements>')


def test_steps_documents_fees():
    data = service_of(
        "<DocumentsRequired><DocumentsRequired>Proof of income</DocumentsRequired><Description>pay stub</Description></DocumentsRequired>",
        "<ApplicationProcess><Step>Intake</Step><Description>By phone</Description></ApplicationProcess>",
        "<ApplicationProcess><Step>Visit</Step></ApplicationProcess>",
        "<FeeStructure>Sliding scale</FeeStructure><PaymentMethodAccepted>Cash</PaymentMethodAccepted>",
    )
    assert data["required_documents"] == [{"document": "Proof of income: pay stub"}]
    assert data["application_process"] == "Intake: By phone\nVisit"
    assert data["fees_description"] == "Sliding scale\n\nPayment methods: Cash"


def test_markup_in_a_text_is_read():
    found = read(READER, with_service("<Description>Call <b>us</b> <!-- not this --> now</Description>"))
    assert found.only("service")["description"] == "Call us  now"
    assert "airs.markup" in found.rules()


def test_an_unknown_element_is_counted_once():
    found = read(READER, with_service("<Extra>1</Extra>", "<Extra>2</Extra>", "<Odd/>"))
    assert sorted(found.found("airs.unknown-element")) == ["Extra in SiteService: 2", "Odd in SiteService: 1"]
    other = read(
        READER,
        source(
            "<Extra/>",
            with_agency("", attributes='Colour="red"').partition(">")[2].replace("</Source>", ""),
            "<Extra/>",
        ),
    )
    assert sorted(other.found("airs.unknown-element")) == ["@Colour in Agency: 1", "Extra in Source: 2"]


def test_when_it_was_deleted():
    data = service_of(attributes='delete="true" deleteOccurredDate="2024-02-03"')
    assert data["metadata"] == [{"last_action_date": "2024-02-03", "last_action_type": "delete"}]


def test_a_prefix_and_another_namespace():
    xml = with_service().replace("<Source ", '<a:Source xmlns:a="urn:x" ').replace("</Source>", "</a:Source>")
    xml = xml.replace("<Agency", "<a:Agency").replace("</Agency", "</a:Agency")
    assert READER.recognises(files(xml))
    assert list(read(READER, xml).of("service")) == ["100"]


def test_lines_and_paths():
    xml = with_service().replace("<Site ", "\n\n<Site ").replace("<SiteService", "\n<SiteService")
    found = read(READER, xml)
    record = found.of("service")["100"]
    assert record.line == 4
    assert record.path == "export.xml: Agency 1/Site 10/SiteService 100"


def test_other_files_are_named():
    others = MemoryFile("readme.txt", b"hello")
    found = read(READER, others, with_service())
    assert [finding.path for finding in found.findings if finding.rule == "airs.other-file"] == ["readme.txt"]
    assert list(found.of("service")) == ["100"]


@pytest.mark.parametrize("text", ["", "<html/>", '{"a": 1}', "<Sourcebook/>", "<Source/>"])
def test_other_forms_are_not_recognised(text):
    assert not READER.recognises(files(text))


def test_nothing_to_read():
    with pytest.raises(DirectoryError, match="AIRS"):
        read(READER, "<html/>")


def test_version_4_is_joined_by_its_ids():
    """A SiteService takes what it does not say from its Service, which is given once, and what holds for its agency."""
    xml = source(
        "<Agency><AgencyID>A</AgencyID><AgencyName>Org</AgencyName><ExcludeFromWebsite>true</ExcludeFromWebsite></Agency>",
        "<Site><ID>S</ID><AgencyID>A</AgencyID><Title>Hall</Title></Site>",
        "<Service><ID>V</ID><Title>Food</Title><Description>Meals</Description><WaitTime>a week</WaitTime></Service>",
        "<SiteService><ID>X</ID><SiteID>S</SiteID><ServiceID>V</ServiceID><ServiceGroupID>G</ServiceGroupID><AgencyID>A</AgencyID>"
        "<Title>Food at the hall</Title></SiteService>",
        "<ServiceGroup><ID>G</ID><ProgramName>Meals on wheels</ProgramName></ServiceGroup>",
        namespace="http://www.airs.org/schema/4_0_0/AIRS.xsd",
    )
    found = read(READER, xml)
    assert found.only("service") == {
        "name": "Food at the hall", "description": "Meals", "wait_time": "a week", "organization_id": "A", "program_id": "G",
        "program": {"id": "G", "name": "Meals on wheels"}, "restrictions": ["exclude-website"],
    }  # fmt: skip
    assert list(found.of("service_at_location")) == ["X@S"]
    assert found.rules() == ["airs.source"]


@pytest.mark.parametrize(
    ("namespace", "said", "version"),
    [
        ("", "3.0", "3.0"),
        ("", "AIRS3.0", "3.0"),
        ("", "3.1", "3.1"),
        ("", "x", "3.0"),
        (NAMESPACE_31, "3.0", "3.1"),
        ("urn:x", "4.0.0", "4.0.0-rc.1"),
    ],
)
def test_which_version_it_is(namespace, said, version):
    found = read(READER, source(namespace=namespace).replace('SchemaVersion="3.1"', f'SchemaVersion="{said}"'))
    assert found.found("airs.source")[0].startswith(f"AIRS {version}, ")


def test_an_empty_feed():
    assert read(READER, source()).records == []


def test_what_stands_in_an_element_where_nothing_reads_it_is_told():
    found = read(
        READER,
        with_service(
            "<TimeOpen><DaysOpen><Day>Monday</Day></DaysOpen><Notes>x</Notes></TimeOpen>",
            "<Languages><Name>French</Name><TimeOpen><Monday><From>9:00</From><Until>10:00</Until></Monday></TimeOpen>"
            "</Languages>",
        ),
    )
    assert [one.found for one in found.findings if one.rule == "airs.unknown-element"] == [
        "DaysOpen in TimeOpen: 1",
        "Until in Monday: 1",
    ]


def test_a_code_and_a_licence_in_other_places_of_their_elements_are_read():
    found = read(READER, with_service('<Taxonomy Code="BD-1800.2000"/>'))
    assert found.only("service")["attributes"][0]["taxonomy_term"]["code"] == "BD-1800.2000"
    found = read(READER, with_agency("<LicenseAccreditation>By the county</LicenseAccreditation>"))
    assert found.only("organization")["attributes"] == [{"label": "license", "value": "By the county"}]


def test_what_stands_in_an_agency_whose_key_another_one_has_stays_with_it():
    found = read(
        READER,
        source(
            agency(site(service(name="A", key="7"), key="3"), key="102", name="North"),
            agency(site(service(name="B", key="8"), key="4"), key="102", name="South"),
        ),
    )
    south = next(key for key, one in found.of("organization").items() if one.data["name"] == "South")
    assert south != "102"
    assert found.data("service", "8")["organization_id"] == south
    assert found.data("location", "4")["organization_id"] == south
    assert found.data("service", "7")["organization_id"] == "102"


def test_the_words_of_a_phone_are_its_description_wherever_they_stand():
    phone = (
        "<Phone><PhoneNumber>7055550144</PhoneNumber><Description>Main</Description><Function>Intake</Function></Phone>"
    )
    assert read(READER, with_service(phone)).data("service", "100")["phones"] == [
        {"number": "7055550144", "description": "Main; Intake"}
    ]


@pytest.mark.parametrize("declaration", ["", '<?xml version="1.0" encoding="utf-8"?>\n<!-- export -->\n'])
@pytest.mark.parametrize("named", ["", f' xmlns="{NAMESPACE_31}"'])
def test_agencies_without_a_source_around_them_are_read_in_their_lines(declaration, named):
    parts = [agency(site(service(key=f"{n}00"), key=f"{n}0"), key=str(n), attributes=named) for n in (1, 2)]
    text = declaration + "\n".join(parts)
    assert READER.recognises(files(text))
    found = read(READER, text)
    assert {key: one.line for key, one in found.of("service").items()} == {
        "100": text[: text.index("<Key>1<")].count("\n") + 1,
        "200": text.count("\n") + 1,
    }
    assert found.data("service", "200")["organization_id"] == "2"
    assert "airs.no-source" in found.rules()


def test_agencies_without_a_source_that_are_cut_off_are_refused():
    text = agency(site(service()))
    for cut in (text[:-3], text[: len(text) // 2], f"{text}<Agency>"):
        with pytest.raises(DirectoryError, match="not well-formed"):
            read(READER, cut)


@pytest.mark.parametrize("part", [site(service()), service()])
def test_a_site_alone_is_no_directory(part):
    with pytest.raises(DirectoryError, match=r"is a part of an AIRS file.*<Source>"):
        read(READER, part)
