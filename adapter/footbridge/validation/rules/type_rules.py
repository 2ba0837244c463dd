"""Rules that hang on a type, whatever element holds it; and on a resource type."""

from collections.abc import Callable, Collection
from typing import Any

from footbridge.validation.engine.plan import Rule
from footbridge.validation.packs.terminology_hygiene import CodingHygiene
from footbridge.validation.rules.attachment_value import AttachmentContent
from footbridge.validation.rules.base64_value import UnbrokenBase64
from footbridge.validation.rules.best_practice import NarrativePresent
from footbridge.validation.rules.bundle import BundleEntries
from footbridge.validation.rules.bundle_links import BundleLinks
from footbridge.validation.rules.canonical_resource import CanonicalState
from footbridge.validation.rules.capability_statement import CapabilitySearch
from footbridge.validation.rules.code_system import CodeSystemContent
from footbridge.validation.rules.code_system_concepts import CodeSystemConcepts
from footbridge.validation.rules.coding import KnownCode, KnownUnit
from footbridge.validation.rules.concept_map import MapContent
from footbridge.validation.rules.contained import Contained
from footbridge.validation.rules.extension import KnownExtension
from footbridge.validation.rules.identifier_value import IdentifierUri
from footbridge.validation.rules.measure import MeasureContent
from footbridge.validation.rules.measure_report import ReportOfMeasure
from footbridge.validation.rules.meta_value import SecurityLabels
from footbridge.validation.rules.namespace import DefinedUrl
from footbridge.validation.rules.narrative import Xhtml
from footbridge.validation.rules.observation import ObservationContext
from footbridge.validation.rules.operation_definition import OperationProfiles
from footbridge.validation.rules.questionnaire.derivation import QuestionnaireItems
from footbridge.validation.rules.questionnaire.response import ResponseItems
from footbridge.validation.rules.reference_value import ReferenceValue
from footbridge.validation.rules.resource_id import ResourceId
from footbridge.validation.rules.search_parameter import SearchParameterContent
from footbridge.validation.rules.signature import BundleSignature
from footbridge.validation.rules.structure_definition.differential import DefinitionDifferential
from footbridge.validation.rules.structure_definition.elements import DefinitionElements
from footbridge.validation.rules.structure_definition.head import DefinitionHead
from footbridge.validation.rules.text_value import MarkdownText, PlainText, TidyText
from footbridge.validation.rules.uri_value import AbsoluteCanonical, ExampleUrl
from footbridge.validation.rules.value_set import ValueSetCompose
from footbridge.validation.rules.value_set_expansion import ValueSetExpansion

TYPE_RULES: dict[str, tuple[Rule, ...]] = {
    "Attachment": (AttachmentContent(),),
    "Coding": (KnownCode(), CodingHygiene()),
    "Quantity": (KnownUnit(),),
    "Extension": (KnownExtension(),),
    "Identifier": (IdentifierUri(),),
    "Meta": (SecurityLabels(),),
    "Narrative": (Xhtml(),),
    "Reference": (ReferenceValue(),),
    "canonical": (AbsoluteCanonical(), ExampleUrl()),
    "markdown": (MarkdownText(),),
    "base64Binary": (UnbrokenBase64(),),
    "string": (PlainText(), TidyText()),
    "uri": (ExampleUrl(), DefinedUrl()),
    "url": (ExampleUrl(), DefinedUrl()),
}
# Most primitive values cannot break their type's rules; what may is told by a part of the text.
QUICK: dict[str, Callable[[Any], bool]] = {
    "canonical": lambda value: value[:5] not in {"http:", "https"} or "example" in value or "acme" in value,
    "markdown": lambda value: "<" in value,
    "base64Binary": lambda value: " " in value or "\n" in value,
    "string": lambda value: "<" in value or value != value.strip() or not value.isascii(),
    "uri": lambda value: value[:19] == "http://hl7.org/fhir" or "example" in value or "acme" in value,
    "url": lambda value: value[:19] == "http://hl7.org/fhir" or "example" in value or "acme" in value,
}
RESOURCE_RULES: dict[str, tuple[Rule, ...]] = {
    "Bundle": (BundleEntries(), BundleLinks(), BundleSignature()),
    "CapabilityStatement": (CapabilitySearch(),),
    "CodeSystem": (CodeSystemContent(), CodeSystemConcepts()),
    "ConceptMap": (MapContent(),),
    "Measure": (MeasureContent(),),
    "Observation": (ObservationContext(),),
    "MeasureReport": (ReportOfMeasure(),),
    "OperationDefinition": (OperationProfiles(),),
    "Questionnaire": (QuestionnaireItems(),),
    "QuestionnaireResponse": (ResponseItems(),),
    "SearchParameter": (SearchParameterContent(),),
    "StructureDefinition": (DefinitionHead(), DefinitionElements(), DefinitionDifferential()),
    "ValueSet": (ValueSetCompose(), ValueSetExpansion()),
}
EVERY_RESOURCE: tuple[Rule, ...] = (ResourceId(), Contained())


def of(name: str, kind: str, elements: Collection[str]) -> tuple[Rule, ...]:
    """The rules of a type by its name, its kind and the names of its elements."""
    if kind == "resource":
        own: tuple[Rule, ...] = (NarrativePresent(),) if "text" in elements else ()
        if {"url", "version", "status"} <= set(elements):
            own += (CanonicalState(),)
        return EVERY_RESOURCE + own + RESOURCE_RULES.get(name, ())
    return TYPE_RULES.get(name, ())
