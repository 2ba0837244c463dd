"""The user's own terminology: what is taken, what is refused and how it is said, and that it then serves."""

import gzip
import io
import json
import tarfile

import pytest

from footbridge.errors import ConfigurationError
from footbridge.terminology import (
    SNOMED,
    TAXONOMY_211,
    Loaded,
    expand,
    list_loaded,
    load_file,
    lookup,
    open_store,
    sdohcc_system,
    translate,
    user_files,
    validate_code,
)

CODE_SYSTEM = {
    "resourceType": "CodeSystem",
    "url": "http://clinic.invalid/cs",
    "version": "1",
    "content": "complete",
    "text": {"status": "generated", "div": "<div/>"},
    "concept": [{"code": "a", "display": "A", "concept": [{"code": "b", "display": "B"}]}],
}
INNER = {
    "resourceType": "ValueSet",
    "url": "http://clinic.invalid/vs/inner",
    "compose": {"include": [{"system": "http://clinic.invalid/cs", "concept": [{"code": "b"}]}]},
}
OUTER = {
    "resourceType": "ValueSet",
    "url": "http://clinic.invalid/vs/outer",
    "compose": {"include": [{"valueSet": ["http://clinic.invalid/vs/inner"]}, {"system": SNOMED}]},
}
MAP = {
    "resourceType": "ConceptMap",
    "url": "http://clinic.invalid/map",
    "group": [
        {
            "source": TAXONOMY_211,
            "target": sdohcc_system(),
            "element": [
                {"code": "BT-8300", "target": [{"code": "financial-insecurity", "equivalence": "wider"}]},
                {"code": "BD", "target": [{"equivalence": "unmatched"}]},
            ],
        }
    ],
}


@pytest.fixture
def store(tmp_path):
    return tmp_path / "store"


@pytest.fixture
def write(tmp_path):
    def put(content, name="mine.json"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return path

    return put


def package(files, path, **extra):
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            member = tarfile.TarInfo(name)
            member.size = len(body)
            tar.addfile(member, io.BytesIO(body))
        for name, target in extra.get("links", {}).items():
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            tar.addfile(member)
    return path


def test_a_bundle_is_taken_and_listed(write, store):
    bundle = {"resourceType": "Bundle", "entry": [{"resource": r} for r in (CODE_SYSTEM, INNER, MAP)]}
    bundle["entry"].append({"resource": {"resourceType": "OperationOutcome"}})

    taken = load_file(write(bundle), store)

    assert [(r.kind, r.count, r.source) for r in taken] == [
        ("CodeSystem", 2, "mine.json"),
        ("ValueSet", 1, "mine.json"),
        ("ConceptMap", 2, "mine.json"),
    ]
    assert {r.url for r in list_loaded(store)} == {r.url for r in taken}


def test_a_package_is_read_without_being_unpacked(tmp_path, store):
    files = {
        "package/package.json": {"name": "x"},
        "package/ValueSet-inner.json": INNER,
        "package/example/ValueSet-outer.json": OUTER,
        "../ValueSet-evil.json": OUTER,
        "/package/ValueSet-evil.json": OUTER,
        "package/Patient-x.json": {"resourceType": "Patient"},
        "package/ValueSet-nameless.json": {"resourceType": "ValueSet"},
    }
    path = package(files, tmp_path / "x.tgz", links={"package/ValueSet-link.json": "/etc/passwd"})

    assert [r.url for r in load_file(path, store)] == [INNER["url"]]
    assert [p.name for p in store.iterdir()] == ["000001-x.json"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe{}", "not UTF-8"),
        (b"{", "not JSON"),
        (b"[" * 200_000, "nested too deeply"),
        (b"", "not JSON"),
        ([], "no resourceType"),
        ({"resourceType": "Patient"}, "resourceType is Patient"),
        ({"resourceType": "Bundle"}, "has no ValueSet"),
        ({"resourceType": "Bundle", "entry": {}}, "entry is not a list"),
        ({"resourceType": "ValueSet"}, "has no url"),
        (CODE_SYSTEM | {"version": 1}, "version is not text"),
        (CODE_SYSTEM | {"concept": [{"display": "x"}]}, "has no code"),
        (CODE_SYSTEM | {"concept": ["x"]}, "not an object"),
        (INNER | {"compose": []}, "compose is not an object"),
        (INNER | {"compose": {"include": [{"valueSet": [1]}]}}, "canonical"),
        (INNER | {"expansion": {"contains": [{}]}}, "has no code"),
        (MAP | {"group": [1]}, "not an object"),
        (b"\x1f\x8bgarbage", "not a valid FHIR package"),
    ],
)
def test_a_bad_file_is_refused_in_one_line_and_leaves_nothing(write, store, content, said):
    path = write(content)

    with pytest.raises(ConfigurationError) as caught:
        load_file(path, store)

    assert said in str(caught.value)
    assert "mine.json" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert list_loaded(store) == []


