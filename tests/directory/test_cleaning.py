"""What real data has, what stands there after cleaning, and by which rule."""

import json
import pickle

import pytest

from footbridge.directory.cleaning import clean
from footbridge.directory.preparation import prepare
from footbridge.directory.records import Record


def cleaned(kind="service", country=None, **data):
    record, findings = clean(Record(kind, "R1", data, "feed.csv#7", 7), country=country)
    return record.data, {finding.rule for finding in findings}


TEXTS = [
    ("a &amp;lt;b&amp;gt;Infant&amp;lt;/b&amp;gt; program", "a Infant program", {"text.entities", "text.markup"}),
    ("<p>Meals</p><ul><li>one</li><li>two</li></ul>", "Meals\n\n- one\n- two", {"text.markup"}),
    ("one<br />two<br>three", "one\ntwo\nthree", {"text.markup"}),
    ("one\\ntwo\\r\\nthree", "one\ntwo\nthree", {"text.line-breaks"}),
    ("one\r\ntwo", "one\ntwo", {"text.line-breaks"}),
    ("###MON###9:00am###TUE###closed", "Mon: 9:00am\nTue: closed", {"text.mark"}),
    ("a\x00b\x07c\u200bd\ufeff", "abcd", {"text.control"}),
    ("Falkreath\x0bRifton", "Falkreath\nRifton", {"text.line-breaks"}),
    ("a\xa0b   c ", "a b c", {"text.spaces"}),
    ("CafÃ© pour aÃ®nÃ©s", "Café pour aînés", {"text.mojibake"}),
    ("peopleâ€™s", "people’s", {"text.mojibake"}),
    ("children\x92s", "children’s", {"text.mojibake"}),
    ("<script>alert(1)</script>Meals", "Meals", {"text.markup"}),
    ("<scr<script>ipt>alert(1)</scr</script>ipt>", None, {"text.markup"}),
    ('<img src=x onerror="alert(1)">Meals', "Meals", {"text.markup"}),
    ('see <a href="https://a.example/x">our page</a>', "see our page (https://a.example/x)", {"text.markup"}),
    ('<a href="mailto:a@b.example">a@b.example</a>', "a@b.example", {"text.markup"}),
    ('<a href="javascript:alert(1)">here</a>', "here", {"text.markup"}),
    ('Meals <a href="http://www.exam', "Meals", {"text.markup"}),
    ("income < 20,000 and age > 18", "income < 20,000 and age > 18", set()),
    ("I <3 you, 5 <b 6", "I <3 you, 5 <b 6", set()),
    ("R&D at AT&T & friends", "R&D at AT&T & friends", set()),
    ("مرحبا بكم، أهلا 👩\u200d👧 🏳️\u200d🌈 שלום", "مرحبا بكم، أهلا 👩\u200d👧 🏳️\u200d🌈 שלום", set()),
    ("Æther, naïve, Ça coûte 5 $ — «gratuit»", "Æther, naïve, Ça coûte 5 $ — «gratuit»", set()),
    ("C:\\new folder", "C:\\new folder", set()),
    ("2 # 3 #hashtag", "2 # 3 #hashtag", set()),
]


@pytest.mark.parametrize(("text", "expected", "rules"), TEXTS)
def test_text(text, expected, rules):
    data, found = cleaned(description=text)
    if expected is not None:
        assert data["description"] == expected
    assert "<script" not in data.get("description", "")
    assert rules <= found
    if not rules:
        assert found == set()


def test_a_text_that_an_export_cut_is_told_and_kept():
    text = ("Provides food and clothing to families of the whole county " * 5)[:255]
    data, found = cleaned(description=text)
    assert data["description"] == text
    assert found == {"text.cut"}


