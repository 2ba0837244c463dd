"""Which entry of an amended prescription is which: what did not change stays itself, wherever it stands."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footbridge.model.prescription import Prescription
from footbridge.model.prescription.entries import LISTS, entry_digest, family_of, roles_of, same_entries

Json = dict[str, Any]
CATEGORIES = ("food-insecurity", "social-connection", "housing-instability")
HEAD: Json = {
    "identifier": {"system": "urn:x", "value": "1"},
    "kind": "navigator",
    "authored": "2026-03-02T06:00:00-05:00",
    "language": "en",
    "client": {"name": {"family": "Okafor"}, "birthDate": "1951-04-12"},
    "requester": {"role": "clinician", "name": {"family": "T"}, "organization": {"name": "Riverside"}},
}


def read(**lists: Any) -> Prescription:
    lists.setdefault("needs", [{"category": CATEGORIES[0], "statement": "Skips meals."}])
    return Prescription.model_validate_json(json.dumps(HEAD | lists))


def needs(*pairs: tuple[str, str]) -> list[Json]:
    return [{"category": category, "statement": statement} for category, statement in pairs]


def same(family: str, older: Prescription, newer: Prescription) -> dict[int, int]:
    return dict(same_entries(older, newer)[family])


def test_the_same_document_is_the_same_in_every_place() -> None:
    found = read(
        needs=needs(*((one, f"Need {one}") for one in CATEGORIES)),
        goals=[{"need": 1, "description": "Sings."}, {"description": "Rests."}],
        strengths=[{"text": "Kind."}],
        barriers=[{"kind": "economic", "text": "No bus fare."}],
        supports=[{"kind": "transport", "text": "Two tickets.", "barrier": 0}],
        interests=[{"text": "Quilts."}],
    )
    assert {family: list(pairs.items()) for family, pairs in same_entries(found, found).items()} == {
        "need": [(0, 0), (1, 1), (2, 2)],
        "goal": [(0, 0), (1, 1)],
        "strength": [(0, 0)],
        "barrier": [(0, 0)],
        "support": [(0, 0)],
        "interest": [(0, 0)],
        "interpreter": [],
    }


def test_goals_follow_their_need_when_that_moves() -> None:
    one, other = (CATEGORIES[0], "Skips meals."), (CATEGORIES[1], "Sees nobody.")
    goals = [{"need": 0, "description": "Eats."}, {"need": 1, "description": "Sings."}]
    older = read(needs=needs(one, other), goals=goals)
    newer = read(needs=needs(other), goals=[{"need": 0, "description": "Sings."}])
    assert same("need", older, newer) == {0: 1}
    assert same("goal", older, newer) == {0: 1}


def test_the_same_words_about_two_needs_are_two_goals() -> None:
    two = needs((CATEGORIES[0], "Skips meals."), (CATEGORIES[1], "Sees nobody."))
    goals = [{"need": 0, "description": "Feels better."}, {"need": 1, "description": "Feels better."}]
    older, newer = read(needs=two, goals=goals), read(needs=two[::-1], goals=goals)
    assert same("goal", older, newer) == {0: 1, 1: 0}


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (["Eats three meals."], ["Walks to the park."], {0: 0}),  # one that was written anew
        (["Eats three meals a day.", "Walks."], ["Walks.", "Eats two meals a day."], {0: 1, 1: 0}),
        (["A", "B", "C"], ["A", "X", "C"], {0: 0, 1: 1, 2: 2}),
        (["Eats three meals a day.", "Walks to the park."], ["Walks to the big park."], {0: 1}),
        (["A", "A"], ["A", "A", "A"], {0: 0, 1: 1}),
        ([], ["A"], {}),
    ],
)
def test_a_changed_one_of_the_same_sort_is_still_itself(
    before: list[str], after: list[str], found: dict[int, int]
) -> None:
    def of(texts: list[str]) -> Prescription:
        return read(goals=[{"need": 0, "description": one} for one in texts])

    assert same("goal", of(before), of(after)) == found


def test_another_category_is_another_need_unless_it_says_the_same() -> None:
    older = read(needs=needs((CATEGORIES[0], "Skips meals."), (CATEGORIES[1], "Sees nobody.")))
    corrected = read(needs=needs((CATEGORIES[2], "Skips meals."), (CATEGORIES[2], "Lives in a car.")))
    assert same("need", older, corrected) == {0: 0}


def test_what_comes_back_is_not_taken_for_a_changed_one() -> None:
    older, newer = read(goals=[{"description": "Walks."}]), read(goals=[{"description": "Sings."}])
    assert same_entries(older, newer)["goal"] == {0: 0}
    assert same_entries(older, newer, {"goal/0"})["goal"] == {}


texts = st.lists(st.integers(0, 30), unique=True, min_size=1, max_size=8)


@given(texts, st.data())
def test_what_did_not_change_is_found_wherever_it_stands(before: list[int], data: st.DataObject) -> None:
    """Takes out, adds, reorders, and changes one; each text is one of its kind."""
    after = data.draw(st.permutations(data.draw(st.lists(st.sampled_from(before), unique=True))))
    added = data.draw(st.lists(st.integers(31, 40), unique=True, max_size=3))
    for one in added:
        after.insert(data.draw(st.integers(0, len(after))), one)

    def of(numbers: list[int]) -> Prescription:
        items = [f"Number {one} of them" for one in numbers]
        return read(
            needs=needs(*((CATEGORIES[one % 3], f"Need {one}") for one in numbers)) or None,
            goals=[{"need": place, "description": text} for place, text in enumerate(items)],
            barriers=[{"kind": "other", "text": text} for text in items],
            supports=[{"kind": "other", "text": text, "barrier": place} for place, text in enumerate(items)],
            strengths=[{"text": text, "gift": one % 2 == 0} for text, one in zip(items, numbers, strict=True)],
            interests=[{"text": text} for text in items],
        )

    if not after:
        return
    found = same_entries(of(before), of(after))
    for family in ("need", "goal", "barrier", "support", "strength", "interest"):
        stayed = {after.index(one): before.index(one) for one in after if one in before}
        pairs = found[family]
        assert {new: old for new, old in pairs.items() if new in stayed} == stayed
        assert len(set(pairs.values())) == len(pairs)


def test_roles_and_digests_name_entries_and_their_parts() -> None:
    found = read(goals=[{"need": 0, "description": "Eats."}])
    assert set(roles_of(found)) == {"need/0", "evidence/0", "instrument/0", "goal/0"}
    assert family_of("goal/12") == ("goal", 12)
    assert [family_of(one) for one in ("patient", "consent", "removed/Goal/1", "goal/x", "letter/1")] == [None] * 5
    other = read(needs=needs((CATEGORIES[1], "x"), (CATEGORIES[0], "Skips meals.")), goals=[{"description": "Eats."}])
    assert entry_digest(found, "goal/0") == entry_digest(other, "goal/0")
    assert entry_digest(found, "evidence/0") == entry_digest(other, "need/1") != entry_digest(other, "need/0")
    with pytest.raises(LookupError):
        entry_digest(found, "patient")
    assert set(LISTS) >= {"need", "goal"}


def test_the_longest_lists_of_the_longest_texts_take_no_time() -> None:
    def of(word: str) -> Prescription:
        return read(needs=needs(*((CATEGORIES[0], f"{word} {one} " + f"{word} x{one} " * 900) for one in range(100))))

    assert len(same_entries(of("old"), of("new"))["need"]) == 100
