"""The bytes of an AIRS file as UTF-8 that an XML parser takes, with bounds, and what had to be changed.

Exports declare the wrong encoding, hold control characters (https://www.w3.org/TR/xml/#charsets), write ``&nbsp;`` or a
lone ``&``. All of that is corrected here and counted, so that the parser needs no recovery, which would drop data
silently. A document type declaration is refused: it is what entity bombs and external entities are made of
(https://cheatsheetseries.owasp.org/cheatsheets/XML_External_Entity_Prevention_Cheat_Sheet.html). A file that begins
with an Agency, or is several of them, is given to the parser within a Source, in the same lines.
"""

import codecs
import html.entities
import re
from collections import Counter
from typing import BinaryIO, Final

from footbridge.directory.errors import DirectoryError
from footbridge.directory.files import HEAD, SourceFile
from footbridge.i18n import _

LARGEST_PART: Final = 8_000_000
"""Bytes of one record, or of anything between two: more is no directory record."""

LARGEST_TEXT: Final = 1_000_000
"""Bytes without the end of an element: no text, and no element with its attributes, is as large."""

_CHUNK: Final = 32_768
_HELD: Final = 64  # characters at the end of a piece that may be half of a reference or of a CDATA mark
_DECLARATION: Final = re.compile(r"\A[\ufeff\s]*<\?xml\s[^>]*?\?>", re.DOTALL)
_ENCODING: Final = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_DOCTYPE: Final = re.compile(r"<!DOCTYPE", re.IGNORECASE)
_ROOT: Final = re.compile(r"<(?:[\w.-]+:)?([^\W\d][\w.-]*)")
_AGENCY: Final = re.compile(r"<(?:([\w.-]+):)?Agency(?=[\s/>])([^>]*)")
_PROLOG: Final = re.compile(r"(?:<!--.*?-->|<\?.*?\?>|\s+)*+", re.DOTALL)
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udc7f\udd00-\udfff]")
_BYTES: Final = re.compile("[\udc80-\udcff]+")
_REFERENCE: Final = re.compile(r"&(?:(#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)?")
_END: Final = {"<![CDATA[": "]]>", "<!--": "-->"}
_ASTRAL: Final = range(0x10000, 0x110000)
_XML: Final = frozenset({"amp", "lt", "gt", "quot", "apos"})
_CDATA: Final = re.compile(r"<!\[CDATA\[|<!--")
_MARK: Final = re.compile(r"[&<\]-]")
_HIGH: Final = re.compile(r"[^\x00-\x7f]")
_UTF8_LIKE: Final = frozenset({"utf-8", "ascii", "iso8859-1", "cp1252"})