def test_one_bad_resource_refuses_the_file(write, store):
    bundle = {"resourceType": "Bundle", "entry": [{"resource": INNER}, {"resource": {"resourceType": "ValueSet"}}]}

    with pytest.raises(ConfigurationError, match=r"entry\[1\]"):
        load_file(write(bundle), store)
    assert list_loaded(store) == []


def test_a_missing_file_a_folder_and_a_cut_package_are_told(tmp_path, store):
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_file(tmp_path / "none.json", store)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_file(tmp_path, store)
    whole = package({"package/ValueSet-inner.json": INNER}, tmp_path / "x.tgz").read_bytes()
    (tmp_path / "cut.tgz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ConfigurationError, match="not a valid FHIR package"):
        load_file(tmp_path / "cut.tgz", store)


def test_too_much_is_refused(tmp_path, store, write, monkeypatch):
    monkeypatch.setattr(user_files, "MAX_UNPACKED_BYTES", 100)
    path = package({"package/ValueSet-inner.json": b" " * 1000}, tmp_path / "big.tgz")
    with pytest.raises(ConfigurationError, match="unpacks to more than"):
        load_file(path, store)
    monkeypatch.setattr(user_files, "MAX_FILE_BYTES", 10)
    with pytest.raises(ConfigurationError, match="is larger than"):
        load_file(write(INNER), store)


def test_gzipped_json_is_no_package(write, store):
    with pytest.raises(ConfigurationError, match="not a valid FHIR package"):
        load_file(write(gzip.compress(json.dumps(INNER).encode())), store)


def test_loading_a_file_again_takes_its_place(write, store):
    load_file(write(CODE_SYSTEM), store)
    load_file(write(INNER), store)

    assert [r.kind for r in list_loaded(store)] == ["ValueSet"]


def test_of_two_with_one_canonical_the_later_counts(write, store):
    load_file(write(CODE_SYSTEM, "one.json"), store)
    load_file(write(CODE_SYSTEM | {"concept": [{"code": "z"}]}, "two.json"), store)

    (entry,) = list_loaded(store)
    assert (entry.source, entry.count) == ("two.json", 1)
    assert open_store(store).has_code(CODE_SYSTEM["url"], "a") is False


def test_a_damaged_store_says_how_to_mend_it(write, store):
    load_file(write(INNER), store)
    next(store.iterdir()).write_text("{")

    with pytest.raises(ConfigurationError, match="delete it"):
        list_loaded(store)


def test_what_is_loaded_answers(write, store):
    bundle = {"resourceType": "Bundle", "entry": [{"resource": r} for r in (CODE_SYSTEM, INNER, OUTER, MAP)]}
    load_file(write(bundle), store)
    loaded = open_store(store)

    assert lookup(CODE_SYSTEM["url"], "b", loaded=loaded).display == "B"
    assert lookup(CODE_SYSTEM["url"], "c", loaded=loaded) is None
    assert validate_code(OUTER["url"], CODE_SYSTEM["url"], "b", loaded=loaded).result is True
    assert validate_code(OUTER["url"], CODE_SYSTEM["url"], "a", loaded=loaded).result is False
    assert validate_code(OUTER["url"], SNOMED, "733423003", loaded=loaded).result is True
    assert expand(INNER["url"], loaded=loaded).complete
    assert not expand(OUTER["url"], loaded=loaded).complete
    (target,) = translate(TAXONOMY_211, "BT-8300", target=sdohcc_system(), loaded=loaded)
    assert (target.code, target.equivalence, target.map_url) == ("financial-insecurity", "wider", MAP["url"])


def test_the_shipped_tables_answer_alone():
    oid = "2.16.840.1.113762.1.4.1247.17"

    assert validate_code(oid, SNOMED, "733423003").result is True
    assert validate_code(oid, SNOMED, "32911000").result is None
    assert {"system": SNOMED, "code": "733423003", "display": "Food insecurity (finding)"} in expand(oid).codings
    assert not expand(oid).complete
    assert expand(sdohcc_system()).complete
    assert expand("http://nowhere.invalid/vs") is None
    assert lookup(sdohcc_system(), "make-contact").display == "Make Contact"
    assert [t.code for t in translate(TAXONOMY_211, "BT-8300", target=sdohcc_system())] == ["transportation-insecurity"]


def test_membership_is_not_known_where_it_cannot_be():
    cs = CODE_SYSTEM["url"]
    cut = {"url": "urn:x:cut", "expansion": {"total": 9, "contains": [{"system": cs, "code": "a"}]}}
    filtered = {"url": "urn:x:filtered", "compose": {"include": [{"system": cs, "filter": [{"op": "is-a"}]}]}}
    absent = {"url": "urn:x:absent", "compose": {"include": [{"valueSet": ["urn:x:none"]}]}}
    itself = {"url": "urn:x:self", "compose": {"include": [{"valueSet": ["urn:x:self"]}]}}
    without = {
        "url": "urn:x:without",
        "compose": {"include": [{"system": cs}], "exclude": [{"system": cs, "concept": [{"code": "a"}]}]},
    }
    sets = [{"resourceType": "ValueSet"} | r for r in (cut, filtered, absent, itself, without)]
    loaded = Loaded.of([CODE_SYSTEM, *sets])

    assert loaded.member("urn:x:cut", cs, "a") is True
    assert loaded.member("urn:x:cut", cs, "b") is None
    assert loaded.member("urn:x:filtered", cs, "a") is None
    assert loaded.member("urn:x:absent", cs, "a") is None
    assert loaded.member("urn:x:self", cs, "a") is None
    assert loaded.member("urn:x:without", cs, "a") is False
    assert loaded.member("urn:x:without", cs, "b") is True
    assert [item["code"] for item in loaded.codes("urn:x:without")[0]] == ["b"]
    assert loaded.member("urn:x:none", cs, "a") is None


def test_a_nested_expansion_is_read_whole_and_headings_are_no_codes():
    inner = [{"system": "urn:x:cs", "code": "b"}]
    top = {"abstract": True, "system": "urn:x:cs", "code": "group", "contains": inner}
    resource = {"resourceType": "ValueSet", "url": "urn:x:vs", "expansion": {"contains": [top]}}

    assert Loaded.of([resource]).member("urn:x:vs", "urn:x:cs", "b") is True
    assert Loaded.of([resource]).member("urn:x:vs", "urn:x:cs", "group") is False


def test_an_oid_names_a_value_set_in_any_spelling():
    resource = INNER | {"identifier": [{"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.3"}], "version": "5"}
    loaded = Loaded.of([resource])

    for name in ("1.2.3", "urn:oid:1.2.3", INNER["url"], f"{INNER['url']}|5"):
        assert loaded.value_set(name) is resource
    assert loaded.value_set(f"{INNER['url']}|4") is None
