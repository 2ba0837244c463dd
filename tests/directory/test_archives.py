"""Paths are opened safely: a file, a folder, a zip or gzip; what is unsafe, cut or changing is a clear error."""

import gzip
import os
import struct
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from footbridge.directory.archives import check_spreadsheet, zip_source
from footbridge.directory.errors import DirectoryError
from footbridge.directory.files import Limits, local_files
from footbridge.directory.source_files import open_source


def names(place: Path, limits: Limits | None = None) -> list[str]:
    return [file.name for file in open_source(place, limits).files]


def content(place: Path, limits: Limits | None = None) -> dict[str, bytes]:
    found = {}
    for file in open_source(place, limits).files:
        with file.open() as stream:
            found[file.name] = stream.read()
        with file.open() as again:
            assert again.read() == found[file.name]
    return found


def packed(place: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return place


def test_a_file_a_folder_a_zip_and_a_gzip_give_the_same_bytes(tmp_path):
    folder = tmp_path / "feed"
    (folder / "inner").mkdir(parents=True)
    wanted = {"inner/b.csv": b"2", "a.csv": b"1\r\n"}
    for name, data in wanted.items():
        (folder / name).write_bytes(data)
    assert content(folder) == wanted
    assert content(packed(tmp_path / "feed.zip", wanted)) == wanted
    assert content(folder / "a.csv") == {"a.csv": b"1\r\n"}
    with gzip.open(tmp_path / "a.csv.gz", "wb") as stream:
        stream.write(b"1\r\n")
    assert content(tmp_path / "a.csv.gz") == {"a.csv": b"1\r\n"}
    assert names(folder) == sorted(wanted)


def test_what_systems_add_is_ignored(tmp_path):
    members = {"__MACOSX/._a.csv": b"x", "a.csv": b"1", ".DS_Store": b"x", "d/Thumbs.db": b"x", "d/._b.csv": b"x"}
    assert names(packed(tmp_path / "x.zip", members)) == ["a.csv"]


def test_archives_in_an_archive_are_not_opened(tmp_path):
    inner = packed(tmp_path / "inner.zip", {"a.csv": b"1"}).read_bytes()
    outer = packed(tmp_path / "outer.zip", {"inner.zip": inner, "b.csv": b"2"})
    source = open_source(outer)
    assert [file.name for file in source.files] == ["b.csv"]
    assert [(finding.rule, finding.found) for finding in source.findings] == [("files.nested-archive", "inner.zip")]


def test_the_only_archive_of_a_folder_is_its_content(tmp_path):
    folder = tmp_path / "week"
    folder.mkdir()
    (folder / ".DS_Store").write_bytes(b"x")
    packed(folder / "export.zip", {"data/a.csv": b"1"})
    assert content(folder) == {"data/a.csv": b"1"}


def test_of_several_archives_none_is_chosen(tmp_path):
    """They may be the exports of two weeks: together they would be neither."""
    packed(tmp_path / "week1.zip", {"a.csv": b"1"})
    packed(tmp_path / "week2.zip", {"a.csv": b"2"})
    with pytest.raises(DirectoryError, match=r"several archives.*week1\.zip, week2\.zip"):
        open_source(tmp_path)
    (tmp_path / "b.csv").write_bytes(b"3")
    source = open_source(tmp_path)
    assert [file.name for file in source.files] == ["b.csv"]
    assert [finding.found for finding in source.findings] == ["week1.zip", "week2.zip"]


@pytest.mark.parametrize(
    "name",
    [
        "../evil.csv",
        "a/../../evil.csv",
        "/etc/evil.csv",
        "C:\\evil.csv",
        "..\\evil.csv",
        "a\nb.csv",
        "a/..",
        "\\\\host\\x.csv",
    ],
)
def test_names_that_lead_outside_are_refused(tmp_path, name):
    with pytest.raises(DirectoryError, match="unsafe"):
        open_source(packed(tmp_path / "x.zip", {"ok.csv": b"1", name: b"2"}))


def test_links_in_an_archive_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        link = zipfile.ZipInfo("passwd.csv")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(DirectoryError, match="link"):
        open_source(tmp_path / "x.zip")


def test_links_in_a_folder_are_not_followed(tmp_path):
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "s.csv").write_text("secret")
    folder = tmp_path / "feed"
    folder.mkdir()
    (folder / "a.csv").write_text("1")
    (folder / "link.csv").symlink_to(secret / "s.csv")
    (folder / "dir").symlink_to(secret, target_is_directory=True)
    os.mkfifo(folder / "pipe.csv")
    assert names(folder) == ["a.csv"]