PHONES = [
    ("604-534-1155", None, [("604-534-1155", None, None)], set()),
    ("1-800-465-7113", None, [("1-800-465-7113", None, None)], set()),
    ("(604) 534.1155", None, [("604-534-1155", None, None)], {"phone.form"}),
    ("+1 604 534 1155", "CA", [("604-534-1155", None, None)], {"phone.form"}),
    ("5148661471", None, [("514-866-1471", None, None)], {"phone.form"}),
    ("1-800-465-7113 Local 501", None, [("1-800-465-7113", "501", None)], {"phone.extension"}),
    ("604-985-5355 Local 330 or 331", None, [("604-985-5355", "330", "Local 330 or 331")], {"phone.extension"}),
    ("305-576-0100 x419", None, [("305-576-0100", "419", None)], {"phone.extension"}),
    ("305-576-0100x419", None, [("305-576-0100", "419", None)], {"phone.extension"}),
    ("(305) 576-0100, ext. 12", None, [("305-576-0100", "12", None)], {"phone.extension"}),
    ("514 866-1471 poste 23", "CA", [("514-866-1471", "23", None)], {"phone.extension"}),
    ("1-877-ADOPT-07 (1-877-236-7807)", None, [("1-877-236-7807", None, "1-877-ADOPT-07")], {"phone.vanity"}),
    ("1-800-799-SAFE (7233)", None, [("1-800-799-7233", None, "1-800-799-SAFE")], {"phone.vanity"}),
    ("703-555-ABCD", None, [("703-555-2223", None, "703-555-ABCD")], {"phone.vanity"}),
    ("211", None, [("211", None, None)], set()),
    ("2-1-1", None, [("211", None, None)], {"phone.form"}),
    ("988", None, [("988", None, None)], set()),
    ("Text HOME to 741741", None, [("741741", None, "Text HOME to 741741")], {"phone.words"}),
    ("811", "CA", [("811", None, None)], set()),
    (
        "604-534-1155 / 604-534-1166",
        None,
        [("604-534-1155", None, None), ("604-534-1166", None, None)],
        {"phone.several"},
    ),
    (
        "604-534-1155 ext. 12, 604-222-3333",
        None,
        [("604-534-1155", "12", None), ("604-222-3333", None, None)],
        {"phone.several"},
    ),
    ("416-961-6311 after hours", None, [("416-961-6311", None, "after hours")], {"phone.words"}),
    ("020 7946 0958", "GB", [("020 7946 0958", None, None)], set()),
    ("+44 20 7946 0958", "CA", [("+44 20 7946 0958", None, None)], set()),
    ("01.42.68.53.00", "FR", [("01 42 68 53 00", None, None)], {"phone.form"}),
    ("116 123", "GB", [("116123", None, None)], {"phone.form"}),
    ("Local 114", None, [("Local 114", None, None)], {"phone.not-parsed"}),
    ("123-456-7890", None, [("123-456-7890", None, None)], {"phone.not-parsed"}),
    ("see the website", None, [("see the website", None, None)], {"phone.not-parsed"}),
    ("555-1234", None, [("555-1234", None, None)], {"phone.not-parsed"}),
    ("N/A", None, [], set()),
]


@pytest.mark.parametrize(("number", "country", "expected", "rules"), PHONES)
def test_phones(number, country, expected, rules):
    data, found = cleaned(country=country, phones=[{"number": number}])
    got = [(p["number"], p.get("extension"), p.get("description")) for p in data.get("phones", [])]
    assert got == expected
    assert rules <= found


@pytest.mark.parametrize(
    ("number", "kind", "expected"),
    [
        ("604-534-1166 (TTY)", None, "textphone"),
        ("Fax: 604-534-1166", None, "fax"),
        ("604-534-1166", "Phone1", "voice"),
        ("604-534-1166", "Télécopieur", "fax"),
        ("604-534-1166", "ATS", "textphone"),
        ("604-534-1166", "sms", "text"),
    ],
)
def test_the_type_of_a_phone_is_one_of_rfc_6350(number, kind, expected):
    data, _ = cleaned(phones=[{"number": number, "type": kind}])
    assert data["phones"][0]["type"] == expected


def test_an_unknown_type_of_a_phone_is_its_description():
    data, found = cleaned(phones=[{"number": "604-534-1166", "type": "After Hours"}])
    assert data["phones"] == [{"number": "604-534-1166", "description": "After Hours"}]
    assert found == {"phone.type"}


URLS = [
    ("www.act2.ca", "https://www.act2.ca", {"web.bare"}),
    ("http://a.example/x?y=1", "http://a.example/x?y=1", set()),
    ("HTTP://www.A.example", "http://www.A.example", {"web.scheme-repaired"}),
    ("http//foo.example", "https://foo.example", {"web.scheme-repaired"}),
    ("http://http://foo.example", "http://foo.example", {"web.scheme-repaired"}),
    ("https://ada:pw@host.example/x", "https://host.example/x", {"web.credentials"}),
    ("javascript:alert(1)", None, {"web.unsafe"}),
    ("java\x00script:alert(1)", None, {"web.unsafe"}),
    ("data:text/html,x", None, {"web.unsafe"}),
    ("see our page", None, {"web.not-a-url"}),
    ("N/A", None, {"text.placeholder"}),
    ("école.ca", "https://école.ca", {"web.bare"}),
]


