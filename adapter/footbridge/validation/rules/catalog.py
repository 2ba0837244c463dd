"""Every rule of the engine, at one glance. One kind of rule is one file beside this one.

While the walk runs:    json_shape  unknown_element  required  primitive_form
Per element:            VALUE_RULES, LIST_RULES, slicing
Per type, per resource: TYPE_RULES, RESOURCE_RULES, EVERY_RESOURCE; those of packs come after them
"""

from collections.abc import Callable, Collection, Iterator
from typing import Any

from footbridge.validation.core.build import Build
from footbridge.validation.core.elements import Element
from footbridge.validation.core.plan import ListRule, ProfileNode, Rule
from footbridge.validation.rules import (
    allowed_type,
    binding,
    canonical_target,
    cardinality,
    category_binding,
    element_limits,
    fixed,
    invariant,
    max_length,
    narrative_control,
    pattern,
    profiled_type,
    reference_target,
    slicing,
    value_range,
)
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
from footbridge.validation.rules.uri_value import AbsoluteCanonical, CanonicalUrl, ExampleUrl
from footbridge.validation.rules.value_set import ValueSetCompose
from footbridge.validation.rules.value_set_expansion import ValueSetExpansion

# Factories: an element of a structure -> the rules on each of its values.
VALUE_RULES: tuple[Callable[[Element, Build], Iterator[Rule]], ...] = (
    allowed_type.make,
    fixed.make,
    pattern.make,
    value_range.make,
    max_length.make,
    element_limits.make,
    binding.make,
    category_binding.make,
    reference_target.make,
    canonical_target.make,
    profiled_type.make,
    narrative_control.make,
    invariant.make,
)

# Factories: an element of a profile -> the rules on all its values together.
LIST_RULES: tuple[Callable[[Element, Build], Iterator[ListRule]], ...] = (cardinality.make,)

# The factory of the rule on all values of a sliced element.
SLICING: Callable[[Element, Build, Callable[[Element], ProfileNode]], ListRule | None] = slicing.make

TYPE_RULES: dict[str, tuple[Rule, ...]] = {
    "Attachment": (AttachmentContent(),),
    "Coding": (KnownCode(),),
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


def for_type(name: str, kind: str, elements: Collection[str]) -> tuple[Rule, ...]:
    """The rules that hang on a type, whatever element holds it: by its name, its kind, the names of its elements."""
    if kind == "resource":
        own: tuple[Rule, ...] = (NarrativePresent(),) if "text" in elements else ()
        if {"url", "version", "status"} <= set(elements):
            own += (CanonicalState(),)
            own += (CanonicalUrl(),) if "publisher" in elements else ()  # a Contract has a url, and is no definition
        return EVERY_RESOURCE + own + RESOURCE_RULES.get(name, ())
    return TYPE_RULES.get(name, ())
