"""Plain text and markdown."""

import pytest


def test_tags_in_text_warn_or_are_errors_as_asked(found, patient):
    tagged = patient | {"name": [{"text": "Ann <script>x</script>"}]}
    assert ("text.html", "Patient.name[0].text") in found(tagged, severity="warning")
    assert found(tagged, security_checks=True) == {("text.html", "Patient.name[0].text")}
    assert found(patient | {"name": [{"text": "1 < 2"}]}, security_checks=True) == set()


def test_tags_in_markdown_may_be_refused(found, task):
    tagged = task | {"note": [{"text": "<b>x</b>"}]}
    assert found(tagged) == set()
    assert found(tagged, html_in_markdown=False) == {("text.markdown", "Task.note[0].text")}


# As the HL7 validator: a tag that opens and one that closes.
@pytest.mark.parametrize(
    "text", ["<b></b>", '<script src="x">y</script>', "<a_b>x</i>", "<b>x\ny</b >", "1 <b> 2 </b>"]
)
def test_a_pair_of_tags_is_html(found, patient, task, text):
    assert found(patient | {"name": [{"text": text}]}, security_checks=True) == {("text.html", "Patient.name[0].text")}
    assert found(task | {"note": [{"text": text}]}, security_checks=True) == {("text.html", "Task.note[0].text")}


@pytest.mark.parametrize(
    "text", ["List<String>", "<br/>", "<b>x", "x</b>", "<a@b.c>", "< b>x</b>", "<b/>x</b>", "<a-b>x</a-b>"]
)
def test_what_only_looks_like_a_tag_is_text(found, patient, text):
    assert found(patient | {"name": [{"text": text}]}, security_checks=True) == set()


@pytest.mark.parametrize("text", ["<!-- x -->", "<?x", "a <b c", "</b>", "<img src=x>", "List<String>"])
def test_what_a_renderer_of_markdown_passes_on_is_html(found, task, text):
    assert found(task | {"note": [{"text": text}]}, html_in_markdown=False) == {("text.markdown", "Task.note[0].text")}


@pytest.mark.parametrize(
    "text", ["<br/>", "<http://a.test>", "<a@b.c>", "\\<b>", "Map<String,String>", "<a_b>", "< b", "<1>"]
)
def test_autolinks_and_signs_are_no_html_in_markdown(found, task, text):
    assert found(task | {"note": [{"text": text}]}, html_in_markdown=False) == set()
