"""iCarol's JSON: every sample, each quirk of it, privacy, and files that are not as they should be."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.directory_sources import MemoryFile, everything, files, read, sorted_out

from footbridge.directory.errors import DirectoryError
from footbridge.directory.readers import ReadOptions, json_items
from footbridge.directory.readers.icarol_json import ICarolReader

READER = ICarolReader()
CANARY = "4 Secret Lane"
KINDS = ("organization", "location", "service", "service_at_location")
COUNTS = {
    "agencies.json": (2, 2, 0, 0), "agencies-missing.json": (2, 2, 0, 0), "sites.json": (0, 3, 0, 3),
    "programs.json": (2, 0, 4, 4), "programs-missing.json": (2, 0, 4, 4), "serviceSites.json": (0, 0, 0, 4),
    "complete.json": (1, 2, 1, 1), "minimal.json": (1, 2, 1, 1), "invalid_fields.json": (1, 2, 1, 1), "ids.json": (0, 0, 0, 0),
}  # fmt: skip


@pytest.fixture(scope="module")
def samples(test_data):
    return test_data / "samples" / "hsds" / "icarol-json-servicenet"


def text_file(content, name="a.json"):
    return MemoryFile(name, content if isinstance(content, bytes) else content.encode())


def read_objects(*objects):
    return read(READER, text_file(json.dumps(list(objects))))


def record(kind, native, **members):
    return {
        "id": native,
        "type": kind,
        "databaseID": 1,
        "names": [{"value": f"{kind} {native}", "purpose": "Primary"}],
        **members,
    }


def related(**ids):
    return [{"id": native, "type": kind} for kind, native in ids.items()]


@pytest.mark.parametrize("name", COUNTS)
def test_every_sample(samples, name):
    assert READER.recognises(files(samples / name))
    found = read(READER, samples / name)
    assert tuple(len(found.of(kind)) for kind in KINDS) == COUNTS[name]
    assert "icarol.unknown-member" not in found.rules()


def test_all_samples_together_link_each_pair_once(samples):
    """Programs, sites and their links in files of their own."""
    names = ["agencies.json", "programs.json", "sites.json", "serviceSites.json"]
    found = read(READER, *(samples / name for name in names))
    pairs = [(row.data["service_id"], row.data["location_id"]) for row in found.of("service_at_location").values()]
    assert len(pairs) == len(set(pairs))
    assert {("3", "11"), ("5", "13"), ("6", "13"), ("4", "38903234")} <= set(pairs)


def test_fields_of_a_program(samples):
    raw = next(one for one in json.loads((samples / "complete.json").read_text()) if one["type"] == "Program")
    data = read(READER, samples / "complete.json").only("service")
    assert data["name"] == raw["names"][0]["value"]
    assert data["description"] == raw["descriptionText"]
    assert data["organization_id"] == "1"
    assert [row["number"] for row in data["phones"]] == [
        one["contact"]["number"] for one in raw["contactDetails"] if one["contact"]["type"] == "PhoneNumber"
    ]
    assert [(row["byday"], row["opens_at"], row["closes_at"]) for row in data["schedules"]] == [
        (one["dayOfWeek"][:2].upper(), one["opens"].strip(), one["closes"].strip()) for one in raw["hours"]["days"]
    ]
    assert all(row["description"] == raw["hours"]["note"] for row in data["schedules"])
    codes = [row["taxonomy_term"]["code"] for row in data["attributes"] if "taxonomy_term" in row]
    assert codes == raw["taxonomy"]
    assert [row["city"] for row in data["service_areas"] if "city" in row] == [one["city"] for one in raw["coverage"]]
    assert data["service_areas"][-1] == {"description": raw["coverageNote"]}
    assert [row["name"] for row in data["languages"]] == raw["languagesOffered"].split("; ")
    assert data["fees_description"] == raw["fees"]
    assert data["application_process"] == raw["applicationProcess"]
    assert data["eligibility_description"] == raw["eligibility"]
    assert data["assured_date"] == raw["lastVerifiedOn"][:10]
    assert data["last_modified"] == raw["modified"]
    assert data["accessibility"] == [{"description": raw["accessibility"]["disabled"]}]
    assert data["notes"] == [{"text": raw["notes"]["editors"], "withheld": "internal"}]
    assert raw["notes"]["editors"] not in everything(data)
    labels = [row["label"] for row in data["attributes"] if row.get("label", "").startswith("Transport")]
    assert labels == [one["label"] for one in raw["customFields"]]


def test_never_verified_and_no_county(samples):
    found = read(READER, samples / "complete.json")
    link = found.only("service_at_location")
    assert "assured_date" not in link
    assert "last_modified" not in link
    assert "1900" not in str(link)
    sites = read(READER, samples / "sites.json")
    assert "'-1'" not in str(sites.records)
    assert sites.found("icarol.filler") == ["county: -1: 3"]


def test_a_site_whose_address_is_confidential(samples):
    data = read(READER, samples / "sites.json").data("location", "12")
    assert data["addresses"][0] == {"address_type": "physical", "withheld": "confidential"}
    assert "transportation" not in data
    assert data["whereabouts"][0]["withheld"] == "confidential"


DETAILS = {
    "phone": {"type": "PhoneNumber", "number": CANARY},
    "place": {"type": "PhysicalLocation", "line1": CANARY, "latitude": CANARY, "longitude": CANARY},
    "mail": {"type": "PostalAddress", "purpose": "Mailing", "line1": CANARY},
    "person": {"type": "Person", "name": {"displayName": CANARY}, "titles": [CANARY], "contactMethods": [{"type": "EmailAddress", "address": CANARY}]},
    "site": {"type": "Website", "url": CANARY},
    "e-mail": {"type": "EmailAddress", "address": CANARY},
}  # fmt: skip


@pytest.mark.parametrize("detail", DETAILS)
@pytest.mark.parametrize("kind", ["Agency", "Site", "Program"])
@pytest.mark.parametrize(
    ("mark", "is_shown"),
    [(True, False), ("true", False), ("unsure", False), (1, False), (False, True), ("false", True), (None, True)],
)
def test_confidential_details(detail, kind, mark, is_shown):
    found = read_objects(record(kind, 1, contactDetails=[{"contact": DETAILS[detail], "isConfidential": mark}]))
    assert (CANARY in str([everything(one.data) for one in found.records])) is is_shown
    assert CANARY in str([one.data for one in found.records])


def test_a_confidential_record():
    (one,) = read_objects(record("Program", 1, isConfidential=True, description=CANARY)).records
    assert one.data["withheld"] == "confidential"
    assert everything(one.data) == ""


def test_the_address_of_a_confidential_program_is_confidential_too():
    found = read_objects(record("Program", 1, isConfidential=True, contactDetails=[{"contact": DETAILS["place"]}]))
    assert [one.data.get("withheld") for one in found.records if one.kind == "location"] == ["confidential"]
    assert CANARY not in str([everything(one.data) for one in found.records])


def test_custom_fields_for_staff():
    fields = [{"label": "Internal comment", "valueText": CANARY}, {"label": "Parking", "valueText": "yes"}]
    (one,) = read_objects(record("Program", 1, customFields=fields)).records
    assert CANARY not in everything(one.data)
    assert "yes" in everything(one.data)


@pytest.mark.parametrize(
    ("members", "restrictions", "status"),
    [
        ({"status": "Active, but do not refer"}, ["no-referral"], "active"),
        ({"status": "Deleted"}, ["deleted"], "Deleted"),
        ({"status": "Inactive"}, None, "inactive"),
        ({"availableForReferral": False}, ["no-referral"], None),
        ({"availableForReferral": "perhaps"}, ["no-referral"], None),
        ({"excludeFromWebsite": True}, ["exclude-website"], None),
        ({"excludeFromWebsite": False, "availableForReferral": True}, None, None),
    ],
)
def test_restrictions(members, restrictions, status):
    (one,) = read_objects(record("Program", 1, **members)).records
    assert one.data.get("restrictions") == restrictions
    assert one.data.get("status") == status


def test_links():
    """A link record, the same again, one that only the program names, one that names no site."""
    found = read_objects(
        record("Program", 1, related=related(Agency=9, Site=5)),
        record("Site", 5, related=related(Agency=9)),
        {**record("ProgramAtSite", 7, related=related(Program=1, Site=6, Agency=9)), "names": []},
        record("ServiceSite", 8, related=related(Program=1, Site=6)),
        record("ProgramAtSite", 10, related=related(Program=1)),
    )
    links = {
        key: (one.data["service_id"], one.data["location_id"]) for key, one in found.of("service_at_location").items()
    }
    assert links == {"7": ("1", "6"), "1@5": ("1", "5")}
    assert found.found("icarol.repeated-link") == ["1@6"]
    assert "icarol.loose-link" in found.rules()
    assert found.data("service", "1")["organization_id"] == "9"


def test_one_id_in_two_languages():
    french = record("Program", 1, cultureCode="fr-CA", description="Repas chauds", eligibility="Tout le monde")
    found = read_objects(
        record("Program", 1, cultureCode="en-CA", description="Hot meals"),
        {**french, "names": [{"value": "Popote", "purpose": "Primary"}]},
        record("Program", 1, cultureCode="en-CA"),
        record("Program", 1, cultureCode="fr-CA", isConfidential=True, description=CANARY),
        record("Program", 2, cultureCode="de"),
    )
    data = found.data("service", "1")
    assert data["description"] == "Hot meals"
    translation = {"name": "Popote", "description": "Repas chauds", "eligibility_description": "Tout le monde"}
    assert data["translations"] == [{"language": "fr", **translation}]
    assert sorted(found.rules()) == ["icarol.other-language", "icarol.repeated", "icarol.translation"]
    assert CANARY not in str(found.records)


def test_an_agency_with_codes_and_no_program_is_a_service_at_its_own_address():
    place = {"contact": {"type": "PhysicalLocation", "line1": "1 Oak"}, "isConfidential": False}
    found = read_objects(
        record("Agency", 1, taxonomy=["BD-1800"], contactDetails=[place], status="Active", website="x"),
        record("Agency", 2, taxonomy=["BD-1800"]),
        record("Program", 3, related=[{"type": "Agency", "id": 2}]),
    )
    assert {one.native_id for one in found.records if one.kind == "service"} == {"agency-1", "3"}
    assert found.data("service", "agency-1")["organization_id"] == "1"
    assert found.data("location", "agency-1")["addresses"][0]["address_1"] == "1 Oak"
    assert found.data("service_at_location", "agency-1@agency-1")
    assert "icarol.agency-service" in found.rules()


def test_a_program_at_no_site_is_at_the_address_of_its_agency():
    place = {"contact": {"type": "PhysicalLocation", "line1": "1 Oak"}, "isConfidential": False}
    agency = {"related": [{"type": "Agency", "id": 1}]}
    at_site = {"related": [*agency["related"], {"type": "Site", "id": 5}]}
    found = read_objects(
        record("Agency", 1, contactDetails=[place]),
        record("Program", 3, **agency),
        record("Program", 4, **at_site),
        record("Site", 5, **agency),
    )
    links = {one.native_id for one in found.records if one.kind == "service_at_location"}
    assert links == {"3@agency-1", "4@5"}


def test_a_link_that_is_closed_or_leads_nowhere():
    def link(native, site, **members):
        related = [{"type": "Program", "id": 3}, {"type": "Site", "id": site}]
        return record("ProgramAtSite", native, related=related, lastVerifiedOn="2026-05-22T07:00:00Z", **members)

    found = read_objects(
        record("Program", 3), record("Site", 5), link(7, 5, status="Inactive"), link(8, 99, status="Active")
    )
    assert found.data("service_at_location", "7")["restrictions"] == ["exclude-directory"]
    assert set(found.data("service_at_location", "8")) == {"name", "service_id", "location_id"}
    assert [one.found for one in found.findings if one.rule == "icarol.orphan"] == ["99"]


def test_the_way_to_a_confidential_program_is_confidential():
    place = {"contact": {"type": "PhysicalLocation", "line1": "1 Oak"}, "isConfidential": True}
    found = read_objects(record("Program", 3, contactDetails=[place], accessibility={"public": CANARY}))
    assert CANARY not in str([everything(one.data) for one in found.records])


def test_names():
    names = [
        {"value": "Old", "purpose": "Alternate"},
        {"value": "Now", "purpose": "Primary"},
        {"value": CANARY, "purpose": "Alternate", "isConfidential": True},
    ]
    (one,) = read_objects({**record("Agency", 1), "names": names}).records
    assert one.data["name"] == "Now"
    assert one.data["alternate_name"] == "Old"
    assert CANARY not in everything(one.data)


def test_a_name_for_those_who_keep_the_records_is_not_shown():
    names = [{"value": "Canary shelf", "purpose": "Internal"}, {"value": "Food shelf", "purpose": "Alternate"}]
    found = read_objects(record("Program", 1, names=names)).data("service", "1")
    assert found["name"] == "Food shelf"
    assert "alternate_name" not in found
    assert found["alternate_names"] == [{"name": "Canary shelf", "description": "Internal", "withheld": "internal"}]


def test_words_are_no_codes():
    found = read_objects(
        record("Program", 1, taxonomy=["Food", "BD-1800 * YB-8000", {"code": "LR-1700", "name": "Early"}])
    )
    rows = found.only("service")["attributes"]
    assert rows[0]["taxonomy_term"] == {"name": "Food"}
    assert (rows[1]["taxonomy_term"]["code"], rows[1]["linked"]) == ("BD-1800", ["YB-8000"])
    assert rows[2]["taxonomy_term"]["name"] == "Early"
    assert found.found("icarol.words-as-code") == ["Food"]


def test_odd_types_everywhere():
    odd = [None, 5, "x", True, [], {}, [1, "a", None, {}], {"a": [1]}]
    members = [
        "names",
        "contactDetails",
        "related",
        "hours",
        "taxonomy",
        "coverage",
        "notes",
        "customFields",
        "description",
        "accessibility",
        "status",
        "languagesOffered",
        "fees",
        "fein",
    ]
    for member in members:
        for value in odd:
            read_objects({**record("Program", 1, related=related(Agency=1)), member: value})
            if isinstance(value, dict | list):
                continue
            read_objects(record("Site", 1, contactDetails=[{"contact": value}], hours={"days": value, "note": value}))


# Forms of files


def lines(*objects):
    return "\n".join(json.dumps(one) for one in objects) + "\n"


FORMS = {
    "array": lambda *o: json.dumps(o), "indented": lambda *o: json.dumps(o, indent=2), "lines": lines,
    "crlf": lambda *o: lines(*o).replace("\n", "\r\n"), "sequence": lambda *o: "".join(f"\x1e{json.dumps(x)}\n" for x in o),
    "envelope": lambda *o: json.dumps({"count": len(o), "data": o}), "side by side": lambda *o: "".join(json.dumps(x) for x in o),
    "pretty one after the other": lambda *o: "\n".join(json.dumps(x, indent=1) for x in o),
}  # fmt: skip
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16"]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_forms(form, encoding):
    content = FORMS[form](record("Agency", 1), record("Site", 2), record("Program", 3, description="été")).encode(
        encoding
    )
    file = text_file(content)
    assert READER.recognises([file])
    assert [one.native_id for one in read(READER, file).records] == ["1", "2", "3"]


def test_one_object():
    assert len(read(READER, text_file(json.dumps(record("Agency", 1)))).records) == 1


@settings(max_examples=60)
@given(st.integers(1, 80), st.sampled_from(sorted(FORMS)))
def test_where_a_piece_ends_does_not_matter(size, form):
    content = FORMS[form](*(record("Agency", n, description='é\\"' * n) for n in range(4))).encode()

    class Stream:
        def __init__(self):
            self.left = content

        def read(self, _n):
            piece, self.left = self.left[:size], self.left[size:]
            return piece

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

    class Cut(MemoryFile):
        def open(self):
            return Stream()

    assert list(json_items.items(Cut("a", content))) == list(json_items.items(MemoryFile("a", content)))


def test_lines_are_counted():
    found = list(json_items.items(text_file(json.dumps([{"a": 1}, {"b": 2}], indent=1))))
    assert found == [({"a": 1}, 2), ({"b": 2}, 5)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('[{"id": 1}', "cut off after line 1"), ('[{"id": 1},\n', "cut off after line 2"), ('[\n{"id": ', "cut off"), ("", "empty"), ("[", "cut off"),
        ('[{"id": 1},\n {"id" 2}]', "line 2, column"), ('[{"id": 1}] x', "after the end"), ("nonsense", "not valid JSON"),
        ('{"a": 1}\n{"b": ', "cut off"), ("[" * 100_000, "nested too deeply"), ('[{"a": ' + "[" * 100_000, "nested too deeply"),
    ],
)  # fmt: skip
def test_broken_files(content, words):
    with pytest.raises(DirectoryError, match=words):
        list(json_items.items(text_file(content)))


@pytest.mark.parametrize(("encoding", "said"), [("cp1252", "windows-1252"), ("utf-16", None), ("utf-8-sig", None)])
def test_encodings(encoding, said):
    raw = json.dumps([record("Program", 1, description="Épicerie « été »")], ensure_ascii=False).encode(encoding)
    found = read(READER, text_file(raw))
    assert found.data("service", "1")["description"] == "Épicerie « été »"
    assert [one.done for one in found.findings if one.rule == "text.encoding"] == ([said] if said else [])


def test_an_object_without_bounds():
    with pytest.raises(DirectoryError, match="more than"):
        list(json_items.items(text_file('[{"a": "' + "x" * (json_items.LARGEST + 100_000))))


def test_others_are_not_recognised(test_data):
    for content in (
        "[]",
        "{}",
        '[{"type": "FeatureCollection"}]',
        '{"resourceType": "Bundle", "type": "Agency"}',
        "<xml/>",
        '[{"id": "1", "name": "HSDS"}]',
    ):
        assert not READER.recognises(files(MemoryFile("a.json", content.encode())))
    assert not READER.recognises(files(test_data / "samples/hsds/oruk-mocks/V3.0-UK-Default/service_list.json"))


@settings(max_examples=80)
@given(st.data())
def test_a_mutated_sample_gives_records_or_an_error(test_data, data):
    content = (test_data / "samples/hsds/icarol-json-servicenet/complete.json").read_text()
    objects = json.loads(content)
    for _ in range(data.draw(st.integers(1, 5))):
        change(objects, data)
    try:
        found = sorted_out(READER.read([text_file(json.dumps(objects))], ReadOptions()))
    except DirectoryError:
        return
    assert all(isinstance(one.native_id, str) for one in found.records)


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(max_size=5),
    st.builds(list),
    st.builds(dict),
    st.builds(lambda: [{"id": 1}]),
)


def change(tree, data):
    """Drop, double or replace something somewhere."""
    while isinstance(tree, dict | list) and tree:
        keys = sorted(tree) if isinstance(tree, dict) else list(range(len(tree)))
        key = data.draw(st.sampled_from(keys))
        if isinstance(tree[key], dict | list) and tree[key] and data.draw(st.booleans()):
            tree = tree[key]
            continue
        kind = data.draw(st.sampled_from(["drop", "replace", "double"]))
        if kind == "drop":
            del tree[key]
        elif kind == "double" and isinstance(tree, list):
            tree.append(tree[key])
        else:
            tree[key] = data.draw(VALUES)
        return


def test_what_stands_inside_a_record_where_nothing_reads_it_is_told():
    program = record(
        "Program", 3, coverage="Ottawa; Gatineau", taxonomy=[{"taxonomyCode": "BD-1800", "level": "2"}],
        contactDetails=[{"contact": {"type": "EmailAddress", "email": "a@b.example", "pager": "1"}}],
        hours={"days": [{"dayOfWeek": "Mon", "opens": "9", "closes": "5", "season": "summer"}]},
        customFields=[{"label": "Lift", "value": "yes"}],
    )  # fmt: skip
    found = read_objects(program)
    data = found.only("service")
    assert (data["email"], [area["name"] for area in data["service_areas"]]) == ("a@b.example", ["Ottawa", "Gatineau"])
    assert data["attributes"][0]["taxonomy_term"]["code"] == "BD-1800"
    assert data["attributes"][1] == {"label": "Lift", "value": "yes"}
    told = [one.found for one in found.findings if one.rule == "icarol.unknown-member"]
    assert sorted(told) == ["contact.pager: 1", "days.season: 1", "taxonomy.level: 1"]
