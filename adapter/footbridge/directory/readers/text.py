r"""Text of a file, whatever its encoding: UTF-8 or UTF-16 with or without a mark, else Windows-1252, line by line.

A line that is not UTF-8 is read as Windows-1252, what Excel writes in Western Europe and America
(https://encoding.spec.whatwg.org/#windows-1252), so that a file of several exports glued together is read right.
Line ends become ``\n``; control characters, which neither JSON nor PostgreSQL can hold, are left out. What was done is
a finding of the whole file. At most ``CHUNK`` bytes and one line of ``LINE`` characters are in memory.
"""

import codecs
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from footbridge.directory.errors import DirectoryError
from footbridge.directory.files import HEAD, SourceFile, buffered
from footbridge.directory.readers.shapes import Json
from footbridge.directory.records import Finding
from footbridge.i18n import _

CHUNK = 262_144
LINE = 8_000_000  # characters; a record of a directory has some thousand
_DEPTH = 64
_PIECE = 1024**2  # a line longer than this is decoded in pieces
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_CONTROL_BYTES = bytes(one for one in (*range(32), 127) if one not in b"\t\n\r")
_LEADS = (b"\xc2", b"\xef")  # in UTF-8 the first bytes of the others, surrogates aside
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
          (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))  # fmt: skip


def _may_have_control(text: str) -> bool:
    """False where a long text certainly has none of ``_CONTROL``, which takes a tenth of the time to look for them."""
    try:
        data = text.encode()
    except UnicodeEncodeError:  # surrogates
        return True
    if any(lead in data for lead in _LEADS):
        return _CONTROL.search(text) is not None
    return len(data.translate(None, _CONTROL_BYTES)) < len(data)


def without_control(text: str) -> str:
    """The text without control characters, lone surrogates and marks; tab and line ends stay."""
    return _CONTROL.sub("", text) if _CONTROL.search(text) else text


def plain(value: Json) -> Json:
    """A JSON value whose texts have no control characters, which JSON may write as escapes; at most 64 deep."""
    return _plain_value(value, 0)


def _plain_value(value: Json, depth: int) -> Json:
    if isinstance(value, str):
        return without_control(value)
    if not isinstance(value, dict | list):
        return value
    if depth > _DEPTH:
        return None
    if isinstance(value, dict):
        return {without_control(key): _plain_value(inner, depth + 1) for key, inner in value.items()}
    return [_plain_value(inner, depth + 1) for inner in value]


