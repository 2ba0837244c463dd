"""Types: ``is``, ``as``, ``ofType`` and ``type()`` (https://hl7.org/fhirpath/N1/#types).

``is`` holds for a type and what derives from it. ``as`` and ``ofType`` do the same for complex types, but
keep a primitive only under its own name: a ``code`` is not handed on as a ``string``.
"""

from functools import lru_cache

from footbridge.validation.fhirpath.errors import execution
from footbridge.validation.fhirpath.registry import function
from footbridge.validation.fhirpath.runtime import Frame
from footbridge.validation.fhirpath.typemodel import SYSTEM, TypeInfo, fhir_type
from footbridge.validation.fhirpath.values import EMPTY, Items, type_of


@lru_cache(maxsize=1024)
def specifier(name: str) -> tuple[str | None, str, bool]:
    """A type specifier: the namespace it asks for (None: FHIR or System), its bare name, if it is known."""
    namespace, dot, bare = name.partition(".")
    if not dot or namespace not in {"System", "FHIR"}:
        return None, name, name in SYSTEM or fhir_type(name) is not None
    known = bare in SYSTEM if namespace == "System" else fhir_type(bare) is not None
    return namespace, bare, known


def is_type(kind: TypeInfo, name: str) -> bool:
    """Whether a type is the named one or derives from it."""
    namespace, bare, _ = specifier(name)
    if namespace is not None and namespace != kind.namespace:
        return False
    return kind.is_a(bare) or (bare == "Any" and kind.namespace == "System")


def keeps_type(kind: TypeInfo, name: str) -> bool:
    """Whether ``as`` and ``ofType`` hand an item of this type on."""
    if kind.primitive and kind.name != specifier(name)[1]:
        return False
    return is_type(kind, name)


def require_known(name: str) -> None:
    """Raise an execution error for a type that neither FHIR nor FHIRPath has."""
    if not specifier(name)[2]:
        raise execution(f"There is no type {name}")


@function("is", 1, style="type", boolean=True)
def is_function(items: Items, _: Frame, name: str) -> bool | None:
    """Whether the single item is of the type; empty for no item, False for an unknown type."""
    if len(items) > 1:
        raise execution(f"is() takes one item, not {len(items)}")
    return is_type(type_of(items[0]), name) if items else None


@function("as", 1, style="type")
def as_function(items: Items, _: Frame, name: str) -> Items:
    """The single item when it is of the type."""
    require_known(name)
    if len(items) > 1:
        raise execution(f"as() takes one item, not {len(items)}")
    return items if items and keeps_type(type_of(items[0]), name) else EMPTY


@function("ofType", 1, style="type")
def of_type(items: Items, _: Frame, name: str) -> Items:
    """The items that are of the type."""
    require_known(name)
    return [item for item in items if keeps_type(type_of(item), name)]


@function("type", returns="TypeInfo")
def type_function(items: Items, _: Frame) -> Items:
    """The type of each item."""
    return [type_of(item) for item in items]
