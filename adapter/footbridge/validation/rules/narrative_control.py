"""What a profile asks of a narrative's languages and of the source of its parts (rules narrative.language, .source).

http://hl7.org/fhir/StructureDefinition/narrative-language-control: ``_no`` section has a language of its own,
``_yes`` there are such sections, ``_resource`` one of them is in the resource's language, else the language named.
http://hl7.org/fhir/StructureDefinition/narrative-source-control: each part tells whether it is boilerplate, original or
generated.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from footbridge.validation.core.build import Build
from footbridge.validation.core.elements import Element
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import NONE, Findings, Rule
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot

SPEC = "https://hl7.org/fhir/extensions/StructureDefinition-narrative-language-control.html"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
SOURCES = frozenset({"boilerplate", "original", "generated"})


@dataclass(frozen=True, slots=True)
class NarrativeControl:
    """``language`` and ``source`` are the codes of the two controls."""

    language: str | None
    source: str | None
    profile: str | None

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Look at the sections of the ``div``."""
        markup = spot.value.get("div") if spot.value.__class__ is dict else None
        root = _parsed(markup) if isinstance(markup, str) else None
        if root is None:
            return NONE
        found = self._languages(root, spot, scope) if self.language is not None else NONE
        if self.source is None or _sourced(root):
            return found
        told = self._told("narrative.source", spot, "A part of the narrative does not tell its source by its class.")
        return (*found, *told)

    def _languages(self, root: etree._Element, spot: Spot, scope: Scope) -> Findings:
        present = {str(row.get(LANGUAGE)) for row in root if isinstance(row.tag, str) and row.get(LANGUAGE)}
        if self.language == "_no":
            told = self._told("narrative.language", spot, "No section may have a language of its own.")
            return told if present else NONE
        wanted = None if self.language == "_yes" else self.language
        if self.language == "_resource":
            own = scope.resource.get("language")
            wanted = own if isinstance(own, str) else None
        if not present:
            return self._told("narrative.language", spot, "The narrative must have sections, each in a language.")
        if wanted is not None and wanted not in present:
            return self._told(
                "narrative.language", spot, "The narrative has no section in the language that is asked for."
            )
        return NONE

    def _told(self, rule: str, spot: Spot, words: str) -> Findings:
        return finding(rule, spot, words, code="structure", profile=self.profile, spec=SPEC)


def _parsed(markup: str) -> etree._Element | None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(markup.encode(), parser)
    except etree.XMLSyntaxError:
        return None


def _sourced(root: etree._Element) -> bool:
    """Whether all text stands in parts with one of the classes."""
    texts = [root.text, *(row.tail for row in root)]
    if any(text and text.strip() for text in texts):
        return False
    return all(SOURCES & set(str(row.get("class", "")).split()) for row in root if isinstance(row.tag, str))


def make(element: Element, build: Build) -> Iterator[Rule]:
    """The controls that a profile sets on a narrative."""
    controls = element.facts.get("narrativeControl")
    if isinstance(controls, dict) and build.profile is not None:
        yield NarrativeControl(controls.get("language"), controls.get("source"), build.profile)