@pytest.mark.parametrize(("url", "expected", "rules"), URLS)
def test_web_addresses(url, expected, rules):
    data, found = cleaned(url=url)
    assert data.get("url") == expected
    assert rules <= found


def test_several_addresses_in_one_member():
    data, found = cleaned(url="www.a.example; http://b.example", email="Ada <a@b.example>; c@d.example")
    assert data["url"] == "https://www.a.example"
    assert data["additional_urls"] == [{"url": "http://b.example"}]
    assert data["email"] == "a@b.example"
    assert data["contacts"] == [{"email": "c@d.example"}]
    assert "web.several" in found


def test_values_in_each_others_place():
    assert cleaned(url="info@a.example")[0]["email"] == "info@a.example"
    assert cleaned(email="www.a.example")[0]["url"] == "https://www.a.example"
    assert cleaned(email="604-534-1155")[0]["phones"] == [{"number": "604-534-1155"}]
    assert cleaned(email="mailto:a@b.example")[0]["email"] == "a@b.example"


ADDRESSES = [
    ({"state_province": "FL ", "country": "   "}, {"state_province": "FL"}),
    ({"country": "CANADA"}, {"country": "CA"}),
    ({"country": "États-Unis"}, {"country": "US"}),
    ({"country": "United States", "state_province": "fl"}, {"country": "US", "state_province": "FL"}),
    ({"country": "CA", "state_province": "Québec"}, {"country": "CA", "state_province": "QC"}),
    (
        {"country": "CA", "state_province": "ontario", "postal_code": "m5v2t6"},
        {"country": "CA", "state_province": "ON", "postal_code": "M5V 2T6"},
    ),
    (
        {"country": "US", "state_province": "MA", "postal_code": "2139"},
        {"country": "US", "state_province": "MA", "postal_code": "02139"},
    ),
    (
        {"country": "US", "state_province": "FL", "postal_code": "3313"},
        {"country": "US", "state_province": "FL", "postal_code": "3313"},
    ),
    (
        {"country": "CA", "state_province": "V2Y 0A2", "postal_code": "BC"},
        {"country": "CA", "state_province": "BC", "postal_code": "V2Y 0A2"},
    ),
    ({"country": "US", "city": "33130"}, {"country": "US", "postal_code": "33130"}),
    ({"country": "US", "city": "NW", "address_1": "3 Elm"}, {"country": "US", "address_1": "3 Elm"}),
    ({"city": "Unknown", "address_1": "3 Elm"}, {"address_1": "3 Elm"}),
    ({"country": "Narnia", "city": "LONDON"}, {"country": "Narnia", "city": "LONDON"}),
    ({"country": "GB", "postal_code": "sw1a1aa"}, {"country": "GB", "postal_code": "SW1A 1AA"}),
]


@pytest.mark.parametrize(("address", "expected"), ADDRESSES)
def test_addresses(address, expected):
    data, found = cleaned("location", addresses=[address])
    assert data["addresses"] == [expected]
    assert bool(found) == (address != expected or "Narnia" in str(address))


POSITIONS = [
    (("43.65", "-79.38"), "CA", (43.65, -79.38), set()),
    (("43,65", "-79,38"), "CA", (43.65, -79.38), {"position.form"}),
    ((43.65, 79.38), "CA", (43.65, -79.38), {"position.sign"}),
    ((-79.38, 43.65), "CA", (43.65, -79.38), {"position.swapped"}),
    ((79.38, 43.65), "CA", (43.65, -79.38), {"position.swapped"}),
    ((25.77, -80.19), "US", (25.77, -80.19), set()),
    ((21.3, -157.86), "US", (21.3, -157.86), set()),
    ((51.5, -0.12), "GB", (51.5, -0.12), set()),
    ((0, 0), "CA", None, {"position.zero"}),
    (("0.0", "0.0"), "US", None, {"position.zero"}),
    ((12.0, 12.0), "CA", None, {"position.elsewhere"}),
    ((95.0, 200.0), None, None, {"position.not-parsed"}),
    ((95.0, 45.0), None, (45.0, 95.0), {"position.swapped"}),
    ((43.65, None), "CA", None, {"position.not-parsed"}),
    (("north", "west"), "CA", None, {"position.not-parsed"}),
]


@pytest.mark.parametrize(("pair", "country", "expected", "rules"), POSITIONS)
def test_positions(pair, country, expected, rules):
    data, found = cleaned("location", country=country, name="x", latitude=pair[0], longitude=pair[1])
    assert (data.get("latitude"), data.get("longitude")) == (expected or (None, None))
    assert found == rules


