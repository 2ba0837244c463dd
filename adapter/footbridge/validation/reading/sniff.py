"""Tells XML from JSON by its first character."""

from footbridge.validation.reading.document import Document
from footbridge.validation.reading.json_text import read_json_text
from footbridge.validation.reading.xml_text import Types, read_xml


def read(data: bytes, types: Types | None = None, *, allow_comments: bool = False) -> Document:
    """Read one resource. XML needs the ``types`` of the engine: ``Validator().types``."""
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        if types is None:
            raise ValueError("XML is read by the types of an engine.")
        return read_xml(data, types)
    return read_json_text(data, allow_comments=allow_comments)
