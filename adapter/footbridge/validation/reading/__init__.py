"""Reads resources from JSON, XML and NDJSON, strictly, into the plain dicts that the engine looks at.

>>> from footbridge.validation.reading import read
>>> read(b'{"resourceType": "Task"}').resource
{'resourceType': 'Task'}
"""

from footbridge.validation.reading.document import Document, Place
from footbridge.validation.reading.json_text import read_json_text
from footbridge.validation.reading.sniff import read
from footbridge.validation.reading.xml_text import read_xml

__all__ = ["Document", "Place", "read", "read_json_text", "read_xml"]
