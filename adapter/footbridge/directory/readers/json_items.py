"""The objects of a JSON file, one at a time: an array, one object, objects line by line (NDJSON), or an envelope.

Memory holds one object, not the file. https://www.rfc-editor.org/rfc/rfc8259, https://github.com/ndjson/ndjson-spec
"""

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from footbridge.directory.errors import DirectoryError
from footbridge.directory.files import SourceFile
from footbridge.i18n import _

LARGEST: Final = 8_000_000  # characters of one object
ENVELOPES: Final = ("data", "results", "records", "items", "resources", "contents", "content")
"""Members in which APIs wrap a list."""

_CHUNK: Final = 65_536
_BLANK: Final = re.compile(r"[\s,\x1e]*")  # \x1e: https://www.rfc-editor.org/rfc/rfc7464


def items(file: SourceFile) -> Iterator[tuple[Any, int]]:
    """Each value with the line that it begins in.

    Raises:
        DirectoryError: it is no JSON, breaks off, or holds a value without bounds; says where.
    """
    with file.open() as stream:
        yield from _Items(stream, file.name).read()


class _Items:
    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self._name = name
        self._decode = json.JSONDecoder(strict=False).raw_decode
        self._text = ""
        self._line = 1
        self._column = 0  # characters of the line that were dropped
        self._ended = False
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._begun = False

    def read(self) -> Iterator[tuple[Any, int]]:
        self._skip(0)
        is_array = self._text.startswith("[")
        if is_array:
            self._skip(1)
        if not self._text:
            raise DirectoryError(self._cut_off() if is_array else _("{name} is empty.", name=self._name))
        while self._text and not (is_array and self._text.startswith("]")):
            line = self._line
            found, end = self._value()
            self._skip(end)
            yield from _unwrapped(found, line)
        if is_array and not self._text:
            raise DirectoryError(self._cut_off())
        if is_array:
            self._skip(1)
            if self._text:
                raise DirectoryError(
                    _(
                        "{name}: line {line}: something comes after the end of the list.",
                        name=self._name,
                        line=self._line,
                    )
                )

    def _value(self) -> tuple[Any, int]:
        while True:
            try:
                return self._decode(self._text)
            except RecursionError:
                raise DirectoryError(
                    _("{name}: line {line}: it is nested too deeply.", name=self._name, line=self._line)
                ) from None
            except json.JSONDecodeError as error:
                if not self._more():
                    raise DirectoryError(self._broken(error)) from None
            if len(self._text) > LARGEST:
                raise DirectoryError(
                    _(
                        "{name}: line {line}: not JSON, or one object of more than {largest} characters.",
                        name=self._name,
                        line=self._line,
                        largest=LARGEST,
                    )
                )

    def _skip(self, end: int) -> None:
        """Drop what was read, and blanks and commas after it."""
        while True:
            blank = _BLANK.match(self._text, end)
            end = blank.end() if blank else end
            self._line += self._text.count("\n", 0, end)
            self._text, dropped = self._text[end:], end
            end = 0
            if self._text or not self._more():
                return
            del dropped

    def _more(self) -> bool:
        """Read at least as much as there is, so that long objects are not tried too often."""
        if self._ended:
            return False
        raw = self._stream.read(max(_CHUNK, len(self._text)))
        self._ended = not raw
        if not self._begun:
            self._begun = True
            if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
                self._decoder = codecs.getincrementaldecoder("utf-16")()
            raw = raw.removeprefix(codecs.BOM_UTF8)
        try:
            self._text += self._decoder.decode(raw, final=self._ended)
        except UnicodeDecodeError:
            raise DirectoryError(
                _(
                    "{name} is not UTF-8 text after line {line}. Export it again as UTF-8.",
                    name=self._name,
                    line=self._line,
                )
            ) from None
        return not self._ended

    def _broken(self, error: json.JSONDecodeError) -> str:
        line = self._line + error.lineno - 1
        if error.pos >= len(self._text.rstrip()) or error.msg.startswith("Unterminated"):
            return self._cut_off()
        return _(
            "{name} is not valid JSON: line {line}, column {column}: {error}. "
            "Nothing was read from it. Export it again, or correct that place.",
            name=self._name,
            line=line,
            column=error.colno,
            error=error.msg,
        )

    def _cut_off(self) -> str:
        return _(
            "{name} is cut off after line {line}. Nothing was read from it. Export it again.",
            name=self._name,
            line=self._line,
        )


def _unwrapped(found: Any, line: int) -> Iterator[tuple[Any, int]]:  # noqa: ANN401 - any JSON
    """The list in an envelope, else the value."""
    if isinstance(found, dict) and "type" not in found and "id" not in found:
        for member in ENVELOPES:
            if isinstance(found.get(member), list):
                yield from ((one, line) for one in found[member])
                return
    yield found, line
