"""Text is for people."""

from footbridge.validation.reports import report


def written(*results):
    return "".join(report("text")(results))


def test_one_that_conforms_is_one_line(good):
    assert written(good) == "a.json: Task/1 conforms\n"


def test_issues_have_place_sentence_rule_and_link(bad):
    first, error, warning, left = written(bad).splitlines()
    assert first == "b.ndjson:3: Task does not conform: 1 error"
    assert error.split() == (
        [
            "error",
            "Task.code",
            "(3:7):",
            "A",
            "<b>",
            "&",
            '"c"',
            "was",
            "expected.",
            "[profile.fixed]",
            "profile",
            "urn:p",
            "https://hl7.org/fhir/R4/task.html",
        ]
    )
    assert "Task.intent: Not in it. [binding.extensible]" in warning
    assert left.split() == ["unchecked", "Task.code:", "binding.required,", "membership", "of", "urn:v"]


def test_several_are_summed_up(good, bad):
    assert written(good, bad, good).splitlines()[-1] == (
        "3 resources: 2 conform, 1 do not; 1 warning, 1 rule not checked"
    )


def test_nothing_steers_the_terminal(odd):
    text = written(odd)
    assert text.replace("\n", "").isprintable()
    assert text.startswith("�[2Jc�.json: document does not conform: 1 error\n")
