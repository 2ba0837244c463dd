"""MeasureReports."""

MEASURE = {
    "resourceType": "Measure", "url": "http://footbridge.test/Measure/m", "status": "draft",
    "scoring": {"coding": [{"code": "cohort"}]}, "group": [{"code": {"text": "a"}}, {"code": {"text": "b"}}],
}  # fmt: skip
REPORT = {
    "resourceType": "MeasureReport", "status": "complete", "type": "summary", "measure": MEASURE["url"],
    "period": {"start": "2026"},
}  # fmt: skip


def rules(found, groups, **more):
    return {rule for rule, _ in found(REPORT | {"group": groups} | more, definitions=[MEASURE])}


def test_groups_are_those_of_the_measure(found):
    both = [{"code": {"text": "a"}}, {"code": {"text": "b"}}]
    assert rules(found, both) == set()
    assert rules(found, both[:1]) == {"measurereport.group"}
    assert rules(found, [*both, {"code": {"text": "c"}}]) == {"measurereport.group"}


def test_a_cohort_has_no_score_and_a_summary_no_subjects(found):
    both = [{"code": {"text": "a"}, "measureScore": {"value": 1}}, {"code": {"text": "b"}}]
    assert rules(found, both) == {"measurereport.score"}
    people = {"population": [{"subjectResults": {"reference": "List/1"}}]}
    assert rules(found, [{"code": {"text": "a"}, **people}, {"code": {"text": "b"}}]) == {"measurereport.subjects"}
