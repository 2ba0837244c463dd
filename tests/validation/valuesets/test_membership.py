import pytest

from footbridge.validation.definitions.registry import Registry
from footbridge.validation.packages import LoosePackage
from footbridge.validation.valuesets import Terminology, Why

SPECIES = {
    "resourceType": "CodeSystem",
    "url": "urn:cs:species",
    "content": "complete",
    "property": [{"code": "tame", "type": "boolean"}, {"code": "legs", "type": "integer"}],
    "concept": [
        {
            "code": "animal",
            "display": "Animal",
            "concept": [
                {
                    "code": "dog",
                    "display": "Dog",
                    "property": [{"code": "tame", "valueBoolean": True}, {"code": "legs", "valueInteger": 4}],
                },
                {"code": "bird", "display": "Bird", "property": [{"code": "legs", "valueInteger": 2}]},
                {
                    "code": "wolf",
                    "display": "Wolf",
                    "property": [{"code": "tame", "valueBoolean": False}, {"code": "legs", "valueInteger": 4}],
                },
            ],
        },
        {
            "code": "puppy",
            "display": "Puppy",
            "property": [{"code": "parent", "valueCode": "dog"}, {"code": "status", "valueCode": "retired"}],
        },
        {"code": "stone", "display": "Stone"},
    ],
}
ALL = {"animal", "dog", "bird", "wolf", "puppy", "stone"}
CS = "urn:cs:species"
FRAGMENT = {"resourceType": "CodeSystem", "url": "urn:cs:part", "content": "fragment", "concept": [{"code": "a"}]}
FOLDED = {
    "resourceType": "CodeSystem",
    "url": "urn:cs:folded",
    "content": "complete",
    "caseSensitive": False,
    "concept": [{"code": "Yes"}],
}


def value_set(url, *include, exclude=(), **compose):
    rows = {"include": list(include), **({"exclude": list(exclude)} if exclude else {}), **compose}
    return {"resourceType": "ValueSet", "url": url, "compose": rows}


def terminology(*resources, service=None):
    return Terminology(Registry([LoosePackage([SPECIES, FRAGMENT, FOLDED, *resources])]), service)


def members(*include, **more):
    codes = terminology(value_set("urn:vs", *include, **more))
    return {code for code in ALL if codes.member("urn:vs", CS, code)}


def filtered(prop, op, value):
    return {"system": CS, "filter": [{"property": prop, "op": op, "value": value}]}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (filtered("concept", "is-a", "dog"), {"dog", "puppy"}),
        (filtered("concept", "descendent-of", "animal"), {"dog", "bird", "wolf", "puppy"}),
        (filtered("concept", "is-not-a", "animal"), {"stone"}),
        (filtered("concept", "generalizes", "puppy"), {"puppy", "dog", "animal"}),
        (filtered("concept", "child-of", "animal"), {"dog", "bird", "wolf"}),
        (filtered("concept", "descendent-leaf", "animal"), {"bird", "wolf", "puppy"}),
        (filtered("concept", "=", "dog"), {"dog"}),
        (filtered("parent", "=", "dog"), {"puppy"}),
        (filtered("legs", "=", "4"), {"dog", "wolf"}),
        (filtered("tame", "=", "true"), {"dog"}),
        (filtered("tame", "=", "false"), ALL - {"dog"}),
        (filtered("legs", "exists", "true"), {"dog", "bird", "wolf"}),
        (filtered("legs", "exists", "false"), ALL - {"dog", "bird", "wolf"}),
        (filtered("concept", "in", "dog, stone"), {"dog", "stone"}),
        (filtered("concept", "not-in", "dog,stone"), ALL - {"dog", "stone"}),
        (filtered("display", "regex", "[DB].*"), {"dog", "bird"}),
        ({"system": CS}, ALL),
        ({"system": CS, "concept": [{"code": "dog"}, {"code": "extra"}]}, {"dog"}),
    ],
    ids=lambda value: str(sorted(value) if isinstance(value, set) else value)[:60],
)
def test_includes(row, expected):
    assert members(row) == expected


def test_filters_of_one_include_must_all_agree_and_includes_add_up():
    both = {
        "system": CS,
        "filter": [{"property": "legs", "op": "=", "value": "4"}, {"property": "tame", "op": "=", "value": "true"}],
    }
    assert members(both) == {"dog"}
    assert members(both, filtered("concept", "=", "stone")) == {"dog", "stone"}