def test_devices_and_missing_paths_are_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path / "pipe", tmp_path / "nothing", Path("/dev/zero")):
        with pytest.raises(DirectoryError):
            open_source(place)
    (tmp_path / "x").mkdir()
    with pytest.raises(DirectoryError, match="holds no file"):
        open_source(tmp_path / "x")


def test_a_zip_bomb_is_refused_before_anything_is_unpacked(tmp_path):
    bomb = packed(tmp_path / "x.zip", {"a.csv": bytes(100 * 1024**2)})
    with pytest.raises(DirectoryError, match="unsafe"):
        open_source(bomb)
    many = packed(tmp_path / "y.zip", {f"{n}.csv": bytes(1000) for n in range(30)})
    with pytest.raises(DirectoryError, match="more than 20 members"):
        open_source(many, Limits(files=20))
    with pytest.raises(DirectoryError, match="more than 999 bytes"):
        open_source(many, Limits(file_size=999))
    with pytest.raises(DirectoryError, match="unsafe"):
        open_source(many, Limits(total_size=20_000))


def test_a_zip_that_lies_about_its_sizes_gives_no_more_than_it_says(tmp_path):
    place = packed(tmp_path / "x.zip", {"a.csv": b"a" * 5000})
    data = bytearray(place.read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 10)  # the size that the directory of the archive gives
    place.write_bytes(data)
    with pytest.raises(DirectoryError, match="invalid or incomplete"):
        content(place)


def test_overlapping_members_are_refused_as_a_bomb(tmp_path):
    kernel = packed(tmp_path / "k.zip", {"a.csv": bytes(2 * 1024**2)}).read_bytes()
    at = kernel.index(b"PK\x01\x02")
    end = kernel.index(b"PK\x05\x06")
    entry, tail = kernel[at:end], bytearray(kernel[end:])
    entries = b"".join(entry.replace(b"a.csv", f"{n:05}".encode()) for n in range(200))
    tail[8:12] = struct.pack("<HH", 200, 200)
    tail[12:16] = struct.pack("<I", len(entries))
    (tmp_path / "x.zip").write_bytes(kernel[:at] + entries + bytes(tail))
    with pytest.raises(DirectoryError, match="unsafe"):
        open_source(tmp_path / "x.zip")


def test_a_gzip_bomb_ends_while_it_is_read(tmp_path):
    with gzip.open(tmp_path / "x.ndjson.gz", "wb") as stream:
        for _ in range(100):
            stream.write(bytes(1024**2))
    with pytest.raises(DirectoryError, match="unsafe"):
        content(tmp_path / "x.ndjson.gz")


def test_encrypted_damaged_and_cut_archives_say_so(tmp_path):
    good = packed(tmp_path / "x.zip", {"a.csv": os.urandom(5000)})
    data = good.read_bytes()
    flags = bytearray(data)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        flags[flags.index(mark) + offset] |= 1
    (tmp_path / "encrypted.zip").write_bytes(flags)
    with pytest.raises(DirectoryError, match="encrypted"):
        open_source(tmp_path / "encrypted.zip")
    (tmp_path / "cut.zip").write_bytes(data[:2000])
    with pytest.raises(DirectoryError, match="invalid or incomplete"):
        open_source(tmp_path / "cut.zip")
    broken = bytearray(data)
    broken[1000:1010] = b"0123456789"
    (tmp_path / "broken.zip").write_bytes(broken)
    with pytest.raises(DirectoryError, match="invalid or incomplete"):
        content(tmp_path / "broken.zip")
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(os.urandom(5000))[:3000])
    with pytest.raises(DirectoryError, match="invalid or incomplete"):
        content(tmp_path / "cut.csv.gz")
    (tmp_path / "empty.zip").write_bytes(b"PK\x05\x06" + bytes(18))
    with pytest.raises(DirectoryError, match="no file"):
        open_source(tmp_path / "empty.zip")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"7z\xbc\xaf\x27\x1c" + bytes(50), "7z"),
        (b"Rar!\x1a\x07" + bytes(50), "rar"),
        (bytes(257) + b"ustar" + bytes(50), "tar"),
    ],
)
def test_other_archives_are_named(tmp_path, data, kind):
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(DirectoryError, match=f"{kind}.*not supported"):
        open_source(tmp_path / "x")