DATES = [
    ("2024-02-03", None, "2024-02-03", set()),
    ("12/6/11 0:00", None, None, {"date.ambiguous"}),
    ("12/6/11 0:00", "US", "2011-12-06", {"date.month-first"}),
    ("12/6/11 0:00", "CA", None, {"date.ambiguous"}),
    ("5/5/2020", None, "2020-05-05", {"date.form"}),
    ("12/26/11 0:00", None, "2011-12-26", {"date.form"}),
    ("26/12/2011", None, "2011-12-26", {"date.form"}),
    ("2011/12/26", None, "2011-12-26", {"date.form"}),
    ("December 6, 2011", None, "2011-12-06", {"date.form"}),
    ("6 décembre 2011", None, "2011-12-06", {"date.form"}),
    ("1er mai 2011", None, "2011-05-01", {"date.form"}),
    ("2019-01-01T08:00:00Z", None, "2019-01-01", {"date.form"}),
    ("1900-01-01", None, None, {"date.never"}),
    ("1900-01-01T00:00:00", None, None, {"date.never"}),
    ("1/1/1900", None, None, {"date.never"}),
    ("2023-02-30", None, None, {"date.not-parsed"}),
    ("soon", None, None, {"date.not-parsed"}),
]


@pytest.mark.parametrize(("text", "country", "expected", "rules"), DATES)
def test_dates(text, country, expected, rules):
    data, found = cleaned(country=country, assured_date=text)
    assert data.get("assured_date") == expected
    assert found == rules


AGES = [
    ({"minimum_age": "birth to 19"}, (0, 19)),
    ({"minimum_age": "birth to 19 years of age"}, (0, 19)),
    ({"minimum_age": "18+"}, (18, None)),
    ({"minimum_age": "55 or over"}, (55, None)),
    ({"minimum_age": "Age 60 and older"}, (60, None)),
    ({"minimum_age": "19 ans et plus"}, (19, None)),
    ({"minimum_age": "6 months", "maximum_age": "5 years"}, (0.5, 5)),
    ({"minimum_age": "6 months to 5 years"}, (0.5, 5)),
    ({"minimum_age": "0", "maximum_age": "999"}, (0, None)),
    ({"minimum_age": 18, "maximum_age": 0}, (18, None)),
    ({"maximum_age": "under 18"}, (None, 17)),
    ({"minimum_age": "de 12 à 17 ans"}, (12, 17)),
    ({"minimum_age": "All ages"}, (None, None)),
    ({"minimum_age": 65, "maximum_age": 18}, (None, None)),
    ({"minimum_age": "12.0"}, (12, None)),
    ({"minimum_age": "-1"}, (None, None)),
]


@pytest.mark.parametrize(("given", "expected"), AGES)
def test_ages(given, expected):
    data, _ = cleaned(**given)
    assert (data.get("minimum_age"), data.get("maximum_age")) == expected


def test_ages_that_are_not_understood_join_the_eligibility():
    data, found = cleaned(minimum_age="Adults and their children", eligibility_description="Residents.")
    assert data["eligibility_description"] == "Residents.\nAdults and their children"
    assert "minimum_age" not in data
    assert found == {"age.not-parsed"}


LANGUAGES = [
    ([{"name": "Spanish"}], [("Spanish", "es", None)]),
    ([{"name": "Français"}], [("Français", "fr", None)]),
    ([{"name": "Chinese (Mandarin)"}], [("Chinese (Mandarin)", "cmn", None)]),
    (
        [{"name": "Farsi; Spanish; Vietnamese"}],
        [("Farsi", "fa", None), ("Spanish", "es", None), ("Vietnamese", "vi", None)],
    ),
    (["Spanish, Tagalog"], [("Spanish", "es", None), ("Tagalog", "tl", None)]),
    ([{"name": "anglais et français"}], [("anglais", "en", None), ("français", "fr", None)]),
    ([{"name": "French (by appointment)"}], [("French", "fr", "by appointment")]),
    ([{"name": "fr"}, {"name": "en-CA"}], [(None, "fr", None), (None, "en-CA", None)]),
    ([{"name": "no"}], [("no", None, None)]),
    ([{"name": "other languages available upon request"}], [(None, None, "other languages available upon request")]),
    (
        [{"name": "English, other languages upon request"}],
        [("English", "en", None), (None, None, "other languages upon request")],
    ),
    ([{"name": "American Sign Language"}], [("American Sign Language", "ase", None)]),
    ([{"name": "Klingonese"}], [("Klingonese", None, None)]),
    ([{"code": "EN"}], [(None, "en", None)]),
    ([{"name": "x", "code": "fra"}], [("x", "fr", None)]),
    ([{"name": "x", "code": "fr_ca"}], [("x", "fr-CA", None)]),
]


