"""Good practice."""

FLAG = "http://hl7.org/fhir/StructureDefinition/elementdefinition-bestpractice"


def test_a_missing_narrative_is_as_severe_as_asked(found, task):
    missing = ("narrative.missing", "Task")
    assert missing in found(task, severity="warning")
    assert missing in found(task, severity="information", best_practice="hint")
    assert missing in found(task, best_practice="error")
    assert found(task, severity="warning", best_practice="ignore") == set()


def test_an_invariant_of_good_practice_is_as_severe_as_asked(found, profile_of, task):
    row = {"key": "own-1", "severity": "error", "human": "x", "expression": "description.exists()"}
    row["extension"] = [{"url": FLAG, "valueBoolean": True}]
    profile = profile_of("Task", {"path": "Task", "constraint": [row]})
    broken = ("invariant.own-1", "Task")
    assert broken in found(task, profile, severity="warning")
    assert broken in found(task, profile, best_practice="error")
    for severity in ("error", "warning", "information"):
        assert broken not in found(task, profile, severity=severity, best_practice="ignore")
