"""Checks the XHTML of a narrative (https://hl7.org/fhir/R4/narrative.html): form, safety, content.

The elements and attributes that R4 allows are ``profiles/narrative-xhtml.json``. Text that comes from a
partner is parsed with no entity expansion, no network and lxml's own limits on size and depth.
"""

import functools
import html.entities
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

from lxml import etree

from footbridge.data import read_json
from footbridge.validation.fhirpath import lenient, nesting

SPEC = "narrative.html"
XHTML = "{http://www.w3.org/1999/xhtml}"
XML = "{http://www.w3.org/XML/1998/namespace}"
XML_ENTITIES = frozenset({"lt", "gt", "amp", "quot", "apos"})
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]*);")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):")
_DATA = re.compile(r"\s*data:", re.IGNORECASE)
_CDATA = re.compile(r"<!\[CDATA\[.*?\]\]>", re.DOTALL)
_BLANK = re.compile(r"[\s\x00-\x20]+")

FORM: Final = "narrative.form"
Rule = Literal[
    "narrative.form", "narrative.doctype", "narrative.root", "narrative.element", "narrative.attribute",
    "narrative.event", "narrative.unsafe-link", "narrative.style", "narrative.empty", "narrative.node",
    "narrative.nesting", "narrative.url",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: its rule, what it is about (an element's or attribute's name), and a plain sentence."""

    rule: Rule
    name: str
    message: str
    severity: Literal["error", "warning"] = "error"


@functools.cache
def _tables() -> dict[str, Any]:
    tables: dict[str, Any] = read_json("profiles", "narrative-xhtml.json")
    return tables


def faults(markup: str) -> list[Fault]:
    """Everything wrong with a narrative's ``div``; an empty list when it is good."""
    if "<!DOCTYPE" in markup or "<!ENTITY" in markup:
        return [Fault("narrative.doctype", "", "A narrative has no document type and declares no entities.")]
    root, found = _parse(markup), []
    if root is None:
        root = _parse(lenient.as_read(markup))
        words = "The narrative is not well-formed XHTML"
        if root is None:
            return [Fault("narrative.form", "", f"{words}.")]
        found.append(Fault("narrative.form", "", f"{words}; some readers take it all the same.", "warning"))
    found += _root_faults(root)
    for element in root.iter():
        found.extend(_element_faults(element))
        found.extend(_nesting_faults(element))
    if not _has_content(_shown(markup) if "<![CDATA[" in markup else root):
        found.append(Fault("narrative.empty", "div", "The narrative has neither text nor an image."))
    return found


def fragment_faults(markup: str) -> list[Fault]:
    """Everything wrong with a piece of XHTML: text and elements that some div could hold, an empty list when good.

    http://hl7.org/fhir/StructureDefinition/rendering-xhtml. Where the piece will stand is not known, so that an item
    without its list is good; the namespace is XHTML's where none is told.
    """
    if "<!DOCTYPE" in markup or "<!ENTITY" in markup:
        return [Fault("narrative.doctype", "", "XHTML in a text has no document type and declares no entities.")]
    root = _parse(_in_a_div(markup))
    if root is None:
        return [Fault("narrative.form", "", "The text is not well-formed XHTML.")]
    return [fault for element in root.iter() for fault in _element_faults(element)]


def is_empty(markup: str) -> bool:
    """Whether a narrative that is well-formed holds nothing to read."""
    return any(fault.rule == "narrative.empty" for fault in faults(markup))


def is_empty_fragment(markup: str) -> bool:
    """Whether a piece of XHTML that is well-formed holds nothing to read."""
    root = _parse(_in_a_div(markup))
    return root is not None and not _has_content(root)


def _in_a_div(markup: str) -> str:
    return f'<div xmlns="{XHTML[1:-1]}">{markup}</div>'


def _parse(markup: str) -> etree._Element | None:
    """The root element, None when the text is not well-formed XML."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    text = _ENTITY.sub(_character, markup)
    try:
        return etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        return None


def _character(match: re.Match[str]) -> str:
    """HTML's named characters, which XML does not know, as numbers."""
    point = html.entities.name2codepoint.get(match[1])
    return match[0] if match[1] in XML_ENTITIES or point is None else f"&#{point};"


def _root_faults(root: etree._Element) -> Iterator[Fault]:
    if root.tag != XHTML + "div":
        yield Fault("narrative.root", "div", "The narrative's root is a div in the XHTML namespace.")


def _element_faults(element: etree._Element) -> Iterator[Fault]:
    tag: object = element.tag
    if not isinstance(tag, str):
        if tag is not etree.Comment:
            words = "A narrative holds no processing instructions or entity references."
            yield Fault("narrative.node", "", words, "warning" if tag is etree.PI else "error")
        return
    name = tag.removeprefix(XHTML)
    if tag == name or name not in _tables()["elements"]:
        label = etree.QName(element).localname
        yield Fault("narrative.element", label, f"The element '{label}' is not allowed in a narrative.")
        return
    for attribute, value in element.attrib.items():
        yield from _attribute_faults(name, str(attribute).replace(XML, "xml:"), str(value))


def _nesting_faults(element: etree._Element) -> Iterator[Fault]:
    tag: object = element.tag
    name = tag.removeprefix(XHTML) if isinstance(tag, str) else ""
    if tag != name and name in _tables()["elements"] and (why := nesting.misplaced(element)) is not None:
        yield Fault("narrative.nesting", name, why)


def _attribute_faults(element: str, attribute: str, value: str) -> Iterator[Fault]:
    tables = _tables()
    allowed = tables["attributes"]
    if attribute.startswith("on"):
        yield Fault("narrative.event", attribute, f"The event handler '{attribute}' is not allowed in a narrative.")
    elif attribute not in allowed["*"] and attribute not in allowed.get(element, ()):
        yield Fault("narrative.attribute", attribute, f"The attribute '{attribute}' is not allowed on '{element}'.")
    elif attribute == tables["links"].get(element) and not _safe_link(element, value):
        words = f"The link in '{attribute}' of '{element}' has an unsafe scheme."
        holds_data = _DATA.match(value) is not None
        yield Fault("narrative.unsafe-link", attribute, words, "warning" if holds_data else "error")
    elif attribute in {"href", "src"} and (not value or _BLANK.search(value)):
        yield Fault("narrative.url", attribute, f"The URL in '{attribute}' of '{element}' is empty or holds a blank.")
    elif attribute == "style" and any(part in value.lower() for part in tables["unsafe_style"]):
        yield Fault("narrative.style", attribute, f"The style of '{element}' may load or run something.", "warning")


def _safe_link(element: str, value: str) -> bool:
    tables = _tables()
    match = _SCHEME.match(_BLANK.sub("", value).lower())
    if match is None or match[1] not in tables["unsafe_schemes"]:
        return True
    return match[1] == "data" and element in tables["data_uri_allowed_on"]


def _shown(markup: str) -> etree._Element | None:
    """The root without its CDATA sections, which a browser that is given the div as HTML does not show."""
    return _parse(_CDATA.sub("", markup))


def _has_content(root: etree._Element | None) -> bool:
    if root is None:
        return False
    if any(True for _ in root.iter(XHTML + "img")):
        return True
    return bool(root.xpath("boolean(.//text()[normalize-space()])"))  # itertext is slow over many comments
