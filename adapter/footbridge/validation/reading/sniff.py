"""Tells XML from JSON by its first character."""

from footbridge.validation.reading.document import Document
from footbridge.validation.reading.json_text import read_json_text
from footbridge.validation.reading.xml_text import Types, read_xml

# Blanks, byte order marks, and the empty half of a wide character: XML in UTF-16 is told that it is in UTF-16.
_BEFORE = b" \t\r\n\xef\xbb\xbf\xff\xfe\0"


def read(data: bytes, types: Types | None = None, *, allow_comments: bool = False, first_line: int = 1) -> Document:
    """Read one resource. XML needs the ``types`` of the engine: ``Validator().types``.

    ``first_line`` is the line of the file that a line of NDJSON is, as messages tell it.
    """
    if data.lstrip(_BEFORE)[:1] == b"<":
        if types is None:
            raise ValueError("XML is read by the types of an engine.")
        return read_xml(data, types)
    return read_json_text(data, allow_comments=allow_comments, first_line=first_line)
