"""MeasureReports."""

A, B, C = ({"code": {"coding": [{"system": "http://footbridge.test/groups", "code": code}]}} for code in "abc")
MEASURE = {
    "resourceType": "Measure", "url": "http://footbridge.test/Measure/m", "status": "draft",
    "scoring": {"coding": [{"code": "cohort"}]}, "group": [A, B],
}  # fmt: skip
REPORT = {
    "resourceType": "MeasureReport", "status": "complete", "type": "summary", "measure": MEASURE["url"],
    "period": {"start": "2026"},
}  # fmt: skip


def rules(found, groups, **more):
    return {rule for rule, _ in found(REPORT | {"group": groups} | more, definitions=[MEASURE])}


def test_groups_are_those_of_the_measure(found):
    both = [A, B]
    assert rules(found, both) == set()
    assert rules(found, both[:1]) == {"measurereport.group"}
    assert rules(found, [*both, C]) == {"measurereport.group"}


def test_a_cohort_has_no_score_and_a_summary_no_subjects(found):
    both = [A | {"measureScore": {"value": 1}}, B]
    assert rules(found, both) == {"measurereport.score"}
    people = {"population": [{"subjectResults": {"reference": "List/1"}}]}
    assert "measurereport.subjects" in rules(found, [A | people, B])


def test_stratifiers_are_told_by_their_texts(found):
    measure = MEASURE | {"group": [A | {"stratifier": [{"code": {"text": "age"}}]}]}
    for text, expected in (("age", set()), ("sex", {"measurereport.group"})):
        group = A | {"stratifier": [{"code": [{"text": text}]}]}
        assert {rule for rule, _ in found(REPORT | {"group": [group]}, definitions=[measure])} == expected