class CleanXml:
    """A stream of one file for the parser: ``read`` gives UTF-8 without declaration.

    ``changes`` counts what was changed, by rule; ``given`` is the number of bytes given, ``since`` those since
    ``mark``.
    """

    def __init__(self, file: SourceFile) -> None:
        self._name = file.name
        self.changes: Counter[str] = Counter()
        self.since = self.given = 0
        self._plain = 0  # bytes since the last ">"
        encoding, declared = _encoding_of(file)
        if declared is not None:
            self.changes["airs.encoding"] = 1
        self.encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)(errors=_errors(encoding))
        self._stream: BinaryIO = file.open()
        self._held = ""
        self._within = ""  # what ends the part that is not changed: a CDATA section or a comment
        self._first = True
        self._ended = False
        self._around = _source_around(file, encoding)
        if self._around:
            self.changes["airs.no-source"] = 1

    def mark(self) -> None:
        """A record is done with: the bound of one part starts again."""
        self.since = 0

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def read(self, _size: int = -1) -> bytes:
        """The next piece; raises DirectoryError for a part that is too large, or a document type declaration."""
        while not self._ended:
            raw = self._stream.read(_CHUNK)
            self._ended = not raw
            text = self._held + self._decoded(raw)
            if self._first:
                text = self._around[0] + self._without_prolog(text) if self._around else self._without_prolog(text)
            if self._ended and self._around:
                text += self._around[1]
            cut = len(text) if self._ended else _cut(text)
            self._held, text = text[cut:], text[:cut]
            if text:
                piece = self._mended(text).encode("utf-8", "replace")
                self.since += len(piece)
                self.given += len(piece)
                end = piece.rfind(b">")
                self._plain = self._plain + len(piece) if end < 0 else len(piece) - end
                if self.since > LARGEST_PART or self._plain > LARGEST_TEXT:
                    raise DirectoryError(
                        _(
                            "{name}: more than {largest_part} bytes belong to one record. This is not a "
                            "directory: ask its exporter for one Agency element for each organization.",
                            name=self._name,
                            largest_part=LARGEST_PART if self.since > LARGEST_PART else LARGEST_TEXT,
                        )
                    )
                if piece:  # nothing at all would be the end, to who reads
                    return piece
        return b""

    def _decoded(self, raw: bytes) -> str:
        try:
            text = self._decoder.decode(raw, final=not raw)
        except UnicodeDecodeError as error:
            raise DirectoryError(
                _(
                    "{name} is not {encoding} text as it says. Export it again as UTF-8.",
                    name=self._name,
                    encoding=self.encoding,
                )
            ) from error
        if self.encoding == "utf-8" and not text.isascii():
            text, count = _BYTES.subn(_as_windows, text)
            self.changes["airs.encoding"] += count
        return text

    def _without_prolog(self, text: str) -> str:
        """The text without its declaration, whose encoding counts no longer; line numbers stay."""
        self._first = False
        if found := _DECLARATION.match(text):
            text = "\n" * found[0].count("\n") + text[found.end() :]
        return text.lstrip("\ufeff")

    def _mended(self, text: str) -> str:
        text, count = _CONTROL.subn("", text)
        if count:
            self.changes["airs.control-character"] += count
        if "&" not in text:
            self._within = _within_after(text, self._within)
            return text
        parts = []
        start = 0
        while start < len(text):
            if self._within:
                end = text.find(self._within, start)
                end = len(text) if end < 0 else end + len(self._within)
                if end < len(text) or text.endswith(self._within):
                    self._within = ""
                parts.append(text[start:end])
            else:
                mark = _CDATA.search(text, start)
                end = mark.end() if mark else len(text)
                parts.append(_REFERENCE.sub(self._reference, text[start:end]))
                self._within = "" if mark is None else _END[mark[0]]
            start = end
        return "".join(parts)

    def _reference(self, found: re.Match[str]) -> str:
        name = found[1]
        if name is None:
            self.changes["airs.entity"] += 1
            return "&amp;"
        if name in _XML:
            return found[0]
        if name.startswith("#"):
            number = int(f"0{name[1:]}", 16) if name[1] in "xX" else int(name[1:])
            if _is_character(number):
                return found[0]
            self.changes["airs.control-character"] += 1
            return ""
        self.changes["airs.entity"] += 1
        character = html.entities.html5.get(f"{name};")
        return f"&amp;{name};" if character is None else html.escape(character)


def head_text(file: SourceFile) -> str:
    """The first characters of a file, for recognising it; raises DirectoryError for an unknown encoding."""
    encoding, _ = _encoding_of(file, head_only=True)
    with file.open() as stream:
        return stream.read(HEAD).decode(encoding, "replace").lstrip("\ufeff")


def require_source(file: SourceFile) -> None:
    """Raise DirectoryError where a file has a document type declaration, or begins with no ``Source`` or ``Agency``."""
    text = head_text(file)
    prolog = _PROLOG.match(text)
    rest = text[prolog.end() :] if prolog else text
    if _DOCTYPE.match(rest):
        raise DirectoryError(
            _(
                "{name} has a document type declaration (<!DOCTYPE>), which is not read because it can "
                "hold attacks. Remove it, and import again.",
                name=file.name,
            )
        )
    root = _ROOT.match(rest)
    if root is None:
        raise DirectoryError(_("{name} does not begin as XML does. Export it again as AIRS XML.", name=file.name))
    if root[1] == "Agency":
        return
    if root[1] in {"Site", "SiteService"}:
        raise DirectoryError(
            _(
                "{name} is a part of an AIRS file: its first element is {element}. Export the whole file, or put "
                "<Source> before it and </Source> after it.",
                name=file.name,
                element=root[1],
            )
        )
    if root[1] != "Source":
        raise DirectoryError(
            _(
                "{name} is not AIRS XML: its first element is {element}, not Source.",
                name=file.name,
                element=root[1][:80],
            )
        )


