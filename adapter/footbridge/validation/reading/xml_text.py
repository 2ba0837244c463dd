"""Reads FHIR's XML into the JSON form, and tells what XML alone can have wrong.

https://hl7.org/fhir/R4/xml.html. Document types and entities are refused, nothing is fetched, and lxml's limits on size
and depth stay on. Rules: xml.syntax, xml.encoding, xml.text, xml.attribute, xml.element, xml.namespace, xml.order.
"""

import re
from typing import Any, Protocol

from lxml import etree

from footbridge.model.issues import Issue
from footbridge.validation.core.plan import Slot, TypePlan
from footbridge.validation.reading.document import MOST_ISSUES, Document
from footbridge.validation.reading.xml_places import XmlPlaces, is_element, line_of
from footbridge.validation.reading.xml_values import scalar, xhtml_text

FHIR = "http://hl7.org/fhir"
XHTML = "http://www.w3.org/1999/xhtml"
SPEC = "https://hl7.org/fhir/R4/xml.html"
DEEPEST = 100
BLANKS = " \t\r\n"  # white space of XML: https://www.w3.org/TR/xml/#sec-white-space; a no-break space is text
_DECLARED = re.compile(rb"""(?:\xef\xbb\xbf)?<\?xml\b[^>]*?\bencoding\s*=\s*["']([^"'>]*)""")
_NAME_OF_ENCODING = re.compile(r"[A-Za-z][A-Za-z0-9._\-]{0,39}")
Json = Any

SCHEMA_LOCATION = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"


class Types(Protocol):
    """The compiled types."""

    def type(self, name: str) -> TypePlan | None:
        """The plan of a type or resource."""


def read_xml(data: bytes, types: Types, *, strict: bool = True) -> Document:
    """Read one XML document. Never raises on bad text: the faults are the Document's issues.

    Where it is not ``strict``, a resource may name its schema's place, and may have nothing in it.
    """
    other = _other_encoding(data)
    if other is not None:
        return Document(None, (_issue("xml.encoding", other, "$this", 1),))
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_blank_text=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        line, column = getattr(error, "position", (None, None))
        words = f"The text is no well-formed XML{_why(error)}."
        return Document(None, (_issue("xml.syntax", words, "$this", line, column),))
    if root.getroottree().docinfo.internalDTD is not None:
        return Document(None, (_issue("xml.syntax", "A document type is not allowed.", "$this"),))
    return XmlReader(types, strict=strict).read(root)


def _other_encoding(data: bytes) -> str | None:
    """What to say of XML that is not, or not declared as, UTF-8; None where all is well.

    The declared name is asked, as the HL7 validator does, not only the characters: ``UTF8`` is no name of UTF-8
    (https://www.iana.org/assignments/character-sets), and ASCII alone may be read by another name tomorrow.
    """
    if b"\0" in data[:4]:
        return "The XML is in UTF-16 or UTF-32; FHIR's XML is always in UTF-8. Save it as UTF-8."
    match = _DECLARED.match(data)
    if match is None or match[1].upper() == b"UTF-8":
        return None
    name = match[1].decode(errors="replace")
    shown = name if _NAME_OF_ENCODING.fullmatch(name) else "another encoding"
    return f'The XML declares {shown}; FHIR\'s XML is always in UTF-8. Save it as UTF-8, with encoding="UTF-8".'


def _why(error: Exception) -> str:
    """The kind of a fault of XML; the parser's own words may quote the text."""
    if not isinstance(error, etree.XMLSyntaxError):
        return ""
    told = getattr(error.error_log, "last_error", None)  # the types of lxml lack it
    kind = "" if told is None else str(told.type_name)
    return f": {kind.removeprefix('ERR_').replace('_', ' ').lower()}" if kind.startswith("ERR_") else ""


