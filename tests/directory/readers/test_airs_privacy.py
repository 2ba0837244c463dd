"""What AIRS XML says about who may see what: a canary in every place that may be hidden, and what holds below it."""

import pytest
from support.airs_xml import agency, service, site, source, with_agency, with_service, with_site
from support.directory_sources import everything, read

from footbridge.directory.readers.airs import AirsReader

READER = AirsReader()
CANARY = "4 Secret Lane"
NO, YES = 'Confidential="false"', 'Confidential="true"'


def shown(found):
    """All that is left when what is withheld is dropped."""
    return " ".join(everything(record.data) for record in found.records)


def hidden(found):
    return " ".join(str(record.data) for record in found.records)


PLACES = {
    "phone": f"<Phone {{}}><PhoneNumber>{CANARY}</PhoneNumber></Phone>",
    "phone of a contact": f"<Contact><Name>Ann</Name><Phone {{}}><PhoneNumber>{CANARY}</PhoneNumber></Phone></Contact>",
    "contact": f"<Contact {{}}><Name>{CANARY}</Name></Contact>",
    "second e-mail of a contact": f"<Contact><Name>Ann</Name><Email><Address>a@b.ca</Address></Email><Email {{}}><Address>{CANARY}</Address></Email></Contact>",
    "e-mail of a contact": f"<Contact><Name>Ann</Name><Email {{}}><Address>{CANARY}</Address></Email></Contact>",
    "e-mail": f"<Email {{}}><Address>{CANARY}</Address></Email>",
    "web address": f"<URL {{}}><Address>{CANARY}</Address></URL>",
    "other name": f"<AKA {{}}><Name>{CANARY}</Name></AKA>",
}
MAKERS = {"agency": with_agency, "site": with_site, "service": with_service}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("level", MAKERS)
@pytest.mark.parametrize(
    "mark", [YES, 'Confidential="1"', 'confidential="TRUE"', 'Confidential="unsure"', 'Confidential=" yes "']
)
def test_a_confidential_value_is_withheld(place, level, mark):
    found = read(READER, MAKERS[level](PLACES[place].format(mark)))
    assert CANARY not in shown(found)
    assert CANARY in hidden(found)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("level", MAKERS)
@pytest.mark.parametrize("mark", [NO, 'Confidential="0"', "", 'Confidential=""'])
def test_a_value_that_is_not_confidential_is_shown(place, level, mark):
    assert CANARY in shown(read(READER, MAKERS[level](PLACES[place].format(mark))))


@pytest.mark.parametrize("level", MAKERS)
def test_confidential_as_an_element(level):
    xml = f"<AKA><Name>{CANARY}</Name><Confidential>true</Confidential></AKA>"
    assert CANARY not in shown(read(READER, MAKERS[level](xml)))


@pytest.mark.parametrize("level", MAKERS)
def test_a_reason_withholds(level):
    xml = f"<Phone {NO}><ReasonWithheld>{CANARY}</ReasonWithheld></Phone>"
    found = read(READER, MAKERS[level](xml))
    assert CANARY not in shown(found)
    assert '"reason-withheld"' in hidden(found).replace("'", '"')


def test_a_reason_withholds_a_number_beside_it():
    xml = f"<Phone><PhoneNumber>{CANARY}</PhoneNumber><ReasonWithheld>shelter</ReasonWithheld></Phone>"
    assert CANARY not in shown(read(READER, with_service(xml)))


WAYS = (
    f"<CrossStreet>{CANARY}</CrossStreet><PhysicalLocationDescription>{CANARY}</PhysicalLocationDescription>"
    f"<BusServiceAccess>{CANARY}</BusServiceAccess><Directions>{CANARY}</Directions>"
    f"<SpatialLocation><Datum>{CANARY}</Datum><Latitude>43.5</Latitude><Longitude>-80.2</Longitude></SpatialLocation>"
)


