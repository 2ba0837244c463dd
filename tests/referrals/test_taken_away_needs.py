"""A guess of a need that a person took away stays away when the sender says the same again."""

from orjson import dumps
from support.spine import prescribed

from footbridge.model.holds import Hold
from footbridge.model.prescription import Prescription
from footbridge.referrals.decided import still_open, with_categories, with_decisions
from footbridge.store.holds import HoldRow


def document(*needs, goals=()):
    rows = [{"category": category, "statement": statement, "language": "en"} for category, statement in needs]
    whole = prescribed(needs=rows, goals=[{"description": "Less alone", "need": place} for place in goals])
    return Prescription.model_validate_json(dumps(whole))


def row(*decided):
    needs = [{"statement": text, "guess": guess, "category": right} for text, guess, right in decided]
    return HoldRow(reason="needs", detail={}, since=None, ended=None, decision={"needs": needs})


def test_what_was_taken_away_does_not_come_back_and_a_new_question_is_about_the_right_need():
    said = document(
        ("housing-instability", "alone"), ("social-connection", "alone"), ("stress", "new"), goals=[0, 1, 2]
    )
    rows = [row(("alone", "housing-instability", "none"), ("alone", "social-connection", "social-connection"))]
    found = with_decisions(said, said, rows)
    assert [need.category for need in found.prescription.needs] == ["social-connection", "stress"]
    assert [goal.need for goal in found.prescription.goals] == [None, 0, 1]
    (left,) = still_open([Hold("needs", {"needs": [{"need": place} for place in range(3)]})], found)
    assert left.detail["needs"] == [{"need": 1}]


def test_the_last_need_is_never_taken_away():
    said = document(("stress", "alone"))
    assert with_categories(said, {0: "none"}) == said
    found = with_decisions(said, said, [row(("alone", "stress", "none"))])
    assert found.prescription.needs == said.needs
    assert found.gone == frozenset()