@pytest.mark.parametrize(("given", "expected"), LANGUAGES)
def test_languages(given, expected):
    data, _ = cleaned(languages=given)
    assert [(e.get("name"), e.get("code"), e.get("note")) for e in data["languages"]] == expected


BILINGUAL = [
    ("Food Bank / Banque alimentaire", "Food Bank", "fr", "Banque alimentaire"),
    ("Centre d'aide aux familles / Family Help Centre", "Centre d'aide aux familles", "en", "Family Help Centre"),
    (
        "EN: Free meals for seniors. FR: Repas gratuits pour les aînés.",
        "Free meals for seniors.",
        "fr",
        "Repas gratuits pour les aînés.",
    ),
    (
        "We offer meals and help to families.\n\nNous offrons des repas et de l'aide aux familles.",
        "We offer meals and help to families.",
        "fr",
        "Nous offrons des repas et de l'aide aux familles.",
    ),
    ("Iglesia Cristiana Valle De Jesus / Food Pantry", None, None, None),
    ("St. Vincent de Paul - Marion is a food pantry", None, None, None),
    ("Men / Women", None, None, None),
    ("Food Bank / Clothing Bank", None, None, None),
    ("Help with housing / logement", None, None, None),
    ("Hours: see the website. Note: bring ID.", None, None, None),
    ("Le Centre Culturel Francophone de Vancouver", None, None, None),
]


@pytest.mark.parametrize(("text", "first", "language", "second"), BILINGUAL)
def test_two_languages_in_one_member_are_parted_only_where_sure(text, first, language, second):
    data, found = cleaned(description=text)
    if first is None:
        assert data["description"] == text
        assert found == set()
    else:
        assert data["description"] == first
        assert data["translations"] == [{"language": language, "description": second}]
        assert found == {"text.two-languages"}


FREE = [
    ("None.", True), ("Free", True), ("No fee", True), ("Gratuit", True), ("Aucuns frais.", True), ("$0", True),
    ("None. Donations accepted.", True), ("Free; donations welcome", True), ("Services are free of charge.", True),
    ("$5 per visit", False), ("Sliding scale", False), ("Échelle mobile", False), ("Vary according to income ($5-$90).", False),
    ("None, except for permits and photocopying", None), ("Free for members, $5 for others", None), ("Call for details", None),
    ("Free parking", None), ("Free. Call for details.", None), ("Free. Guests pay $5.", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), FREE)
def test_free_is_said_only_where_it_is_free_for_everybody(text, expected):
    data, _ = cleaned(fees_description=text)
    assert data["fees_description"] == text
    assert data.get("is_free") is expected


def test_costs_of_other_members():
    assert cleaned(fees="None.")[0]["is_free"] is True
    assert cleaned(cost_options=[{"amount": "0"}])[0]["is_free"] is True
    assert "is_free" not in cleaned(cost_options=[{"amount": 0}, {"amount": 5}])[0]


def test_codes():
    def terms(code):
        data, found = cleaned(name="x", attributes=[{"taxonomy_term": {"code": code}}])
        return [a["taxonomy_term"] for a in data.get("attributes", [])], found

    assert terms(" bd-1800.2000 ") == ([{"code": "BD-1800.2000"}], {"text.spaces", "code.form"})
    assert terms("LR-8000.0500-800.05") == ([{"code": "LR-8000.0500-800.05"}], set())
    assert terms("{what:'CAMPS (residential)',who:'Children'}")[0] == [
        {"name": "{what:'CAMPS (residential)',who:'Children'}"}
    ]
    assert terms("food banks") == ([{"name": "food banks"}], {"code.words"})
    assert terms("Z") == ([], {"code.none"})
    assert terms("1102-5") == ([{"code": "1102-5"}], set())
    data, _ = cleaned(attributes=[{"taxonomy_term": {"code": "BD-1800"}, "linked": ["yb-8000", "who:'x'"]}])
    assert data["attributes"][0]["linked"] == ["YB-8000"]


STATUS = [
    ("active", "active", True, set()),
    ("Active", "active", True, {"status.form"}),
    ("Active, but do not refer", "active", False, {"status.form", "status.no-referral"}),
    ("Actif", "active", True, {"status.form"}),
    ("Inactive", "inactive", False, {"status.form", "status.closed"}),
    ("defunct", "defunct", False, {"status.closed"}),
    ("On hold", "temporarily closed", False, {"status.form"}),
    ("purple", None, True, {"status.unknown"}),
    (None, None, True, set()),
]


