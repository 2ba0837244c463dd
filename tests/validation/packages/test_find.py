import pytest

from footbridge.validation.packages import Coordinates, PackageError, PackageNotFound, find_package


@pytest.mark.parametrize(
    ("text", "name", "version"),
    [
        ("hl7.fhir.us.core#7.0.0", "hl7.fhir.us.core", "7.0.0"),
        ("hl7.fhir.us.core@7.0.0", "hl7.fhir.us.core", "7.0.0"),
        ("HL7.FHIR.us.core", "hl7.fhir.us.core", None),
        ("hl7.fhir.us.core#latest", "hl7.fhir.us.core", None),
        ("hl7.terminology#7.2.0", "hl7.terminology.r4", "7.2.0"),
        ("hl7.fhir.uv.extensions#5.3.0", "hl7.fhir.uv.extensions.r4", "5.3.0"),
    ],
)
def test_names_are_read_with_their_aliases(text, name, version):
    assert Coordinates.read(text) == Coordinates(name, version)


@pytest.mark.parametrize("text", ["", "#1", "a b", "../x#1", "a#..", "a/b#1"])
def test_other_forms_are_refused(text):
    with pytest.raises(PackageError):
        Coordinates.read(text)


def test_an_id_alone_means_the_newest_here(tmp_path):
    assert find_package("hl7.fhir.us.sdoh-clinicalcare", cache=tmp_path).version == "3.0.0"
    assert find_package("hl7.fhir.us.sdoh-clinicalcare#2.3.0", cache=tmp_path).version == "2.3.0"


def test_a_missing_package_says_how_to_get_it(tmp_path):
    with pytest.raises(PackageNotFound, match=r"footbridge packages install ca\.on\.guide#1\.0\.0") as caught:
        find_package("ca.on.guide#1.0.0", cache=tmp_path)
    assert "hl7.fhir.us.core#7.0.0" in str(caught.value)


def test_an_archive_is_opened_by_its_path(archive, tmp_path):
    file = tmp_path / "guide.tgz"
    file.write_bytes(archive({}))
    assert str(find_package(str(file))) == "test.guide#1.0.0"
