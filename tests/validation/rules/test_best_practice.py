"""Good practice."""


def test_a_missing_narrative_is_as_severe_as_asked(found, task):
    missing = ("narrative.missing", "Task")
    assert missing in found(task, severity="warning", best_practice="warning")
    assert missing in found(task, severity="information", best_practice="hint")
    assert missing in found(task, best_practice="error")
    assert found(task, severity="warning") == set()
