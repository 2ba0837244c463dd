"""The official XML Schemas of AIRS, for strict reading: one record at a time, with lines and what the schema says."""

import copy
import functools
import re
from pathlib import Path

from lxml import etree

from footbridge.data import folder
from footbridge.directory.errors import DirectoryError
from footbridge.directory.readers.airs_elements import Element, line_of, table
from footbridge.i18n import _

MOST_ERRORS = 20  # of one record
_VALUE = re.compile(r"((?:^|: |\] )(?:The value)?) ?'.*' (?=(?:is not|has a length|is less|is greater)\b)", re.DOTALL)


@functools.cache
def _schema(version: str) -> etree.XMLSchema:
    name = table()["schemas"][version]
    content = folder("mappings").joinpath("directory", "schemas", "airs", name).read_bytes()
    return etree.XMLSchema(etree.fromstring(content, _parser()))


def schema_for(version: str, given: Path | None) -> etree.XMLSchema:
    """The schema of a version, or the one in a file that the user names; raises DirectoryError."""
    if given is None or not given.is_file():
        return _schema(version)
    try:
        return etree.XMLSchema(etree.fromstring(given.read_bytes(), _parser()))
    except (OSError, etree.LxmlError) as error:
        raise DirectoryError(
            _("{name} is not an XML Schema that can be read: {error}", name=given.name, error=str(error))
        ) from error


def errors(schema: etree.XMLSchema, source: Element, record: Element) -> list[tuple[int, str]]:
    """Line and message of each error of a record that stands directly in ``Source``; empty when it is valid."""
    attributes = {str(name): str(content) for name, content in source.attrib.items()}
    root = etree.Element(str(source.tag), attributes, nsmap=dict(source.nsmap))  # type: ignore[arg-type]
    alone = copy.deepcopy(record)
    alone.tail = None
    root.append(alone)
    if schema.validate(root):
        return []
    found = list(schema.error_log)[:MOST_ERRORS]  # type: ignore[call-overload]  # the stubs know no iteration
    return [(entry.line or line_of(record) or 0, _without_values(entry.message)) for entry in found]


def _without_values(message: str) -> str:
    """What the schema says, without the value that it says it of: coordinates and addresses may be confidential."""
    return _VALUE.sub(lambda found: f"{found[1]} " if found[1].endswith("value") else f"{found[1]}The value ", message)


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