@pytest.mark.parametrize(("text", "expected", "can_refer", "rules"), STATUS)
def test_status(text, expected, can_refer, rules):
    data, found = cleaned(status=text)
    assert data.get("status") == expected
    assert data["can_refer"] is can_refer
    assert found == rules


def test_capacity():
    data, found = cleaned(
        capacities=[{"available": "5.0", "maximum": "20"}, {"available": -1, "maximum": "3"}, {"available": "waitlist"}]
    )
    assert data["capacities"] == [{"available": 5, "maximum": 20}, {"maximum": 3}, {"description": "waitlist"}]
    assert found == {"capacity.form", "capacity.not-a-number"}


def test_unknown_members_do_not_go_on_and_are_told_once():
    data, _ = clean_pair = cleaned(
        name="x", favourite="blue", phones=[{"number": "211", "colour": "red"}, {"number": "988", "colour": "red"}]
    )
    assert data["phones"] == [{"number": "211"}, {"number": "988"}]
    assert "favourite" not in data
    assert clean_pair[1] == {"record.unknown-member"}
    _, findings = clean(Record("service", "1", {"phones": [{"number": "211", "x": 1}, {"number": "988", "x": 2}]}, "f"))
    assert len(findings) == 1


def test_members_that_readers_add_to_hsds_go_on():
    area = {"name": "Delta, BC", "area_type": "city", "city": "Delta", "state_province": "BC"}
    data, found = cleaned(
        "organization",
        name="x",
        service_areas=[area],
        languages=[{"name": "French"}],
        alternate_name="A",
        alternate_names=[{"name": "A"}, {"name": "B"}],
    )
    assert data["service_areas"] == [area]
    assert data["languages"] == [{"name": "French", "code": "fr"}]
    assert data["alternate_name"] == "A; B"
    assert found == set()


def test_names_in_capitals_stay():
    assert cleaned(name="HOUSING AUTHORITY OF THE COUNTY")[0]["name"] == "HOUSING AUTHORITY OF THE COUNTY"


def test_a_clean_record_comes_back_as_it_is():
    data = {
        "id": "S1", "name": "Meals", "description": "Hot meals.\nEvery day.", "url": "https://a.example", "email": "a@b.example",
        "status": "active", "minimum_age": 18, "assured_date": "2024-02-03", "can_refer": True,
        "phones": [{"number": "604-534-1155", "type": "voice", "extension": "12"}],
        "schedules": [{"freq": "WEEKLY", "byday": "MO,TU", "opens_at": "09:00", "closes_at": "17:00"}],
        "languages": [{"name": "French", "code": "fr"}],
    }  # fmt: skip
    record = Record("service", "S1", data, "f")
    assert clean(record) == (record, [])
    assert clean(record)[0] is record


def test_results_can_go_between_processes():
    result = clean(Record("service", "1", {"description": "<p>x</p>"}, "f"))
    assert pickle.loads(pickle.dumps(result)) == result
    assert json.dumps(result[0].data)


