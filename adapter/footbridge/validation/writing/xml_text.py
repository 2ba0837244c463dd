"""Writes the JSON form of a resource as FHIR's XML, https://hl7.org/fhir/R4/xml.html.

Elements come in the order of their type, whatever the order of the JSON. What the type does not know is left out, and
so is a character that XML cannot have.
"""

import re
from itertools import zip_longest
from typing import Any

from lxml import etree

from footbridge.validation.core.plan import Slot, TypePlan
from footbridge.validation.reading.xml_text import FHIR, Types
from footbridge.validation.reading.xml_values import attribute

_FORBIDDEN = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
Json = Any


def write_xml(resource: dict[str, Json], types: Types) -> bytes:
    """A resource as an XML document, in UTF-8.

    Args:
        resource: its JSON form.
        types: the compiled types, ``Validator().types``.

    Raises:
        ValueError: the resource has no type that is known, or a narrative that is no XHTML.
    """
    root = _resource(resource, types)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _resource(resource: dict[str, Json], types: Types) -> etree._Element:
    name = resource.get("resourceType")
    plan = types.type(name) if isinstance(name, str) else None
    if plan is None or plan.kind != "resource":
        raise ValueError("A resource of a known type was expected.")
    element = etree.Element(etree.QName(FHIR, plan.name), nsmap={None: FHIR})  # type: ignore[dict-item]  # lxml's own way of a default
    _children(element, resource, plan, types)
    return element


def _children(parent: etree._Element, value: dict[str, Json], plan: TypePlan, types: Types) -> None:
    for slot in plan.keys.values():
        _slot(parent, value, slot, plan, types)


def _slot(parent: etree._Element, value: dict[str, Json], slot: Slot, plan: TypePlan, types: Types) -> None:
    """Add every value under one JSON name."""
    found, extra = value.get(slot.key), value.get(slot.extra_key)
    if found is None and extra is None:
        return
    if (slot.key == "id" and plan.kind != "resource") or (slot.key == "url" and plan.name == "Extension"):
        parent.set(slot.key, _clean(attribute(found)))
        return
    rows = found if isinstance(found, list) else [found]
    extras = extra if isinstance(extra, list) else [extra]
    for row, more in zip_longest(rows, extras):
        _value(parent, slot, row, more, types)


def _value(parent: etree._Element, slot: Slot, value: Json, extra: Json, types: Types) -> None:
    if slot.type == "xhtml":
        parent.append(_xhtml(value))
        return
    element = etree.SubElement(parent, etree.QName(FHIR, slot.key))
    if slot.choose is not None:
        element.append(_resource(value, types))
    elif isinstance(value, dict):
        _children(element, value, slot.plan, types)
    else:
        if value is not None:
            element.set("value", _clean(attribute(value)))
        inner = types.type("Element")
        if isinstance(extra, dict) and inner is not None:
            _children(element, extra, inner, types)


def _xhtml(text: Json) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(str(text).encode(), parser)
    except etree.XMLSyntaxError as error:
        raise ValueError("The narrative is no well-formed XHTML.") from error


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