class XmlReader:
    """Turns one XML tree into JSON."""

    def __init__(self, types: Types, *, strict: bool) -> None:
        self.strict = strict
        self.types = types
        self.issues: list[Issue] = []
        self.orders: dict[str, dict[str, int]] = {}
        self.depth = 0

    def read(self, root: etree._Element) -> Document:
        """The document of a root element."""
        resource = self._resource(root, etree.QName(root).localname)
        if not all(_is_comment(node) for side in (True, False) for node in root.itersiblings(preceding=side)):
            self._fault("xml.text", "Processing instructions are not allowed beside the resource.", root, "$this")
        if self.strict and not any(is_element(child) for child in root):
            self._fault("xml.element", "The resource has nothing in it.", root, etree.QName(root).localname)
        return Document(resource, tuple(self.issues), XmlPlaces(root).locate)

    def _resource(self, element: etree._Element, path: str) -> Json:
        name = etree.QName(element).localname
        plan = self.types.type(name)
        if etree.QName(element).namespace != FHIR:
            self._fault("xml.namespace", "The namespace is not that of FHIR.", element, path)
        if plan is None or plan.kind != "resource":
            return {"resourceType": name}
        return {"resourceType": name} | self._object(element, plan, path)

    def _object(self, element: etree._Element, plan: TypePlan, path: str) -> dict[str, Json]:
        made: dict[str, Json] = {}
        self.depth += 1
        if self.depth <= DEEPEST:
            self._attributes(element, plan, made, path)
            self._texts(element, path)
            self._children(element, plan, made, path)
        self.depth -= 1
        return made

    def _attributes(self, element: etree._Element, plan: TypePlan, made: dict[str, Json], path: str) -> None:
        for name in element.attrib:  # not their values: lxml takes long to give those of many
            if _is_attribute(str(name), plan):
                made[str(name)] = element.get(name)
            elif self.strict or name != SCHEMA_LOCATION or plan.kind != "resource":
                self._fault("xml.attribute", f"The attribute '{_plain(str(name))}' is not allowed here.", element, path)

    def _texts(self, element: etree._Element, path: str) -> None:
        texts = [element.text, *(child.tail for child in element)]
        if any(text and text.strip(BLANKS) for text in texts):
            self._fault("xml.text", "Text is not allowed between elements.", element, path)

    def _children(self, element: etree._Element, plan: TypePlan, made: dict[str, Json], path: str) -> None:
        if len(element) == 0:
            return
        order = self._order(plan)
        last = -1
        for child in element:
            if not is_element(child):
                if not _is_comment(child):
                    self._fault("xml.text", "Processing instructions and entities are not allowed.", child, path)
                continue
            name = etree.QName(child).localname
            slot = plan.keys.get(name)
            if slot is None or _is_attribute(name, plan):
                self._fault("xml.element", f"'{_plain(name)}' is no element of {plan.name}.", child, path)
                continue
            self._namespace(child, slot, path)
            if order[name] < last:
                self._fault("xml.order", f"'{name}' stands out of the order of {plan.name}.", child, path)
            last = max(last, order[name])
            self._add(child, slot, made, path)

    def _order(self, plan: TypePlan) -> dict[str, int]:
        """The place of each element in its type."""
        if plan.name not in self.orders:
            rows = enumerate(plan.elements.values())
            self.orders[plan.name] = {slot.key: at for at, slots in rows for slot in slots}
        return self.orders[plan.name]

    def _namespace(self, child: etree._Element, slot: Slot, path: str) -> None:
        wanted = XHTML if slot.type == "xhtml" else FHIR
        if etree.QName(child).namespace != wanted:
            self._fault("xml.namespace", f"'{slot.key}' is not in the namespace {wanted}.", child, path)

    def _add(self, child: etree._Element, slot: Slot, made: dict[str, Json], path: str) -> None:
        """Put a child's value under its JSON name."""
        known = made.get(slot.key) if slot.key in made else made.get(slot.extra_key)
        at = len(known) if isinstance(known, list) else 0
        here = f"{path}.{slot.label}[{at}]" if slot.array else f"{path}.{slot.label}"
        if not slot.array and (slot.key in made or slot.extra_key in made):
            self._fault("xml.element", f"'{slot.key}' does not repeat.", child, path)
            return
        value, extra = self._value(child, slot, here)
        if not slot.array:
            if value is not None:
                made[slot.key] = value
            if extra is not None:
                made[slot.extra_key] = extra
            return
        _append(made, slot, at, value, extra)

    def _value(self, child: etree._Element, slot: Slot, path: str) -> tuple[Json, Json]:
        """The JSON value of an element and its ``_name`` companion."""
        plan = slot.plan
        if slot.type == "xhtml":
            return xhtml_text(child), None
        if slot.choose is not None:
            return self._inner_resource(child, path), None
        if plan.form is None:
            return self._object(child, plan, path), None
        value = child.attrib.get("value")
        for name in child.attrib:
            if name in {"value", "id"}:
                continue
            self._fault("xml.attribute", f"The attribute '{_plain(str(name))}' is not allowed here.", child, path)
        extra: dict[str, Json] = {"id": child.attrib["id"]} if "id" in child.attrib else {}
        element = self.types.type("Element")
        self._texts(child, path)
        if element is not None:
            self._children(child, element, extra, path)
        if value is None and not extra:
            return None, {}
        return None if value is None else scalar(str(value), slot.type), extra or None

    def _inner_resource(self, child: etree._Element, path: str) -> Json:
        rows = [row for row in child if is_element(row)]
        self._texts(child, path)
        if len(rows) != 1:
            self._fault("xml.element", "Exactly one resource is expected here.", child, path)
        return self._resource(rows[0], path) if rows else {}

    def _fault(self, rule: str, message: str, element: etree._Element, path: str) -> None:
        if len(self.issues) < MOST_ISSUES:
            self.issues.append(_issue(rule, message, path, line_of(element)))


def _is_comment(node: etree._Element) -> bool:
    tag: object = node.tag
    return tag is etree.Comment


def _append(made: dict[str, Json], slot: Slot, at: int, value: Json, extra: Json) -> None:
    """Add a row to a list and, where one of the two has something to say, to its companion."""
    if slot.plan.form is None:
        made.setdefault(slot.key, []).append(value)
        return
    made.setdefault(slot.key, []).append(value)
    if extra is not None or slot.extra_key in made:
        rows = made.setdefault(slot.extra_key, [None] * at)
        rows.append(extra)


def _plain(name: str) -> str:
    local = name.rpartition("}")[2]
    return local if local.isascii() and local.replace("-", "").isalnum() and len(local) <= 64 else "..."


def _issue(rule: str, message: str, path: str, line: int | None = None, column: int | None = None) -> Issue:
    return Issue(rule, "error", "structure", message, expression=path, spec=SPEC, line=line, column=column)


def _is_attribute(name: str, plan: TypePlan) -> bool:
    """Whether XML writes an element as an attribute: the id of an element, the URL of an extension."""
    return (name == "id" and plan.kind != "resource") or (name == "url" and plan.name == "Extension")
