"""The objects of a JSON file, one at a time: an array, one object, objects line by line (NDJSON), or an envelope.

Memory holds one object, not the file. https://www.rfc-editor.org/rfc/rfc8259, https://github.com/ndjson/ndjson-spec
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from footbridge.directory.errors import DirectoryError
from footbridge.directory.files import SourceFile
from footbridge.directory.readers.shapes import whole_number
from footbridge.directory.readers.text import TextFile
from footbridge.i18n import _

LARGEST: Final = 8_000_000  # characters of one object
ENVELOPES: Final = ("data", "results", "records", "items", "resources", "contents", "content")
"""Members in which APIs wrap a list."""

_CHUNK: Final = 65_536
_BLANK: Final = re.compile(r"[\s,\x1e]*")  # \x1e: https://www.rfc-editor.org/rfc/rfc7464


def items(file: SourceFile | TextFile) -> Iterator[tuple[Any, int]]:
    """Each value with the line that it begins in. Of a ``TextFile`` the caller can ask for its findings afterwards.

    Raises:
        DirectoryError: it is no JSON, breaks off, or holds a value without bounds; says where.
    """
    text = file if isinstance(file, TextFile) else TextFile(file)
    yield from _Items(text).read()


class _Items:
    def __init__(self, text: TextFile) -> None:
        self._chunks = text.chunks()
        self._name = text.file.name
        self._decode = json.JSONDecoder(strict=False, parse_int=whole_number).raw_decode
        self._text = ""
        self._line = 1
        self._column = 0  # characters of the line that were dropped
        self._ended = False

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
        wanted, parts = max(_CHUNK, len(self._text)), [self._text]
        while wanted > 0:
            chunk = next(self._chunks, None)
            if chunk is None:
                self._ended = True
                break
            parts.append(chunk)
            wanted -= len(chunk)
        self._text = "".join(parts)
        return len(parts) > 1

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
