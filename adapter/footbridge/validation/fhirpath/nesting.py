"""Which elements of a narrative may stand in which: lists hold items, paragraphs no blocks, links no links.

https://www.w3.org/TR/html401/ chapters 9 to 11; the tables are in ``profiles/narrative-xhtml.json``.
"""

import functools
from typing import Any

from lxml import etree

from footbridge.data import read_json

XHTML = "{http://www.w3.org/1999/xhtml}"


def misplaced(element: etree._Element) -> str | None:
    """Why an element or the text in it stands in the wrong place; None when all is well."""
    tables = _tables()
    name = _name(element)
    above = element.getparent()
    if above is not None and (why := _in(name, _name(above), tables)):
        return why
    if name in tables["empty"] and (len(element) or _has_text(element)):
        return f"'{name}' holds nothing."
    if name in tables["content"] and _has_text(element):
        return f"'{name}' holds text of its own; it belongs into its parts."
    if name in tables["not_in_themselves"] and any(_name(row) == name for row in element.iterancestors()):
        return f"'{name}' stands within another one."
    if name in tables["not_in_a_paragraph"] and any(_name(row) == "p" for row in element.iterancestors()):
        return f"'{name}' cannot stand in a paragraph."
    return None


def _in(name: str, above: str, tables: dict[str, Any]) -> str | None:
    """Why an element cannot stand right in another one."""
    allowed = tables["content"].get(above)
    if allowed is not None and name not in allowed:
        return f"'{name}' cannot stand in '{above}'."
    holders = tables["within"].get(name)
    if holders is not None and above not in holders:
        return f"'{name}' cannot stand in '{above}'."
    if name in tables["blocks"] and allowed is None and above not in tables["holders_of_blocks"]:
        return f"'{name}' cannot stand in '{above}'."
    return None


def _has_text(element: etree._Element) -> bool:
    return any(text and text.strip() for text in (element.text, *(row.tail for row in element)))


def _name(element: etree._Element) -> str:
    tag: object = element.tag
    return tag.removeprefix(XHTML) if isinstance(tag, str) else ""


@functools.cache
def _tables() -> dict[str, Any]:
    tables: dict[str, Any] = read_json("profiles", "narrative-xhtml.json")
    return tables