SCHEDULES = [
    ({"byday": "Mon", "opens_at": "10", "closes_at": "4:45"}, ("WEEKLY", "MO", "10:00", "16:45")),
    ({"byday": "Mon", "opens_at": "Noon", "closes_at": "8pm"}, ("WEEKLY", "MO", "12:00", "20:00")),
    ({"byday": "Tuesday", "opens_at": "12noon", "closes_at": "4:45pm"}, ("WEEKLY", "TU", "12:00", "16:45")),
    ({"byday": "Mon", "opens_at": "700", "closes_at": "3"}, ("WEEKLY", "MO", "07:00", "15:00")),
    ({"byday": "Mon", "opens_at": "9-5"}, ("WEEKLY", "MO", "09:00", "17:00")),
    ({"byday": "Mon", "opens_at": "8pm", "closes_at": "4:45am"}, ("WEEKLY", "MO", "20:00", "04:45")),
    ({"byday": "Monday", "opens_at": "14:00", "closes_at": "4:00 PM"}, ("WEEKLY", "MO", "14:00", "16:00")),
    ({"byday": "Monday", "opens_at": "9:00am", "closes_at": "5:00pm"}, ("WEEKLY", "MO", "09:00", "17:00")),
    (
        {"byday": ["MO", "WE"], "freq": "weekly", "opens_at": "09:00:00", "closes_at": "17:00:00"},
        ("WEEKLY", "MO,WE", "09:00", "17:00"),
    ),
    ({"byday": "MO", "opens_at": "09:00Z", "closes_at": "17:00Z"}, ("WEEKLY", "MO", "09:00", "17:00")),
    (
        {"byday": "MO", "opens_at": "2025-08-12T13:30:00", "closes_at": "2025-08-12T15:00:00"},
        ("WEEKLY", "MO", "13:30", "15:00"),
    ),
    (
        {"byday": "2MO,4MO", "freq": "MONTHLY", "opens_at": "10:00", "closes_at": "12:00"},
        ("MONTHLY", "2MO,4MO", "10:00", "12:00"),
    ),
    ({"byday": "-1FR", "opens_at": "10:00", "closes_at": "12:00"}, ("MONTHLY", "-1FR", "10:00", "12:00")),
    (
        {"freq": "DAILY", "opens_at": "10:00", "closes_at": "12:00"},
        ("WEEKLY", "MO,TU,WE,TH,FR,SA,SU", "10:00", "12:00"),
    ),
    ({"byday": "MO", "opens_at": "00:00", "closes_at": "00:00"}, ("WEEKLY", "MO", "00:00", "00:00")),
    ({"byday": "MO", "opens_at": "22:00", "closes_at": "06:00"}, ("WEEKLY", "MO", "22:00", "06:00")),
    ({"byday": "lundi", "opens_at": "8h30", "closes_at": "16h30"}, ("WEEKLY", "MO", "08:30", "16:30")),
    ({"byday": "Mon", "opens_at": "8", "closes_at": "1011"}, None),
    ({"byday": "Mon", "opens_at": "7test:00", "closes_at": "5"}, None),
    ({"byday": "Mon", "opens_at": "9am", "closes_at": "03:00"}, None),
    ({"byday": "MO", "opens_at": "09:00", "closes_at": "05:00"}, None),
    ({"byday": "MO", "freq": "MONTHLY", "opens_at": "09:00", "closes_at": "12:00"}, None),
    ({"byday": "MO", "freq": "BIWEEKLY", "opens_at": "09:00", "closes_at": "12:00"}, None),
    ({"byday": "MO", "interval": 2, "opens_at": "09:00", "closes_at": "12:00"}, None),
    ({"byday": "MO", "opens_at": "9", "closes_at": "5", "valid_from": "May", "valid_to": "September 31"}, None),
    ({"byday": "1,2", "opens_at": "9", "closes_at": "5"}, None),
    ({"byday": "MO", "closes_at": "5pm"}, None),
    (
        {"opens_at": "16:00", "closes_at": "17:30", "valid_from": "2025-09-07", "valid_to": "2025-09-07"},
        ("WEEKLY", "SU", "16:00", "17:30"),
    ),
    (
        {"freq": "ONCE", "dtstart": "2025-08-12", "opens_at": "10:00", "closes_at": "12:00"},
        ("WEEKLY", "TU", "10:00", "12:00"),
    ),
    (
        {
            "freq": "WEEKLY",
            "opens_at": "16:00",
            "closes_at": "17:30",
            "valid_from": "2025-08-10",
            "valid_to": "2025-08-31",
        },
        None,
    ),
]


@pytest.mark.parametrize(("given", "expected"), SCHEDULES)
def test_schedules_with_members(given, expected):
    data, found = cleaned(schedules=[given])
    (schedule,) = data["schedules"]
    if expected is None:
        assert set(schedule) == {"description"}
        assert found == {"hours.not-parsed"}
        for value in given.values():
            assert str(value) in schedule["description"] or isinstance(value, list)
    else:
        assert tuple(schedule.get(key) for key in ("freq", "byday", "opens_at", "closes_at")) == expected


def test_a_closed_day_and_an_empty_week_are_no_schedules():
    data, found = cleaned(
        name="x",
        schedules=[{"byday": "SU", "opens_at": "Closed"}, {"description": "Mon; Tue; Wed; Thu; Fri; Sat; Sun;"}],
    )
    assert "schedules" not in data
    assert found == {"hours.closed", "hours.empty"}


def test_hours_in_words_keep_their_words_and_their_notes():
    data, found = cleaned(schedules=[{"id": "a", "description": "Mon-Thu 9-5, Fri 9-3; by appointment"}])
    first, second = data["schedules"]
    assert first["description"] == "Mon-Thu 9-5, Fri 9-3; by appointment"
    assert (first["byday"], first["closes_at"], first["notes"]) == ("MO,TU,WE,TH", "17:00", "by appointment")
    assert (second["byday"], second["closes_at"]) == ("FR", "15:00")
    assert "description" not in second
    assert found == {"hours.parsed"}