def test_excluded_codes_are_out():
    assert members({"system": CS}, exclude=[filtered("concept", "is-a", "dog")]) == ALL - {"dog", "puppy"}


def test_inactive_codes_are_out_where_the_value_set_says_so():
    assert members({"system": CS}, inactive=False) == ALL - {"puppy"}


def test_imports_of_one_include_must_all_agree():
    four = value_set("urn:four", filtered("legs", "=", "4"))
    tame = value_set("urn:tame", filtered("tame", "=", "true"))
    codes = terminology(
        four,
        tame,
        value_set("urn:vs", {"valueSet": ["urn:four", "urn:tame"]}),
        value_set("urn:any", {"valueSet": ["urn:four"]}, {"valueSet": ["urn:tame"]}),
    )
    assert [codes.member("urn:vs", CS, code) for code in ("dog", "wolf")] == [True, False]
    assert [codes.member("urn:any", CS, code) for code in ("dog", "wolf", "bird")] == [True, True, False]


def test_a_code_alone_takes_any_system_and_a_coding_without_system_none():
    codes = terminology(value_set("urn:vs", {"system": CS}))
    assert codes.member("urn:vs", None, "dog") is True
    assert codes.member("urn:vs", "", "dog") is False
    assert codes.member("urn:vs", "urn:other", "dog") is False


def test_what_cannot_be_decided_says_why():
    codes = terminology(
        value_set("urn:far", {"system": "http://snomed.info/sct"}),
        value_set("urn:part", {"system": "urn:cs:part"}),
        value_set("urn:odd", filtered("concept", "sounds-like", "dog")),
        value_set("urn:self", {"valueSet": ["urn:self"]}),
        value_set("urn:bad", filtered("concept", "regex", "(a+")),
        {"resourceType": "ValueSet", "url": "urn:empty"},
    )
    for value_set_url, system, code, word in [
        ("urn:none", CS, "dog", "urn:none is not at hand"),
        ("urn:far", "http://snomed.info/sct", "1", "snomed"),
        ("urn:part", "urn:cs:part", "b", "not every code"),
        ("urn:odd", CS, "dog", "sounds-like"),
        ("urn:self", CS, "dog", "imports itself"),
        ("urn:bad", CS, "dog", "not valid"),
        ("urn:empty", CS, "dog", "lists no codes"),
    ]:
        answer = codes.judge(value_set_url, system, code)
        assert isinstance(answer, Why)
        assert word in answer
        assert codes.member(value_set_url, system, code) is None
    assert codes.member("urn:part", "urn:cs:part", "a") is True


def test_a_decided_part_decides_where_logic_allows():
    codes = terminology(value_set("urn:vs", {"system": "http://snomed.info/sct"}, {"system": CS}))
    assert codes.member("urn:vs", CS, "dog") is True
    assert codes.member("urn:vs", CS, "nonsense") is False


def test_an_expansion_serves_where_the_rules_cannot_be_run():
    contains = [
        {"system": "urn:x", "code": "a", "contains": [{"system": "urn:x", "code": "b"}]},
        {"system": "urn:x", "code": "c", "abstract": True},
    ]
    alone = {"resourceType": "ValueSet", "url": "urn:vs", "expansion": {"contains": contains}}
    with_rules = {**value_set("urn:vs2", {"system": "urn:x"}), "expansion": {"contains": contains}}
    codes = terminology(alone, with_rules)
    for url in ("urn:vs", "urn:vs2"):
        assert [codes.member(url, "urn:x", code) for code in "abcd"] == [True, True, False, False]


def test_case_counts_unless_the_system_says_otherwise():
    codes = terminology(
        value_set("urn:all", {"system": "urn:cs:folded"}),
        value_set("urn:one", {"system": "urn:cs:folded", "concept": [{"code": "Yes"}]}),
        value_set("urn:dogs", {"system": CS}),
    )
    assert codes.member("urn:all", "urn:cs:folded", "YES") is True
    assert codes.member("urn:one", "urn:cs:folded", "yes") is True
    assert codes.member("urn:dogs", CS, "Dog") is False


def test_codes_displays_and_subsumption():
    codes = terminology()
    assert codes.known_code(CS, "dog") is True
    assert codes.known_code(CS, "cat") is False
    assert codes.known_code("urn:cs:part", "b") is None
    assert codes.known_code("urn:unknown", "b") is None
    assert codes.displays(CS, "dog") == ("Dog",)
    assert codes.displays(CS, "cat") is None
    assert codes.subsumes(CS, "animal", "puppy") is True
    assert codes.subsumes(CS, "puppy", "animal") is False
    assert codes.subsumes(CS, "dog", "dog") is True
    assert codes.subsumes(CS, "dog", "cat") is None