@pytest.mark.parametrize("kind", ["PhysicalAddress", "MailingAddress", "OtherAddress"])
@pytest.mark.parametrize(
    "address",
    [
        f"<{{0}} {YES}><Line1>{CANARY}</Line1><City>{CANARY}</City></{{0}}>",
        f"<{{0}} {NO}><ReasonWithheld>{CANARY}</ReasonWithheld></{{0}}>",
    ],
)
@pytest.mark.parametrize("before", [True, False])
def test_an_address_that_is_withheld_hides_what_leads_to_it(kind, address, before):
    parts = [address.format(kind), WAYS]
    found = read(READER, with_site(*(parts if before else parts[::-1])))
    assert CANARY not in shown(found)
    assert "43.5" not in shown(found)
    assert "43.5" in hidden(found)
    assert found.only("location")["addresses"][0]["withheld"] in {"confidential", "reason-withheld"}


def test_an_open_address_beside_a_confidential_mailing_address():
    parts = [
        f"<PhysicalAddress {NO}><Line1>1 Open St</Line1></PhysicalAddress>",
        f"<MailingAddress {YES}><Line1>{CANARY}</Line1></MailingAddress>",
        "<SpatialLocation><Latitude>43.5</Latitude><Longitude>-80.2</Longitude></SpatialLocation>",
    ]
    found = read(READER, with_site(*parts))
    assert CANARY not in shown(found)
    assert found.only("location")["latitude"] == "43.5"


def test_coordinates_of_an_agency_belong_to_its_own_location():
    place = f"<AgencyLocation><PhysicalAddress {YES}><Line1>{CANARY}</Line1></PhysicalAddress></AgencyLocation>"
    position = "<SpatialLocation><Latitude>43.5</Latitude><Longitude>-80.2</Longitude></SpatialLocation>"
    found = read(READER, with_agency(place, position))
    assert "43.5" not in shown(found)
    assert found.only("location")["positions"] == [
        {"latitude": "43.5", "longitude": "-80.2", "withheld": "confidential"},
    ]


@pytest.mark.parametrize("note", ["InternalNote", "EditorsNote", "PublicNote"])
@pytest.mark.parametrize("level", MAKERS)
def test_notes_of_editors_are_internal(note, level):
    found = read(READER, MAKERS[level](f"<{note}>{CANARY}</{note}>", vendor="CIOC"))
    assert CANARY not in shown(found)
    assert CANARY in hidden(found)


@pytest.mark.parametrize("level", MAKERS)
def test_who_keeps_a_record_is_internal(level):
    info = (
        f"<ResourceInfo><Contact><Name>{CANARY}</Name><Email><Address>{CANARY}</Address></Email></Contact>"
        f"<ResourceSpecialist>{CANARY}</ResourceSpecialist></ResourceInfo>"
    )
    found = read(READER, MAKERS[level](info))
    assert CANARY not in shown(found)
    assert CANARY in hidden(found)


def test_unknown_elements_give_nothing():
    found = read(READER, with_service(f"<StaffOnly>{CANARY}</StaffOnly>"))
    assert CANARY not in hidden(found)
    assert CANARY not in str(found.findings)


INFO = "<ResourceInfo {}/>"
USES = {
    "ExcludeFromWebsite": ("true", "exclude-website"),
    "ExcludeFromDirectory": ("1", "exclude-directory"),
    "AvailableForReferral": ("false", "no-referral"),
    "AvailableForDirectory": ("0", "exclude-directory"),
    "delete": ("true", "deleted"),
}


@pytest.mark.parametrize(("name", "rule"), USES.items())
@pytest.mark.parametrize("level", MAKERS)
def test_what_is_said_of_its_use_holds_for_all_below(name, rule, level):
    value, restriction = rule
    mark = f'{name}="{value}"'
    info = name.startswith("Available")
    found = read(READER, MAKERS[level](INFO.format(mark) if info else "", attributes="" if info else mark))
    levels = {"organization": 0, "location": 1, "service": 2, "service_at_location": 2}
    least = {"agency": 0, "site": 1, "service": 2}[level]
    for record in found.records:
        expected = [restriction] if levels[record.kind] >= least else None
        assert record.data.get("restrictions") == expected, record.kind