class TextFile:
    """A file as text; read it once by ``chunks``, ``lines`` or ``utf8``, then ask for its ``findings``."""

    def __init__(self, file: SourceFile) -> None:
        self.file = file
        self.encoding = "utf-8"
        self.guessed = False  # UTF-16 without a mark
        self.legacy_lines = 0  # lines, or pieces of a very long one, that are not UTF-8
        self.proper_lines = 0  # those that have characters outside ASCII, and are UTF-8
        self.first_legacy: int | None = None
        self.controls = 0
        self.escapes = False  # there are JSON escapes, which may hide control characters
        self._line = 1

    def chunks(self) -> Iterator[str]:
        """Its text in pieces of no certain length."""
        ends = io.IncrementalNewlineDecoder(None, translate=True)
        with self.file.open() as stream:
            first = stream.read(HEAD)
            first = first[self._recognise(first) :]
            pieces = self._utf8(first, stream) if self.encoding == "utf-8" else self._wide(first, stream)
            for piece in pieces:
                text = ends.decode(piece)
                self._line += text.count("\n")
                yield self._plain(text)
        yield self._plain(ends.decode("", final=True))

    def head(self) -> str:
        """Its first ``HEAD`` characters at most."""
        parts: list[str] = []
        for chunk in self.chunks():
            parts.append(chunk)
            if sum(map(len, parts)) >= HEAD:
                break
        return "".join(parts)[:HEAD]

    def lines(self) -> Iterator[tuple[int, str]]:
        """Its lines without their ends, each with its number from 1.

        Raises:
            DirectoryError: a line has more than ``LINE`` characters.
        """
        number, rest = 1, ""
        for chunk in self.chunks():
            pieces = (rest + chunk).split("\n")
            rest = pieces.pop()
            if len(rest) > LINE:
                raise line_too_long(self.file.name, number + len(pieces))
            for piece in pieces:
                yield number, piece
                number += 1
        if rest:
            yield number, rest

    def utf8(self) -> BinaryIO:
        """Its text as a stream of UTF-8 without a mark."""
        return buffered(_Encoded(self.chunks()))

    def findings(self) -> Iterator[Finding]:
        """What was found about its encoding, once it was read."""
        if self.legacy_lines:
            mixed = self.proper_lines > 0
            yield Finding(
                "text.mixed-encoding" if mixed else "text.encoding", self.file.name, self.first_legacy,
                found=f"lines: {self.legacy_lines}", done="windows-1252",
            )  # fmt: skip
        elif self.guessed:
            yield Finding("text.encoding", self.file.name, done=self.encoding)
        if self.controls:
            yield Finding("text.control-characters", self.file.name, found=f"characters: {self.controls}")

    def _plain(self, text: str) -> str:
        plain, count = _CONTROL.subn("", text) if _may_have_control(text) else (text, 0)
        self.controls += count
        self.escapes = self.escapes or "\\u" in plain or plain.endswith("\\")
        return plain

    def _recognise(self, first: bytes) -> int:
        """Set the encoding; return the length of the mark."""
        for mark, encoding in _MARKS:
            if first.startswith(mark):
                self.encoding = encoding
                return len(mark)
        sample = first[:4096]
        for offset, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
            nothing = sample[offset::2].count(0)
            if len(sample) > 3 and nothing > 0.4 * len(sample[offset::2]) and not sample[1 - offset :: 2].count(0):
                self.encoding, self.guessed = encoding, True
        return 0

    def _wide(self, first: bytes, stream: BinaryIO) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(self.encoding)("replace")
        data = first
        while data:
            yield decoder.decode(data)
            data = stream.read(CHUNK)
        yield decoder.decode(b"", final=True)

    def _utf8(self, first: bytes, stream: BinaryIO) -> Iterator[str]:
        data, last = first, not first
        while not last or data:
            try:
                text, used = codecs.utf_8_decode(data, "strict", last)
                self.proper_lines += not text.isascii()
                data = data[used:]
                yield text
            except UnicodeDecodeError:
                text, data = self._by_line(data, last)
                yield text
            if last and not data:
                return
            more = stream.read(CHUNK)
            last = not more
            data += more

    def _by_line(self, data: bytes, last: bool) -> tuple[str, bytes]:
        """The text of the whole lines, and the bytes that are left."""
        pieces = data.split(b"\n")
        rest = pieces.pop()
        lines = [self._line_text(piece, self._line + at) + "\n" for at, piece in enumerate(pieces)]
        if last or len(rest) > _PIECE:
            lines.append(self._line_text(rest, self._line + len(pieces)))
            rest = b""
        return "".join(lines), rest

    def _line_text(self, line: bytes, number: int) -> str:
        try:
            text = line.decode()
            self.proper_lines += not text.isascii()
        except UnicodeDecodeError:
            self.legacy_lines += 1
            self.first_legacy = self.first_legacy or number
            return legacy(line)
        return text


def legacy(line: bytes) -> str:
    """Text of bytes that are not UTF-8: Windows-1252, and its five unassigned bytes as Latin-1."""
    try:
        return line.decode("cp1252")
    except UnicodeDecodeError:
        return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in line)


def line_too_long(name: str, number: int) -> DirectoryError:
    """What is said of a line of more than ``LINE`` characters."""
    return DirectoryError(
        _(
            "{name}: line {number} is longer than {most:,} characters. No record of a directory is that large: correct "
            "that line, or export again.",
            name=name,
            number=number,
            most=LINE,
        )
    )


class _Encoded(io.RawIOBase):
    """Pieces of text as a stream of UTF-8."""

    def __init__(self, chunks: Iterator[str]) -> None:
        self._chunks, self._rest = chunks, b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object, /) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = chunk.encode()
        count = min(len(view), len(self._rest))
        view[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count