def test_a_supplement_is_no_code_system():
    supplement = {
        "resourceType": "CodeSystem",
        "url": "urn:cs:more",
        "content": "supplement",
        "concept": [{"code": "dog"}],
    }
    assert terminology(supplement).known_code("urn:cs:more", "dog") is None


MORE = {
    "resourceType": "CodeSystem", "url": "urn:cs:more", "content": "supplement", "supplements": CS,
    "property": [{"code": "legs", "type": "integer"}],
    "concept": [
        {"code": "dog", "display": "Hund", "designation": [{"language": "fr", "value": "Chien"}]},
        {"code": "stone", "property": [{"code": "legs", "valueInteger": 0}]},
        {"code": "cat", "display": "Cat"},
    ],
}  # fmt: skip


def test_a_supplement_adds_displays_designations_and_properties():
    codes = terminology(MORE, value_set("urn:legless", {"system": CS, "filter": [
        {"property": "legs", "op": "=", "value": "0"}]}))  # fmt: skip
    assert set(codes.displays(CS, "dog")) == {"Dog", "Hund", "Chien"}
    assert codes.member("urn:legless", CS, "stone") is True
    assert codes.member("urn:legless", CS, "dog") is False


def test_a_supplement_adds_no_code():
    codes = terminology(MORE)
    assert codes.known_code(CS, "cat") is False
    assert codes.known_code(CS, "dog") is True


def test_a_value_set_that_names_a_supplement_is_undecided_and_not_wrong():
    codes = terminology(MORE, value_set("urn:of-more", {"system": "urn:cs:more"}, {"system": CS}))
    assert codes.member("urn:of-more", "urn:cs:more", "dog") is None
    assert codes.member("urn:of-more", CS, "dog") is True


def test_a_supplement_of_another_version_adds_nothing():
    rows = [SPECIES | {"version": "1.0"}, MORE | {"supplements": f"{CS}|2.0"}]
    codes = Terminology(Registry([LoosePackage(rows)]))
    assert set(codes.displays(CS, "dog")) == {"Dog"}


class Server:
    """A terminology server that knows one answer."""

    def __init__(self, answer):
        self.answer = answer
        self.asked = []

    def validate_code(self, value_set, system, code, version):
        self.asked.append((value_set, system, code, version))
        return self.answer


def test_a_server_is_asked_once_and_only_about_what_is_undecided():
    far = value_set("urn:far", {"system": "http://snomed.info/sct"})
    server = Server(answer=True)
    codes = terminology(far, value_set("urn:near", {"system": CS}), service=server)
    assert codes.member("urn:near", CS, "cat") is False
    assert [codes.member("urn:far", "http://snomed.info/sct", "1", "v") for _ in range(3)] == [True] * 3
    assert server.asked == [("urn:far", "http://snomed.info/sct", "1", "v")]


def test_a_server_that_does_not_know_leaves_it_undecided():
    codes = terminology(value_set("urn:far", {"system": "urn:x"}), service=Server(answer=None))
    assert codes.member("urn:far", "urn:x", "1") is None


def test_value_sets_that_are_imported_by_many_ways_are_asked_once():
    ways = [value_set(f"urn:{at}", *[{"valueSet": [f"urn:{at + 1}"]}] * 3) for at in range(40)]
    codes = terminology(*ways, value_set("urn:40", {"system": CS, "concept": [{"code": "dog"}]}))
    assert [codes.member("urn:0", CS, code) for code in ("dog", "bird")] == [True, False]
    everyone = [value_set(f"urn:ring:{at}", {"valueSet": [f"urn:ring:{to}" for to in range(20)]}) for at in range(20)]
    assert terminology(*everyone).member("urn:ring:0", CS, "dog") is None


def test_a_long_row_of_imports_is_left_undecided():
    row = [value_set(f"urn:{at}", {"valueSet": [f"urn:{at + 1}"]}) for at in range(150)]
    codes = terminology(*row, value_set("urn:150", {"system": CS}))
    assert codes.member("urn:60", CS, "dog") is True
    assert isinstance(codes.judge("urn:0", CS, "dog"), Why)
