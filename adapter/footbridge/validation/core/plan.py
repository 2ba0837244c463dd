"""The compiled form of types and profiles: small tables that the walk reads.

A TypePlan is a type (or the inside of a backbone element) with every element that it has. A ProfileNode is a
place in a profile, and holds only what the profile asks beyond the type. Rules are small objects with one method,
``check``; it gives an empty tuple when all is well, so that a conforming resource costs next to nothing.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol

from footbridge.model.issues import Issue
from footbridge.validation.core.spot import Spot

if TYPE_CHECKING:
    from footbridge.validation.core.scope import Scope
    from footbridge.validation.fhirpath import TypeInfo

Findings = Iterable[Issue]
NONE: tuple[Issue, ...] = ()


class Rule(Protocol):
    """A rule about one value."""

    def check(self, spot: Spot, scope: "Scope") -> Findings:
        """Everything wrong with the value; empty when it is good. Never raises on bad input."""


class ListRule(Protocol):
    """A rule about all values of one element of one parent."""

    def check_all(self, items: list[Spot], parent: Spot, scope: "Scope") -> Findings:
        """Everything wrong with the list as a list."""


class Form(Protocol):
    """The form of a primitive type's JSON value."""

    @property
    def accepts(self) -> Callable[[Any], bool]:
        """Whether a value has the form."""

    def faults(self, spot: Spot, scope: "Scope") -> Findings:
        """What is wrong with a value that ``accepts`` refuses."""


class Slot:
    """One element under one JSON name: ``valueQuantity`` of ``Observation.value[x]``.

    label   the name in FHIRPath (``value.ofType(Quantity)``)
    path    the element's path in its type (``Observation.value[x]``)
    array   whether its JSON is a list
    type    the name of its type; ``Resource`` for any resource
    rules   rules on every value of it, besides those of its type
    choose  for slots of any resource: JSON -> the plan of what it says it is
    accepts for primitives without further rules, once one was met: whether a value is good
    """

    __slots__ = ("_load", "_plan", "accepts", "array", "choose", "extra_key", "key", "label", "path", "rules", "type")

    def __init__(
        self, key: str, path: str, type_name: str, *, array: bool, load: "Callable[[], TypePlan]", label: str = ""
    ) -> None:
        self.key = key
        self.extra_key = "_" + key
        self.label = label or key
        self.path = path
        self.array = array
        self.type = type_name
        self.rules: tuple[Rule, ...] = ()
        self.choose: Callable[[Any], TypePlan | None] | None = None
        self.accepts: Callable[[Any], bool] | None = None
        self._load = load
        self._plan: TypePlan | None = None

    @property
    def plan(self) -> "TypePlan":
        """The plan of the slot's type, compiled at first use."""
        if self._plan is None:
            self._plan = self._load()
        return self._plan


class TypePlan:
    """A type: its slots by JSON name, what it requires, its rules.

    name      the type's name, or the path of a backbone element (``Task.input``)
    elements  element name (``value[x]``) -> its slots
    choices   element name with several slots -> each JSON name, companions too, and its slot
    required  (element name, its first JSON name, all JSON names of which one must be there)
    form      the form of the value, for primitive types
    quick     for primitive types with rules: whether a value needs them at all
    met       how many values of it were walked before its sure function was written (``validation.sure``)
    """

    __slots__ = (
        "ancestors", "choices", "elements", "form", "info", "keys", "kind", "met", "name", "quick", "required", "rules",
        "url",
    )  # fmt: skip

    def __init__(self, name: str, kind: str, info: "TypeInfo", ancestors: tuple[str, ...], url: str) -> None:
        self.name = name
        self.kind = kind
        self.info = info
        self.ancestors = ancestors
        self.url = url
        self.keys: dict[str, Slot] = {}
        self.elements: dict[str, tuple[Slot, ...]] = {}
        self.choices: dict[str, dict[str, Slot]] = {}
        self.required: tuple[tuple[str, str, frozenset[str]], ...] = ()
        self.rules: tuple[Rule, ...] = ()
        self.form: Form | None = None
        self.quick: Callable[[Any], bool] | None = None
        self.met = 0


class ProfileNode:
    """What a profile asks of one value: rules on it, and its children; ``met`` as in TypePlan."""

    __slots__ = ("children", "met", "rules")

    def __init__(self, rules: tuple[Rule, ...] = (), children: "tuple[ProfileChild, ...]" = ()) -> None:
        self.rules = rules
        self.children = children
        self.met = 0

    @property
    def idle(self) -> bool:
        """Whether the node asks nothing."""
        return not self.rules and not self.children


class ProfileChild:
    """What a profile asks of one element: rules on the list, on each value, and slices."""

    __slots__ = ("list_rules", "name", "node", "slicing")

    def __init__(
        self,
        name: str,
        list_rules: tuple[ListRule, ...],
        node: ProfileNode,
        slicing: "ListRule | None",
    ) -> None:
        self.name = name
        self.list_rules = list_rules
        self.node = node
        self.slicing = slicing


class Profile:
    """A compiled StructureDefinition that constrains a type."""

    __slots__ = ("context", "facts", "root", "type", "url")

    def __init__(self, url: str, type_name: str, root: ProfileNode, facts: dict[str, Any]) -> None:
        self.url = url
        self.type = type_name
        self.root = root
        self.facts = facts
