"""Plain text and markdown."""


def test_tags_in_text_warn_or_are_errors_as_asked(found, patient):
    tagged = patient | {"name": [{"text": "Ann <script>x</script>"}]}
    assert ("text.html", "Patient.name[0].text") in found(tagged, severity="warning")
    assert found(tagged, security_checks=True) == {("text.html", "Patient.name[0].text")}
    assert found(patient | {"name": [{"text": "1 < 2"}]}, security_checks=True) == set()


def test_tags_in_markdown_may_be_refused(found, task):
    tagged = task | {"note": [{"text": "<b>x</b>"}]}
    assert found(tagged) == set()
    assert found(tagged, html_in_markdown=False) == {("text.markdown", "Task.note[0].text")}
