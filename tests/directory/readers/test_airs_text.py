"""Bytes that are not as an XML file should be: encodings, control characters, entities, attacks, half files."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.airs_xml import agency, service, site, source, with_service
from support.directory_sources import MemoryFile, files, read

from footbridge.directory.errors import DirectoryError
from footbridge.directory.readers.airs import AirsReader
from footbridge.directory.readers.airs_text import LARGEST_PART, CleanXml

READER = AirsReader()
WORDS = "Café « L'ÉTÉ » œuvre €"


def declared(encoding):
    return f'<?xml version="1.0" encoding="{encoding}"?>\n'


def description(content: bytes):
    found = read(READER, MemoryFile("a.xml", content))
    return found.only("service")["description"], found


def xml_with(words, encoding):
    return declared(encoding) + with_service(f"<Description>{words}</Description>")


@pytest.mark.parametrize("said", ["utf-8", "UTF-8", "iso-8859-1", "windows-1252", "us-ascii", "utf-16"])
def test_utf8_whatever_it_declares(said):
    words, found = description(xml_with(WORDS, said).encode())
    assert words == WORDS
    assert ("airs.encoding" in found.rules()) == (said not in {"utf-8", "UTF-8", "us-ascii"})


@pytest.mark.parametrize("said", ["utf-8", "iso-8859-1", "windows-1252", "us-ascii"])
def test_windows_whatever_it_declares(said):
    words, found = description(xml_with(WORDS, said).encode("cp1252"))
    assert words == WORDS
    assert ("airs.encoding" in found.rules()) == (said in {"utf-8", "us-ascii"})


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("said", ["utf-16", "utf-8"])
def test_utf16(encoding, said):
    content = xml_with(WORDS, said).encode(encoding)
    assert READER.recognises([MemoryFile("a.xml", content)])
    assert description(content)[0] == WORDS


def test_a_mark_before_the_first_byte():
    assert description(b"\xef\xbb\xbf" + xml_with(WORDS, "utf-8").encode())[0] == WORDS


def test_both_encodings_in_one_file():
    parts = xml_with("Café|Hélène", "utf-8").split("|")
    more = " ".join(["naïve"] * 5)
    words, found = description(parts[0].encode() + more.encode() + b" " + parts[1].encode("cp1252"))
    assert words == f"Café{more} Hélène"
    assert found.found("airs.encoding") == ["2"]


def test_other_encodings():
    assert description(xml_with("Київ", "koi8-u").encode("koi8-u"))[0] == "Київ"


def test_an_unknown_encoding():
    with pytest.raises(DirectoryError, match="klingon"):
        read(READER, MemoryFile("a.xml", xml_with("x", "klingon").encode()))


def test_an_encoding_of_bytes_is_refused():
    with pytest.raises(DirectoryError, match="hex"):
        read(READER, MemoryFile("a.xml", xml_with("x", "hex").encode()))


def test_lines_of_every_kind_end():
    for end in ("\n", "\r\n", "\r"):
        words, _ = description(xml_with("a\nb", "utf-8").replace("\n", end).encode())
        assert words == "a\nb"


def test_blank_lines_before_the_declaration():
    assert description(b"\n\n" + xml_with("x", "utf-8").encode())[0] == "x"


def test_control_characters_are_removed():
    words, found = description(xml_with("a\x00b\x0bc&#11;d&#x0;e&#65;\x1f", "utf-8").encode())
    assert words == "abcdeA"
    assert found.found("airs.control-character") == ["5"]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("Meals & more", "Meals & more"),
        ("R&D;", "R&D;"),
        ("a&nbsp;b", "a\xa0b"),
        ("caf&eacute;", "café"),
        ("&Lt;", "≪"),
        ("&amp;lt;b&amp;gt;", "&lt;b&gt;"),
        ("a &lt; b", "a < b"),
        ("<![CDATA[A & B &nbsp; <b>]]>", "A & B &nbsp; <b>"),
        ("<![CDATA[x]]> & <![CDATA[&]]>", "x & &"),
        ("<!-- & --> & ", "&"),
        ("&#38;amp;", "&amp;"),
        ("&#128512;", "😀"),
    ],
)
def test_entities(raw, text):
    assert description(xml_with(raw, "utf-8").encode())[0] == text


@given(
    st.lists(
        st.sampled_from(["&", "&nbsp;", "&amp;", "a", "é", " ", "]]", "-", "&#9;", "&foo;", "x" * 40, "\x0b"]),
        max_size=60,
    ),
    st.integers(1, 70),
)
def test_where_a_piece_ends_does_not_matter(parts, size):
    """The same text comes out however the file is cut into pieces."""

    class Pieces(MemoryFile):
        def open(self):
            stream = super().open()
            original = stream.read
            stream_read = lambda _n=-1: original(size)  # noqa: E731
            return type(
                "S",
                (),
                {
                    "read": staticmethod(stream_read),
                    "close": stream.close,
                    "__enter__": lambda s: s,
                    "__exit__": lambda *a: None,
                },
            )()

    content = ("<Source>" + "".join(parts) + "<![CDATA[" + "".join(parts).replace("]]", "") + "]]></Source>").encode()
    assert all_of(CleanXml(Pieces("a", content))) == all_of(CleanXml(MemoryFile("a", content)))


def all_of(clean):
    return b"".join(iter(clean.read, b""))


BOMB = (
    "<!DOCTYPE Source ["
    '<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)) + "]>"
)
ATTACKS = [
    BOMB,
    '<!DOCTYPE Source [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE Source SYSTEM "http://127.0.0.1:9/x.dtd">',
    '<!DOCTYPE Source [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
    "<!DOCTYPE Source>",
    "<!doctype Source>",
    "<!-- c --><?pi x?>\n" + BOMB,
]


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
def test_a_document_type_is_refused(attack, encoding):
    body = with_service("<Description>&x;&a9;</Description>")
    with pytest.raises(DirectoryError, match="DOCTYPE"):
        read(READER, MemoryFile("a.xml", (declared(encoding) + attack + body).encode(encoding)))


def test_a_prolog_without_end():
    with pytest.raises(DirectoryError):
        read(READER, MemoryFile("a.xml", b"<!-- " + b"x" * 100_000 + b"-->" + with_service().encode()))


def test_an_include_is_not_followed(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("SECRET")
    include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{secret.as_uri()}" parse="text"/>'
    found = read(READER, with_service(f"<Description>{include}</Description>"))
    assert "SECRET" not in str(found.records)


def test_a_file_that_breaks_off_says_where():
    whole = source(*(agency(site(service(key=str(n)), key=str(n)), key=str(n)) + "\n" for n in range(1, 50)))
    for cut in (len(whole) // 2, len(whole) - 3, len(whole) - len("</Source>")):
        with pytest.raises(DirectoryError, match=r"export\.xml is not well-formed XML: line \d+, column \d+") as raised:
            read(READER, whole[:cut])
        assert int(re.search(r"line (\d+)", str(raised.value))[1]) == whole[:cut].count("\n") + 1


def test_broken_in_the_middle_says_where():
    xml = source(agency(key="1"), "\n<Agency><Name>x</Nom></Agency>\n", agency(key="3"))
    with pytest.raises(DirectoryError, match=r"line 2, column \d+"):
        read(READER, xml)


def test_deep_nesting_is_an_error():
    with pytest.raises(DirectoryError):
        read(READER, source("<Agency>" * 5000 + "</Agency>" * 5000))


def test_agencies_as_deep_as_the_parser_allows():
    deep = 240
    found = read(
        READER, source("".join(f"<Agency><Key>{n}</Key><Name>n</Name>" for n in range(deep)) + "</Agency>" * deep)
    )
    assert len(found.of("organization")) == deep


@pytest.mark.parametrize("junk", [f"<Junk>{'x' * 1000}</Junk>", "<Phone/>"])
def test_a_part_without_bounds_is_an_error(junk):
    many = LARGEST_PART // len(junk) + 1000
    with pytest.raises(DirectoryError, match="belong to one record"):
        read(READER, source(junk * many))


def test_random_bytes_are_an_error():
    for content in (b"\x00" * 100, b"\xff\xfe\x00", bytes(range(256)), b"<", b"<Source", b"\xff\xfe<\x00S\x00"):
        with pytest.raises(DirectoryError):
            read(READER, MemoryFile("a.xml", content))


def test_no_message_names_a_folder(tmp_path: Path):
    path = tmp_path / "a.xml"
    path.write_text("<Source")
    with pytest.raises(DirectoryError) as raised:
        read(READER, path)
    assert str(tmp_path) not in str(raised.value)
    assert files(path)


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("<Phone " + " ".join(f'a{n}="1"' for n in range(600)) + "/>", "line 1: an element here has more than 500"),
        ("<Phone " + " ".join(f'a{n}="1"' for n in range(120_000)) + "/>", "more than 1000000 bytes"),
        (f"<Description>{'x' * 1_100_000}</Description>", "more than 1000000 bytes"),
        (f"<!--{'x' * 1_100_000}-->", "more than 1000000 bytes"),
        (f"<?note {'x' * 1_100_000}?>", "more than 1000000 bytes"),
    ],
    ids=["attributes", "many attributes", "text", "comment", "instruction"],
)
def test_what_no_directory_has_is_refused_before_it_fills_memory(part, said):
    with pytest.raises(DirectoryError, match=said):
        read(READER, MemoryFile("a.xml", with_service(part).encode()))