def test_marks_of_an_export_become_hours():
    text = "###MON###9:00am-5:00pm###TUE###9:00am-5:00pm"
    data, _ = cleaned(schedules=[{"description": text}])
    assert [(s["byday"], s["opens_at"], s["closes_at"]) for s in data["schedules"]] == [("MO,TU", "09:00", "17:00")]


def test_a_season_with_dates_is_kept():
    data, _ = cleaned(schedules=[{"description": "Mon-Fri 9-5", "valid_from": "2026-05-01", "valid_to": "2026-09-30"}])
    (schedule,) = data["schedules"]
    assert (schedule["byday"], schedule["valid_from"], schedule["valid_to"]) == (
        "MO,TU,WE,TH,FR",
        "2026-05-01",
        "2026-09-30",
    )


def term(code, **more):
    return {"taxonomy_term": {"code": code, **more}}


@pytest.mark.parametrize(
    ("attribute", "expected", "rule"),
    [
        (
            term("BD-1800.2000; lh-6300.8020", name="Pantries; Prescribing"),
            [term("BD-1800.2000", name="Pantries"), term("LH-6300.8020", name="Prescribing")],
            "code.several",
        ),
        (term("BD-5000.1500 * YB-8000"), [{**term("BD-5000.1500"), "linked": ["YB-8000"]}], "code.several"),
        ({"label": "BH-1800.8500", "value": "Shelter"}, [term("BH-1800.8500", name="Shelter")], "code.elsewhere"),
        ({"value": "BD-1800.2000-620"}, [term("BD-1800.2000-620")], "code.elsewhere"),
        ({"taxonomy_term": {"id": "BD-1800", "name": "Food"}}, [term("BD-1800", id="BD-1800", name="Food")], "code.elsewhere"),
        ({"label": "P", "value": "B"}, [{"label": "P", "value": "B"}], None),  # letters alone are no code
        (term("Food Pantries (BD-1800.2000)"), [term("BD-1800.2000", name="Food Pantries")], "code.form"),
        (term("BD–1800.2000 - Pantries"), [term("BD-1800.2000", name="Pantries")], "code.form"),
        (term("BD–1800.2000"), [term("BD-1800.2000")], "code.form"),
        (term("BD 1800.2000"), [term("BD-1800.2000")], "code.form"),
        (term("AB 1234"), [{"taxonomy_term": {"name": "AB 1234"}}], "code.words"),
        (term("Food; BD-1800"), [{"taxonomy_term": {"name": "Food; BD-1800"}}], "code.words"),
    ],
)  # fmt: skip
def test_codes_of_211_are_read_where_others_put_them(attribute, expected, rule):
    record, findings = clean(Record("service", "R1", {"attributes": [attribute]}, "f", 1))
    assert record.data["attributes"] == expected
    assert [one.rule for one in findings] == ([rule] if rule else [])


def test_what_is_said_of_another_name_stays_with_it():
    names = [{"name": "HC", "description": "former name"}, {"name": "The Hub"}]
    record, _ = clean(Record("service", "R1", {"alternate_name": "HC; The Hub", "alternate_names": names}, "f", 1))
    assert record.data["alternate_name"] == "The Hub; HC (former name)"


def test_a_canadian_number_without_an_area_code():
    record, _ = clean(Record("service", "R1", {"phones": [{"number": "310 2222"}]}, "f", 1), country="CA")
    assert record.data["phones"] == [{"number": "310-2222"}]


@pytest.mark.parametrize(
    ("given", "cleaned", "rule"),
    [
        ({"city": "ON", "state_province": "Sudbury"}, {"city": "Sudbury", "state_province": "ON"}, "place.swapped"),
        (
            {"address_1": "P3E 5J1", "postal_code": "7 Oak Street"},
            {"address_1": "7 Oak Street", "postal_code": "P3E 5J1"},
            "place.swapped",
        ),
        ({"postal_code": "P3E 5JI"}, {"postal_code": "P3E 5J1"}, "place.postal-code"),
        ({"postal_code": "pom-2RO"}, {"postal_code": "P0M 2R0"}, "place.postal-code"),
    ],
)
def test_swapped_columns_and_letters_for_digits_of_an_address(given, cleaned, rule):
    address = {"address_1": "7 Oak Street", "city": "Sudbury", "state_province": "ON", "postal_code": "P3E 5J1"}
    source = Record("location", "1", {"addresses": [{**address, **given}]}, "f", 1)
    found = prepare(source, country="CA")
    assert found.record.data["addresses"] == [{**address, **cleaned}]
    assert [finding.rule for finding in found.findings] == [rule]