def _source_around(file: SourceFile, encoding: str) -> tuple[str, str] | None:
    """Start and end of the Source that a file of agencies alone lacks; in the namespace of the first of them."""
    with file.open() as stream:
        text = stream.read(HEAD).decode(encoding, "replace").lstrip("\ufeff")
    prolog = _PROLOG.match(text)
    root = _AGENCY.match(text, prolog.end() if prolog else 0)
    if root is None:
        return None
    named = re.search(rf"""\sxmlns{f":{root[1]}" if root[1] else ""}\s*=\s*["']([^"'<>&]*)["']""", root[2])
    space = "" if named is None else f'xmlns="{named[1]}"'
    return f"<Source {space}>", "</Source>"


def _within_after(text: str, within: str) -> str:
    """What part is open after a text without references."""
    start = 0
    while True:
        if within:
            end = text.find(within, start)
            if end < 0:
                return within
            start, within = end + len(within), ""
        mark = _CDATA.search(text, start)
        if mark is None:
            return ""
        start, within = mark.end(), _END[mark[0]]


def _cut(text: str) -> int:
    """Where a piece may end: before a reference or a mark that may go on in the next one."""
    found = _MARK.search(text, max(len(text) - _HELD, 0))
    return found.start() if found else len(text)


def _errors(encoding: str) -> str:
    return {"utf-8": "surrogateescape", "cp1252": "replace"}.get(encoding, "strict")


def _as_windows(found: re.Match[str]) -> str:
    return found[0].encode("utf-8", "surrogateescape").decode("cp1252", "replace")


def _is_character(number: int) -> bool:
    return number in {9, 10, 13} or 0x20 <= number <= 0xD7FF or 0xE000 <= number <= 0xFFFD or number in _ASTRAL


def _encoding_of(file: SourceFile, *, head_only: bool = False) -> tuple[str, str | None]:
    """The encoding to read with, and what was declared instead where that is wrong."""
    with file.open() as stream:
        start = stream.read(HEAD)
    if start.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32", None
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16", None
    if start[:40:2].strip(b"\x00") == b"" and len(start) > 4:
        return "utf-16-be", None
    if start[1:40:2].strip(b"\x00") == b"" and len(start) > 4:
        return "utf-16-le", None
    found = _ENCODING.search(start[:1000])
    declared = found[1].decode("ascii") if found else "utf-8"
    name = _known(file.name, declared)
    if name.startswith(("utf-16", "utf-32")):  # its bytes are not
        return "utf-8", declared
    if name not in _UTF8_LIKE:
        return name, None
    if head_only:
        return ("utf-8", None) if name == "ascii" else (name, None)
    return _surveyed(file, name, declared)


def _surveyed(file: SourceFile, name: str, declared: str) -> tuple[str, str | None]:
    """Which of UTF-8 and Windows-1252 a whole file is, whatever it declares."""
    strict = codecs.getincrementaldecoder("utf-8")(errors="surrogateescape")
    high = broken = 0
    with file.open() as stream:
        while raw := stream.read(1 << 20):
            if raw.isascii():
                continue
            text = strict.decode(raw)
            count = sum(len(part) for part in _BYTES.findall(text))
            broken += count
            high += len(_HIGH.findall(text)) - count
    if broken > high:  # more bytes that are not UTF-8 than characters that are
        return "cp1252", None if name in {"cp1252", "iso8859-1"} else declared
    return "utf-8", declared if high and name not in {"utf-8", "ascii"} else None


def _known(file: str, declared: str) -> str:
    try:
        name = codecs.lookup(declared).name
        "".encode(name)
    except LookupError:
        raise DirectoryError(
            _(
                "{file} declares the encoding {declared}, which is unknown. Export it again as UTF-8.",
                file=file,
                declared=declared,
            )
        ) from None
    return name
