"""JUnit's XML."""

from lxml import etree

from footbridge.validation.reports import report


def written(*results):
    return etree.fromstring("".join(report("junit")(results)).encode(errors="replace"))


def test_a_resource_is_a_case(good, bad):
    suite = written(good, bad).find("testsuite")
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    first, second = suite
    assert (first.get("classname"), first.get("name")) == ("Task", "a.json")
    assert first.find("failure") is None
    failure = second.find("failure")
    assert failure.get("type") == "profile.fixed"
    assert failure.get("message") == 'A <b> & "c" was expected.'
    assert 'Task.code (line 3): A <b> & "c" was expected. [profile.fixed]' in failure.text
    assert "unchecked Task.code" in second.find("system-out").text


def test_whatever_a_document_has_is_well_formed(odd):
    assert written(odd).find("testsuite/testcase").get("classname") == "document"
