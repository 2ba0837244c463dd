"""Writes resources as XML: ``write_xml(resource, Validator().types)``. JSON needs no writer of its own."""

from footbridge.validation.writing.xml_text import write_xml

__all__ = ["write_xml"]
