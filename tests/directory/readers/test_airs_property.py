"""Whatever becomes of a valid document, reading it gives records and findings, or a DirectoryError."""

import contextlib
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from support.directory_sources import MemoryFile, everything, sorted_out
from support.soak import SOAK

from footbridge.directory.errors import DirectoryError
from footbridge.directory.readers import ReadOptions
from footbridge.directory.readers.airs import AirsReader
from footbridge.directory.records import FOUND_LENGTH, RESTRICTIONS, WITHHELD, Finding

NAMES = [
    "airs-3.0-instance.xml", "airs-3.1-instance-maximal.xml", "airs-4.0.0-rc.1-instance.xml",
    "bc211/BC211_data_one_agency.xml",
]  # fmt: skip
TEXTS = st.sampled_from(
    ["", " ", "true", "0", "-1", "Z", "é" * 300, "{what:'x'}", "a * b", "2024-13-45", "\u2028", "]]>", "&"]
)
KINDS = ["drop", "double", "rename", "text", "attribute", "no attributes", "move", "nest"]
mutations = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 10_000), st.integers(0, 10_000), TEXTS), min_size=1, max_size=12
)


@pytest.fixture(scope="session")
def documents(test_data):
    contents = [(test_data / "samples" / "airs" / name).read_bytes() for name in NAMES]
    return contents.__getitem__  # a function: hypothesis shows its arguments, and a whole document is too much


def mutated(content, changes):
    root = etree.fromstring(content)
    for kind, where, other, text in changes:
        elements = list(root.iter(etree.Element))
        element, second = elements[where % len(elements)], elements[other % len(elements)]
        parent = element.getparent()
        inside = element in second.iterancestors() or element is second
        if kind == "text":
            element.text = text
        elif kind == "attribute":
            element.set(f"A{second.tag.rpartition('}')[2]}"[:20] if other % 3 else "Confidential", text)
        elif kind == "no attributes":
            element.attrib.clear()
        elif kind == "rename":
            space = element.tag.rpartition("}")[0]
            element.tag = (f"{space}}}" if space else "") + second.tag.rpartition("}")[2]
        elif parent is not None and kind == "drop":
            parent.remove(element)
        elif parent is not None and kind == "double":
            parent.append(etree.fromstring(etree.tostring(element)))
        elif parent is not None and kind in {"move", "nest"} and not inside:
            second.append(element if kind == "move" else etree.fromstring(etree.tostring(element)))
        if len(elements) > 3000:
            break
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def read_all(content, **options):
    return sorted_out(AirsReader().read([MemoryFile("a.xml", content)], ReadOptions(**options)))


@pytest.mark.soak
@settings(max_examples=400 if SOAK else 60)
@given(st.integers(0, len(NAMES) - 1), mutations, st.booleans())
def test_a_mutated_document_gives_records_or_an_error(documents, number, changes, strict):
    try:
        found = read_all(mutated(documents(number), changes), strict=strict)
    except DirectoryError:
        return
    for record in found.records:
        check(record.data)
        assert set(record.data.get("restrictions", ())) <= set(RESTRICTIONS)
        assert isinstance(record.native_id, str)
        assert record.native_id
    for finding in found.findings:
        assert isinstance(finding, Finding)
        assert len(finding.found or "") <= FOUND_LENGTH


def check(data):
    """Plain JSON, no empty value, no member of ours but those that records.py names."""
    if isinstance(data, dict):
        assert data.get("withheld", "internal") in WITHHELD
        for name, content in data.items():
            assert not name.startswith("_")
            assert content not in (None, "", [], {})
            check(content)
    elif isinstance(data, list):
        for one in data:
            check(one)
    else:
        assert isinstance(data, str | bool)


@pytest.mark.soak
@settings(max_examples=200 if SOAK else 40)
@given(
    st.integers(0, len(NAMES) - 1),
    st.lists(st.tuples(st.integers(0, 10_000_000), st.integers(0, 255)), min_size=1, max_size=4),
)
def test_changed_bytes_give_records_or_an_error(documents, number, changes):
    content = bytearray(documents(number))
    for where, byte in changes:
        content[where % len(content)] = byte
    with contextlib.suppress(DirectoryError):
        read_all(bytes(content))


@settings(max_examples=30)
@given(st.integers(0, len(NAMES) - 1), st.integers(0, 10_000_000))
def test_half_a_file_is_an_error(documents, number, where):
    content = documents(number).rstrip()
    with pytest.raises(DirectoryError):
        read_all(content[: where % len(content)])


@pytest.mark.soak
@settings(max_examples=200 if SOAK else 30)
@given(st.text(string.printable, max_size=300))
def test_any_text_in_a_description(text):
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    xml = f"<Source SourceEntity='s'><Agency><Key>1</Key><Name>n</Name><AgencyDescription>{escaped}</AgencyDescription></Agency></Source>"
    data = read_all(xml.encode()).only("organization")
    kept = "".join(character for character in text if character >= " " or character in "\t\n\r")
    assert data.get("description", "") == kept.replace("\r\n", "\n").replace("\r", "\n").strip()
    assert everything(data)
