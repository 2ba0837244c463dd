"""Documents are found wherever a person may have them."""

import gzip
import io
import json
import tracemalloc

import pytest

from footbridge.errors import ConfigurationError
from footbridge.validation import Validator
from footbridge.validation.bulk import documents, inputs, read_definitions

TASK = b'{"resourceType": "Task"}'


def found(*names, stdin=b""):
    return [(item.source, item.data, item.line) for item in documents(map(str, names), stdin=io.BytesIO(stdin))]


def test_a_file_is_one_document(tmp_path):
    (tmp_path / "a.json").write_bytes(TASK)
    assert found(tmp_path / "a.json") == [(str(tmp_path / "a.json"), TASK, 1)]


def test_a_folder_gives_its_files_by_path_and_leaves_hidden_ones_out(tmp_path):
    for name in ("b.json", "a.xml", "deep/c.ndjson", ".hidden/d.json", "e.txt", ".f.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(TASK)
    names = [source.removeprefix(f"{tmp_path}/") for source, _, _ in found(tmp_path)]
    assert names == ["a.xml", "b.json", "deep/c.ndjson:1"]


def test_files_of_other_tools_in_a_folder_are_passed_over_and_read_where_they_are_named(tmp_path):
    for name in (
        "package.json",
        "tsconfig.json",
        "pom.xml",
        "node_modules/x/schema.json",
        "sub/package.json",
        "a.json",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("{}")
    assert [item.source for item in documents([str(tmp_path)])] == [str(tmp_path / "a.json")]
    named = str(tmp_path / "package.json")
    assert [item.source for item in documents([named])] == [named]


def test_ndjson_is_a_document_a_line_and_each_knows_its_line(tmp_path):
    (tmp_path / "a.ndjson").write_bytes(b"{}\n\n  \r\n{} \n{}")
    assert [(source[-2:], line) for source, _, line in found(tmp_path / "a.ndjson")] == [
        (":1", 1),
        (":4", 4),
        (":5", 5),
    ]


@pytest.mark.parametrize("name", ["a.ndjson.gz", "a.ndjson"])
def test_gzip_is_unpacked_whatever_the_name(tmp_path, name):
    (tmp_path / name).write_bytes(gzip.compress(b"{}\n{}\n"))
    assert len(found(tmp_path / name)) == 2


def test_a_gzip_file_that_ends_early_is_told(tmp_path):
    (tmp_path / "a.ndjson.gz").write_bytes(gzip.compress(b"{}\n" * 10_000)[:-20])
    with pytest.raises(ConfigurationError, match=r"a\.ndjson\.gz: cannot be read"):
        found(tmp_path / "a.ndjson.gz")


@pytest.mark.parametrize(
    ("given", "sources"),
    [
        (b'{"a": 1}', ["-"]),
        (b'{"a": 1}\n\n', ["-"]),
        (b'{\n "a": 1\n}\n', ["-"]),
        (b'{"a": 1}\n{"a": 2}\n', ["-:1", "-:2"]),
        (b'{"a": 1}\n{"a": \n', ["-:1", "-:2"]),
        (b"<Task/>", ["-"]),
        (b"", ["-"]),
        (gzip.compress(b"{}\n{}", mtime=0), ["-:1", "-:2"]),
        (b'\n  \n{"a": 1}\n\n{"a": 2}\n', ["-:3", "-:5"]),
        (b'\n\n{"a": 1}\n', ["-"]),
        (b"\n\n", ["-"]),
        (b'{"a": 1\n{"a": 2}\n{"a": 3}\n', ["-:1", "-:2", "-:3"]),
        (b'nonsense\n\n{"a": 2}', ["-:1", "-:3"]),
        (b'nonsense\nmore\n{"a": 2}', ["-"]),
        (b'{"a": [\n{"b": 2}\n]}', ["-"]),
        (b"[\n{}\n]", ["-"]),
        (b'// x\n{"a": 1}', ["-"]),
    ],
)
def test_standard_input_is_one_document_or_one_a_line(given, sources):
    items = found("-", stdin=given)
    assert [source for source, _, _ in items] == sources


def test_nothing_of_standard_input_is_lost():
    text = b'{\n "a": "x"\n}\n'
    assert found("-", stdin=text) == [("-", text, 1)]
    for blank in (b"", b"\n \n"):
        for text in (b'{"a": 1}\n', b'{"a": 1\nmore\n{}\n', b"<a>\n\n</a>"):
            assert found("-", stdin=blank + text) == [("-", blank + text, 1)]


def test_a_document_that_is_too_large_is_not_read(monkeypatch, tmp_path):
    monkeypatch.setattr(inputs, "LARGEST", 20)
    (tmp_path / "a.ndjson").write_bytes(b"{}\n" + b"x" * 50 + b"\n" + b'{"b": 1}\n')
    assert [(data, line) for _, data, line in found(tmp_path / "a.ndjson")] == [
        (b"{}\n", 1),
        (None, 2),
        (b'{"b": 1}\n', 3),
    ]
    (tmp_path / "a.json").write_bytes(b"x" * 50)
    assert found(tmp_path / "a.json")[0][1] is None


def test_what_is_not_there_is_told(tmp_path):
    with pytest.raises(ConfigurationError, match="No such file"):
        found(tmp_path / "none.json")
    with pytest.raises(ConfigurationError, match="the folder has no"):
        found(tmp_path)


def test_definitions_are_resources(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({"resourceType": "ValueSet", "url": "urn:a"}))
    assert read_definitions([str(tmp_path)], Validator().types) == [{"resourceType": "ValueSet", "url": "urn:a"}]
    (tmp_path / "b.json").write_text("[]")
    with pytest.raises(ConfigurationError, match=r"b\.json: this is no FHIR resource"):
        read_definitions([str(tmp_path)], Validator().types)


class Counting(io.RawIOBase):
    """A stream without end of line that notes how much of it was asked for at most at a time."""

    def __init__(self, size):
        self.left, self.most = size, 0

    def readable(self):
        return True

    def readinto(self, buffer):
        count = min(len(buffer), self.left)
        self.most = max(self.most, count)
        buffer[:count] = b"a" * count
        self.left -= count
        return count


@pytest.mark.parametrize("suffix", [".ndjson.gz", ".json.gz", ".ndjson"])
def test_what_is_too_large_is_not_held(tmp_path, monkeypatch, suffix):
    monkeypatch.setattr(inputs, "LARGEST", 4_000_000)
    place = tmp_path / f"large{suffix}"
    with (gzip.open if suffix.endswith(".gz") else open)(place, "wb") as file:
        for _ in range(60):
            file.write(b"a" * 1_000_000)
        file.write(b'\n{"resourceType": "Patient"}\n')
    tracemalloc.start()
    items = list(documents([str(place)]))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert items[0].data is None
    assert peak < 16_000_000
    if "ndjson" in suffix:
        assert [(item.line, item.data) for item in items[1:]] == [(2, b'{"resourceType": "Patient"}\n')]


def test_standard_input_that_is_too_large_is_not_held(monkeypatch):
    monkeypatch.setattr(inputs, "LARGEST", 4_000_000)
    tracemalloc.start()
    items = list(documents(["-"], stdin=Counting(60_000_000)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [(item.source, item.data) for item in items] == [("-", None)]
    assert peak < 16_000_000
