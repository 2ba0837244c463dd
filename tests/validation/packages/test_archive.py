import gzip
import tarfile

import pytest

from footbridge.validation.packages import PackageError
from footbridge.validation.packages import archive as module
from footbridge.validation.packages.archive import ArchivePackage, FolderPackage

PROFILE = {
    "resourceType": "StructureDefinition",
    "url": "urn:test:profile",
    "version": "2.1",
    "kind": "resource",
    "type": "Task",
    "derivation": "constraint",
}
FILES = {
    "package/StructureDefinition-p.json": PROFILE,
    "package/ValueSet-v.json": {"resourceType": "ValueSet", "url": "urn:test:v"},
}


def test_the_index_is_made_of_the_resources_where_the_package_has_none(archive):
    package = ArchivePackage(archive(FILES))
    rows = {(entry.kind, entry.url, entry.version, entry.about, entry.role) for entry in package.entries()}
    assert rows == {
        ("StructureDefinition", "urn:test:profile", "2.1", "Task", "resource constraint"),
        ("ValueSet", "urn:test:v", "1.0.0", "", ""),
    }


def test_an_index_that_leaves_out_derivations_is_not_relied_on(archive):
    row = {
        "filename": "StructureDefinition-p.json",
        "resourceType": "StructureDefinition",
        "kind": "resource",
        "type": "Task",
    }
    package = ArchivePackage(archive({**FILES, "package/.index.json": {"files": [row]}}))
    assert package.find("StructureDefinition", "urn:test:profile").role == "resource constraint"
    assert package.find("ValueSet", "urn:test:v") is not None


def test_a_whole_index_is_relied_on(archive):
    rows = [{**PROFILE, "filename": "StructureDefinition-p.json", "version": "9.9"}]
    package = ArchivePackage(archive({**FILES, "package/.index.json": {"files": rows}}))
    assert [entry.version for entry in package.entries()] == ["9.9"]


def test_the_newest_version_comes_first_and_a_part_of_a_version_is_enough(archive):
    files = {
        f"package/V-{n}.json": {"resourceType": "ValueSet", "url": "urn:v", "version": v}
        for n, v in enumerate(["1.9.0", "1.10.0", "1.10.0-draft"])
    }
    package = ArchivePackage(archive(files))
    assert package.find("ValueSet", "urn:v").version == "1.10.0"
    assert package.find("ValueSet", "urn:v", "1.9").version == "1.9.0"
    assert package.find("ValueSet", "urn:v", "2") is None


def test_a_folder_reads_as_its_archive_does(archive, tmp_path):
    inner = tmp_path / "package"
    inner.mkdir()
    for name, content in module.members_of(archive(FILES)):
        (inner / name).write_bytes(content)
    for place in (tmp_path, inner):
        folder = FolderPackage(place)
        assert set(folder.entries()) == set(ArchivePackage(archive(FILES)).entries())
        assert folder.facts(folder.find("StructureDefinition", "urn:test:profile"))["type"] == "Task"


def test_members_elsewhere_and_links_are_passed_over(archive):
    link = tarfile.TarInfo("package/link.json")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    content = archive({"package/../../evil.json": {}, "/package/abs.json": {}, "other/x.json": {}}, members=(link,))
    assert dict(module.members_of(content)).keys() == {"package.json"}


def test_a_file_outside_of_the_folder_cannot_be_read(archive, tmp_path):
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "package.json").write_text('{"name": "a", "version": "1"}')
    (tmp_path / "secret.json").write_text("{}")
    with pytest.raises(PackageError):
        FolderPackage(tmp_path).read("../secret.json")


def test_what_unpacks_too_large_is_refused(archive, monkeypatch):
    monkeypatch.setattr(module, "MAX_TOTAL_BYTES", 1000)
    with pytest.raises(PackageError, match="too large"):
        ArchivePackage(archive({"package/x.json": "0" * 2000}))


@pytest.mark.parametrize(
    "content", [b"", b"nonsense", gzip.compress(b"nonsense" * 200, mtime=0), gzip.compress(b"x", mtime=0)[:-4]]
)
def test_what_is_no_archive_is_refused(content):
    with pytest.raises(PackageError):
        ArchivePackage(content)


def test_an_archive_without_a_manifest_is_refused(archive):
    with pytest.raises(PackageError, match=r"package\.json"):
        ArchivePackage(archive({"package/package.json": "no object"}))
