"""JSON documents of a file, one at a time: an array's items, a page's contents, lines of NDJSON, or one object.

Each is a *scope*: ids that stand in it mean objects in it first. A small file is parsed whole; a large one is read with
ijson, so that a list of a gigabyte takes no more memory than its largest item. What is cut ends the import with an
error: half a directory would look as if the other half had been deleted.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import ijson
import orjson

from footbridge.directory.errors import DirectoryError
from footbridge.directory.files import SourceFile
from footbridge.directory.readers.bounded import Bounded
from footbridge.directory.readers.shapes import Json, whole_number
from footbridge.directory.readers.text import TextFile, beginning, plain
from footbridge.directory.records import Finding
from footbridge.i18n import _

WHOLE: Final = 8 * 1024**2  # characters up to which a document is parsed at once
_SPACE: Final = " \t\r\n"


class Document(NamedTuple):
    """One value of a file.

    Attributes:
        file: its name.
        pointer: JSON Pointer of the value.
        line: where it begins, where the form tells.
        container: the member whose list it is an item of.
        stem: the file's name without folder and ending: a hint at what is in it.
        text: the JSON of the value, not parsed yet; None where there is only ``value``.
        value: it, where ``text`` is None.
        number: which document of the source it is, from 0, and in which file (``hsds_source``).
        depth: how many lists it was taken out of.
    """

    file: str
    pointer: str = ""
    line: int | None = None
    container: str | None = None
    stem: str = ""
    text: str | None = None
    value: Json = None
    number: int = 0
    file_number: int = 0
    depth: int = 0

    def packed(self) -> "Document":
        """It, with its value as text, where that can be; another process takes it faster so."""
        if self.text is not None:
            return self
        try:
            return self._replace(text=orjson.dumps(self.value).decode(), value=None)
        except TypeError:  # a number beyond 64 bits, or nested deeper than it writes
            try:
                return self._replace(text=json.dumps(self.value), value=None)
            except (RecursionError, ValueError):
                return self

    def parsed(self) -> Json:
        """Its value. Raises ValueError when it is not JSON, or nested too deep."""
        if self.text is None:
            return self.value
        value = _parse(self.text)
        return plain(value) if "\\u" in self.text else value


def documents(file: SourceFile, lists: Sequence[str]) -> Iterator[Document | Finding]:
    """The documents of a file; ``lists`` are the members of a root object whose items are documents when it is large.

    Lines of NDJSON are not parsed here, so that another process can, or nobody where they are known.

    Raises:
        DirectoryError: it is not JSON, or it is cut.
    """
    text = TextFile(file)
    stem = file.name.rsplit("/", 1)[-1].split(".", 1)[0].lower()
    if by_lines(file):
        yield from _lines(text, stem)
    elif file.size is not None and file.size <= WHOLE:
        yield Document(file.name, stem=stem, value=_whole(text))
    else:
        yield from _streamed(text, frozenset(lists), stem)
    yield from text.findings()


def by_lines(file: SourceFile) -> bool:
    """Whether a file is NDJSON: by its name, or because its first line is a whole value and another follows."""
    lower = file.name.lower()
    if lower.endswith((".ndjson", ".jsonl", ".ldjson")):
        return True
    first = beginning(file)
    line, end, rest = first.lstrip(_SPACE).partition("\n")
    if not end or not rest.strip(_SPACE) or not line.startswith(("{", "[")):
        return False
    try:
        _parse(line)
    except ValueError:
        return False
    return rest.lstrip(_SPACE).startswith(("{", "["))


def _lines(text: TextFile, stem: str) -> Iterator[Document]:
    name = text.file.name
    for number, line in text.lines():
        if line.strip(_SPACE):
            yield Document(name, "", number, None, stem, line)


def _parse(text: str) -> Json:
    """The value of a text; ValueError when it is not JSON. RecursionError, of a value nested too deep, is one too."""
    try:
        return orjson.loads(text)
    except ValueError:
        try:  # numbers and escapes that only the standard library takes
            return json.loads(text, parse_constant=lambda _: None, parse_int=whole_number)
        except RecursionError as error:
            raise ValueError("nested too deep") from error


def _whole(text: TextFile) -> Json:
    content = "".join(text.chunks())
    if not content.strip(_SPACE):
        raise DirectoryError(_("{name}: is empty. Get the whole file and import it again.", name=text.file.name))
    try:
        value = _parse(content)
        return plain(value) if text.escapes else value
    except ValueError as error:
        raise DirectoryError(
            _("{name}: is not valid JSON, or is cut: {error}.", name=text.file.name, error=str(error)[:120])
        ) from error


def _streamed(text: TextFile, lists: frozenset[str], stem: str) -> Iterator[Document | Finding]:
    name = text.file.name
    first = beginning(text.file).lstrip(_SPACE)[:1]
    try:
        with text.utf8() as whole:
            stream = Bounded(whole, name)
            if first == "[":
                for at, value in enumerate(ijson.items(stream, "item", use_float=True)):
                    stream.mark(f"/{at}")
                    yield Document(name, f"/{at}", stem=stem, value=plain(value) if text.escapes else value)
            elif first == "{":
                for document in _members(stream, name, lists, stem):
                    yield document._replace(value=plain(document.value)) if text.escapes else document
            else:
                raise DirectoryError(_("{name}: is not a JSON object or list.", name=name))
    except ijson.JSONError as error:
        raise DirectoryError(
            # Its other lines quote the file.
            _("{name}: is not valid JSON, or is cut: {error}.", name=name, error=str(error).partition("\n")[0][:120])
        ) from error


def _members(stream: Bounded, name: str, lists: frozenset[str], stem: str) -> Iterator[Document]:
    """Items of the root object's known lists as they come; what else it has, as one object at the end."""
    rest: dict[str, Any] = {}
    builder: Any = None
    key, depth, at, listed = "", 0, 0, False
    for event, value in ijson.basic_parse(stream, use_float=True):
        if depth == 1 and event == "map_key":
            key, at, listed = value, 0, False
            continue
        if depth == 1 and event == "start_array" and key in lists:
            listed, depth = True, 2
            continue
        base = 2 if listed else 1
        if listed and depth == 2 and event == "end_array":
            listed, depth = False, 1
            continue
        if depth == 0 or (depth == 1 and event == "end_map"):
            depth += 1 if event == "start_map" else -1
            continue
        if builder is None:
            builder = ijson.common.ObjectBuilder()
        builder.event(event, value)
        depth += (event in {"start_map", "start_array"}) - (event in {"end_map", "end_array"})
        if depth == base:
            if listed:
                stream.mark(f"/{key}/{at}")
                yield Document(name, f"/{key}/{at}", container=key, stem=stem, value=builder.value)
                at += 1
            else:
                stream.keep(f"/{key}")
                rest[key] = builder.value
            builder = None
    if rest:
        yield Document(name, stem=stem, value=rest)