@pytest.mark.parametrize(("name", "rule"), USES.items())
def test_the_other_word_restricts_nothing(name, rule):
    other = "false" if rule[0] in {"true", "1"} else "true"
    mark = f'{name}="{other}"'
    info = name.startswith("Available")
    found = read(READER, with_service(INFO.format(mark) if info else "", attributes="" if info else mark))
    assert all("restrictions" not in record.data for record in found.records)


@pytest.mark.parametrize("name", [name for name in USES if name != "delete"])
def test_an_unclear_word_restricts(name):
    mark = f'{name}="perhaps"'
    found = read(READER, with_service(INFO.format(mark) if name.startswith("Available") else "", attributes=mark))
    assert found.only("service")["restrictions"] == [USES[name][1]]
    assert "airs.flag-unclear" in found.rules()


def test_two_words_that_differ_restrict():
    mark = 'AvailableForReferral="true"'
    found = read(
        READER, with_service(f"<ResourceInfo {mark}><AvailableForReferral>false</AvailableForReferral></ResourceInfo>")
    )
    assert found.only("service")["restrictions"] == ["no-referral"]


def test_a_service_that_says_otherwise_than_its_agency():
    inner = service(INFO.format('AvailableForReferral="true"'))
    found = read(READER, source(agency(site(inner), INFO.format('AvailableForReferral="false"'))))
    assert found.only("service")["restrictions"] == ["no-referral"]


def test_deleted_later_than_the_file():
    later = 'delete="true" deleteEffective="2024-06-01T00:00:00Z"'
    found = read(READER, with_service(attributes=later))  # the file is of 2024-05-01
    assert "restrictions" not in found.only("service")
    assert found.found("airs.deleted-later") == ["2024-06-01T00:00:00Z"]
    gone = read(READER, with_service(attributes='delete="true" deleteEffective="2024-04-01T00:00:00Z"'))
    assert gone.only("service")["restrictions"] == ["deleted"]


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [("active", "defunct", "defunct"), ("defunct", "active", "defunct"), ("inactive", "", "inactive"), ("", "inactive", "inactive"), ("", "odd", "odd")],
)  # fmt: skip
def test_the_stricter_status_holds(outer, inner, expected):
    xml = source(agency(site(service(attributes=f'Status="{inner}"')), attributes=f'Status="{outer}"'))
    assert read(READER, xml).only("service")["status"] == expected


def test_active_but_do_not_refer():
    found = read(READER, with_service(attributes='Status="Active, but do not refer"'))
    assert found.only("service")["status"] == "active"
    assert found.only("service")["restrictions"] == ["no-referral"]


def test_all_children_of_a_deleted_agency_are_deleted():
    xml = source(agency(agency(site(service(), key="2"), key="3", name="Child"), attributes='delete="true"'))
    assert all(record.data["restrictions"] == ["deleted"] for record in read(READER, xml).records)


@pytest.mark.parametrize("level", MAKERS)
def test_a_record_that_is_confidential_as_a_whole_is_hidden(level):
    found = read(READER, MAKERS[level](attributes=YES))
    assert found.records[-1].data["restrictions"] == ["exclude-website", "exclude-directory"]


def test_strict_names_no_value_of_the_file(test_data):
    """What the schema says would quote what it refuses: coordinates of a shelter, an e-mail address."""
    text = (test_data / "samples" / "airs" / "airs-3.1-instance-maximal.xml").read_text()
    wrong = {
        "+45.6<": "43.6512345<",
        "bsmith@famnet.org": "hidden person@famnet.org",
        "<Key>2345</Key>": "<Key>SECRET1</Key>",
    }
    for before, after in wrong.items():
        assert before in text
        text = text.replace(before, after)
    found = read(READER, text.replace('RecordOwner="0000"', 'RecordOwner="secret owner"'), strict=True)
    assert found.records == []
    said = found.found("airs.schema")
    assert len(said) >= 4
    assert not [words for words in said if any(value in words for value in ("43.65", "hidden", "SECRET1", "secret"))]
    assert all("Element '{http://www.airs.org" in words for words in said)
