"""FHIR's own functions: https://hl7.org/fhir/R4/fhirpath.html#functions."""

from typing import Any

from footbridge.validation.fhirpath import narrative, quantities
from footbridge.validation.fhirpath.errors import Undecided, execution
from footbridge.validation.fhirpath.nodes import Node, append_complex, resource_node
from footbridge.validation.fhirpath.quantities import Quantity
from footbridge.validation.fhirpath.registry import function
from footbridge.validation.fhirpath.runtime import Frame
from footbridge.validation.fhirpath.typemodel import ANY, fhir_type
from footbridge.validation.fhirpath.values import EMPTY, Item, Items, single, text, unwrap

CORE_PROFILES = "http://hl7.org/fhir/StructureDefinition/"


@function("extension", 1, returns="Extension")
def extension(items: Items, _: Frame, url: Items) -> Items:
    """The extensions of that URL, of complex and primitive elements."""
    wanted = text(url, "extension()")
    if wanted is None:
        return EMPTY
    found: list[Item] = []
    for item in items:
        holder = _holder(item)
        rows = holder.get("extension") if isinstance(holder, dict) else None
        if isinstance(rows, list):
            matching = [row for row in rows if isinstance(row, dict) and row.get("url") == wanted]
            append_complex(matching, fhir_type("Extension") or ANY, found)
    return found


def _holder(item: Item) -> Any:  # noqa: ANN401 - JSON is any value
    """The JSON object that carries an item's extensions."""
    if not isinstance(item, Node):
        return None
    return item.value if isinstance(item.value, dict) else item.extra


@function("hasValue", boolean=True)
def has_value(items: Items, _: Frame) -> bool:
    """Whether there is a single primitive with a value, not extensions alone."""
    return len(items) == 1 and _has_value(items[0])


@function("hasValue or content", boolean=True)
def has_content(items: Items, _: Frame) -> bool:
    """``hasValue()`` as published profiles rely on it: a single complex element holds, too. No text can name it."""
    return len(items) == 1 and (_has_value(items[0]) or isinstance(items[0].value, dict))


def _has_value(item: Item) -> bool:
    if not isinstance(item, Node):
        return True
    return item.value is not None and not isinstance(item.value, dict | list)


@function("getValue")
def get_value(items: Items, _: Frame) -> Items:
    """The value of a single primitive as FHIRPath's own type."""
    return (unwrap(items[0]),) if len(items) == 1 and _has_value(items[0]) else EMPTY


@function("resolve", returns="any", takes="reference")
def resolve(items: Items, frame: Frame) -> Items:
    """The resources that references and canonicals lead to; what is not to be had is left out."""
    found = []
    for item in items:
        target = _target(item)
        resource = None if target is None else _resolve(target, frame)
        if isinstance(resource, dict):
            found.append(resource_node(resource))
    return found


def _target(item: Item) -> str | None:
    value = unwrap(item)
    if isinstance(value, Node) and isinstance(value.value, dict):
        value = value.value.get("reference")
    return value if isinstance(value, str) else None


def _resolve(target: str, frame: Frame) -> Any:  # noqa: ANN401 - JSON is any value
    """A contained resource of the root, or what the context resolves."""
    context = frame.run.context
    if target.startswith("#"):
        root = context.root_resource or context.resource
        rows = root.get("contained") if isinstance(root, dict) else None
        if target == "#":
            return root
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict) and row.get("id") == target[1:]:
                return row
    return context.resolve(target) if context.resolve is not None else None


@function("conformsTo", 1, boolean=True)
def conforms_to(items: Items, frame: Frame, profile: Items) -> bool | None:
    """Whether the single item conforms to a profile, as the context says.

    A base type of R4 is decided by the item's own type; any other profile without the context's
    ``conforms_to`` is an execution error, and Undecided where that gives None.
    """
    url = text(profile, "conformsTo()")
    item = items[0] if len(items) == 1 else None
    if url is None or not isinstance(item, Node):
        return None
    hook = frame.run.context.conforms_to
    if hook is not None:
        verdict = hook(item.value, url)
        if verdict is None:
            raise Undecided(f"conformance to {url}")
        return verdict
    base = url.removeprefix(CORE_PROFILES)
    if base == url or fhir_type(base) is None:
        raise execution("conformsTo() names a profile that is not known here")
    return item.type.is_a(base)


@function("htmlChecks", boolean=True)
def html_checks(items: Items, _: Frame) -> bool | None:
    """Whether XHTML is well-formed, safe, within what R4 allows; a narrative also whole and not empty."""
    return all(_is_good(item) for item in items) if items else None


def _is_good(item: Item) -> bool:
    markup = unwrap(item)
    if not isinstance(markup, str):
        return False
    found = narrative.faults(markup) if _is_narrative(item) else narrative.fragment_faults(markup)
    return all(fault.severity == "warning" for fault in found)


def _is_narrative(item: Item) -> bool:
    """Whether it is a narrative's ``div``; XHTML in any other element is a fragment."""
    return isinstance(item, Node) and item.type.name == "xhtml"


@function("htmlChecks2", boolean=True)
def html_checks_content(items: Items, _: Frame) -> bool | None:
    """Whether XHTML holds something to read."""
    return not any(_is_blank(item) for item in items) if items else None


def _is_blank(item: Item) -> bool:
    markup = unwrap(item)
    if not isinstance(markup, str):
        return False
    return narrative.is_empty(markup) if _is_narrative(item) else narrative.is_empty_fragment(markup)


@function("checkModifiers", (0, 99), returns="focus")
def check_modifiers(items: Items, _: Frame, *known: Items) -> Items:
    """The items unchanged, when all their modifier extensions are among the known ones; else an error."""
    urls = {text(url, "checkModifiers()") for url in known}
    for item in items:
        holder = _holder(item)
        rows = holder.get("modifierExtension") if isinstance(holder, dict) else None
        for row in rows if isinstance(rows, list) else ():
            if isinstance(row, dict) and row.get("url") not in urls:
                raise execution("There is a modifier extension that the expression does not know")
    return items


@function("elementDefinition")
@function("slice", 2)
def needs_profile(_: Items, __: Frame, *___: Items) -> Items:
    """What hangs on the profile in force, which an expression alone does not know."""
    raise Undecided("the definitions of the profile in force")


@function("comparable", 1, boolean=True)
def comparable(items: Items, _: Frame, other: Items) -> bool | None:
    """Whether two quantities have units that compare."""
    left, right = single(items, "comparable()"), single(other, "comparable()")
    if left is None or right is None:
        return None
    both = isinstance(left, Quantity) and isinstance(right, Quantity)
    return both and quantities.comparable(left, right)
