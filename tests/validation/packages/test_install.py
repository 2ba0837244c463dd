import pytest

from footbridge.validation.packages import PackageError, PackageNotFound, find_package, install, installed


class Shelf:
    """A source that has a few archives."""

    def __init__(self, archives):
        self.archives = archives
        self.asked = []

    def archive(self, coordinates):
        self.asked.append(str(coordinates))
        if str(coordinates) not in self.archives:
            raise PackageNotFound(str(coordinates))
        return self.archives[str(coordinates)]

    def download(self, url):
        return self.archives[url]


def names(cache):
    return [str(one) for one in installed(cache) if one.origin == "cache"]


def test_a_file_lands_in_the_cache_and_is_found_there(archive, tmp_path):
    file = tmp_path / "guide.tgz"
    file.write_bytes(archive({"package/ValueSet-v.json": {"resourceType": "ValueSet", "url": "urn:v"}}))
    cache = tmp_path / "cache"
    assert [str(one) for one in install(str(file), cache=cache)] == ["test.guide#1.0.0"]
    package = find_package("test.guide", cache=cache)
    assert package.find("ValueSet", "urn:v") is not None
    assert names(cache) == ["test.guide#1.0.0"]
    assert [str(one) for one in install(str(cache / "test.guide#1.0.0"), cache=tmp_path / "other")] == [
        "test.guide#1.0.0"
    ]


def test_dependencies_come_along_once_and_not_when_they_are_here(archive, tmp_path):
    shelf = Shelf(
        {
            "a#1": archive({}, name="a", version="1", dependencies={"b": "1", "hl7.fhir.r4.core": "4.0.1"}),
            "b#1": archive({}, name="b", version="1", dependencies={"a": "1"}),
        }
    )
    assert [str(one) for one in install("a#1", cache=tmp_path, source=shelf)] == ["a#1", "b#1"]
    assert shelf.asked == ["a#1", "b#1"]


def test_installing_again_replaces(archive, tmp_path):
    shelf = Shelf({"https://a/x.tgz": archive({"package/V-1.json": {"resourceType": "ValueSet", "url": "urn:1"}})})
    install("https://a/x.tgz", cache=tmp_path, source=shelf)
    shelf.archives["https://a/x.tgz"] = archive({"package/V-2.json": {"resourceType": "ValueSet", "url": "urn:2"}})
    install("https://a/x.tgz", cache=tmp_path, source=shelf)
    assert [entry.url for entry in find_package("test.guide", cache=tmp_path).entries()] == ["urn:2"]


def test_nothing_is_left_of_a_failed_installation(tmp_path):
    with pytest.raises(PackageNotFound):
        install("a#1", cache=tmp_path, source=Shelf({}))
    with pytest.raises(PackageError):
        install("https://a/x.tgz", cache=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_package_cannot_name_itself_out_of_the_cache(archive, tmp_path):
    file = tmp_path / "guide.tgz"
    file.write_bytes(archive({}, name="../evil"))
    with pytest.raises(PackageError):
        install(str(file), cache=tmp_path / "cache")