def test_two_members_of_one_name_are_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("a.csv", "1")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.csv", "2")
    with pytest.raises(DirectoryError, match="two members"):
        open_source(tmp_path / "x.zip")


def test_a_file_that_changes_while_it_is_read_is_an_error(tmp_path):
    place = tmp_path / "a.csv"
    place.write_bytes(b"x" * 1_000_000)
    (file,) = open_source(place).files
    with file.open() as stream:
        stream.read(1000)
        with place.open("ab") as more:
            more.write(b"y")
        with pytest.raises(DirectoryError, match="changed"):
            stream.read()
    with pytest.raises(DirectoryError, match="changed"):
        file.open()


def test_a_folder_with_too_many_files_is_refused(tmp_path):
    for number in range(12):
        (tmp_path / f"{number}.csv").write_text("1")
    with pytest.raises(DirectoryError, match="more than 10"):
        open_source(tmp_path, Limits(files=10))


def test_messages_show_no_path_of_the_machine(tmp_path):
    (tmp_path / "cut.zip").write_bytes(b"PK\x03\x04junk")
    for place in (tmp_path / "cut.zip", tmp_path / "missing.csv"):
        with pytest.raises(DirectoryError) as caught:
            open_source(place)
        assert str(tmp_path) not in str(caught.value)
        assert place.name in str(caught.value)


def test_a_large_archive_is_read_in_little_memory(tmp_path):
    place = tmp_path / "x.zip"
    with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.ndjson", "w") as stream:
        for block in range(60):
            stream.write(os.urandom(1024) * 8 + f"{block}".encode() * 1024 * 256)
    code = (
        "import sys\nfrom pathlib import Path\nfrom footbridge.directory.source_files import open_source\n"
        "(file,) = open_source(Path(sys.argv[1])).files\npeak = lambda: int(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0])\nbefore = peak()\n"
        "with file.open() as stream:\n    size = sum(len(part) for part in iter(lambda: stream.read(65536), b''))\n"
        "print(size, peak() - before)\n"
    )
    size, grown = map(
        int,
        subprocess.run(
            [sys.executable, "-c", code, str(place)], capture_output=True, check=True, text=True
        ).stdout.split(),
    )
    assert size > 15_000_000
    assert grown < 8_000  # KiB


def test_a_spreadsheet_is_one_document_and_not_an_archive(tmp_path):
    place = packed(tmp_path / "x.xlsx", {"xl/workbook.xml": b"<x/>"})
    assert names(place) == ["x.xlsx"]
    huge = packed(tmp_path / "y.xlsx", {"xl/a.xml": bytes(200 * 1024**2)})
    with pytest.raises(DirectoryError, match="unsafe"):
        check_spreadsheet(huge, "y.xlsx")


def listing(place, members, name):
    """An archive with so many members in its list, as it is on the disk, without the members themselves."""
    row = (
        b"PK\x01\x02"
        + struct.pack("<HHHHHHIIIHHHHHII", 20, 20, 0, 0, 0, 0, 0, 0, 0, len(name), 0, 0, 0, 0, 0, 0)
        + name
    )
    size = len(row) * members
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, min(size, 0xFFFFFFFF), 0, 0)
    place.write_bytes(row * members + end)
    return place


@pytest.mark.parametrize(("members", "name"), [(400_000, b"a.json"), (200, b"a" * 65_000)])
@pytest.mark.parametrize("ending", ["zip", "xlsx"])
def test_an_archive_with_a_huge_list_of_members_is_refused_before_it_is_read(tmp_path, members, name, ending):
    place = listing(tmp_path / f"names.{ending}", members, name)
    tracemalloc.start()
    try:
        with pytest.raises(DirectoryError, match=r"its list of members has more than 8,000,000 bytes"):
            zip_source(next(local_files(place)), Limits()) if ending == "zip" else check_spreadsheet(
                place, "names.xlsx"
            )
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()
