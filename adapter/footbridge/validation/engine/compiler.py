"""Compiles structures: types into TypePlans, profiles into Profiles. Each once, at first use."""

import threading
from collections.abc import Callable, Iterator, Sequence

from footbridge.validation.core.baseline import Baseline
from footbridge.validation.core.build import Build
from footbridge.validation.core.definitions import Definitions, Facts
from footbridge.validation.core.elements import Element, tree
from footbridge.validation.core.pack import Pack
from footbridge.validation.core.plan import Profile, ProfileChild, ProfileNode, Rule, Slot, TypePlan
from footbridge.validation.fhirpath import fhir_type
from footbridge.validation.fhirpath.typemodel import ANY
from footbridge.validation.rules import catalog, choice, primitive_form

ANY_RESOURCE = ("Resource", "DomainResource")


class Compiler:
    """Turns definitions into plans. Thread-safe: a plan may be made twice, and is then the same."""

    def __init__(self, definitions: Definitions, packs: Sequence[Pack] = ()) -> None:
        self.definitions = definitions
        self.packs = packs
        self.baseline = Baseline(definitions)
        self._types: dict[str, TypePlan] = {}
        self._profiles: dict[str, Profile] = {}
        self._lock = threading.RLock()

    def tree(self, canonical: str) -> Element | None:
        """The elements of a structure as a tree; None when no package has it."""
        facts = self.definitions.structure(canonical)
        return None if facts is None else tree(facts)

    @property
    def element_plan(self) -> TypePlan:
        """The plan of what every element has: an id and extensions."""
        plan = self.type("Element")
        assert plan is not None, "the definitions hold no R4 core"  # noqa: S101 - cannot go on without
        return plan

    def type(self, name: str) -> TypePlan | None:
        """The plan of a type or resource by its name; None when no package defines it."""
        try:
            return self._types[name]
        except KeyError:
            pass
        facts = self.definitions.type(name)
        if facts is None:  # not remembered: any document may name anything
            return None
        with self._lock:
            if name not in self._types:
                self._types[name] = TypeCompiler(self, facts).compile()
            return self._types[name]

    def profile(self, canonical: str) -> Profile | None:
        """A compiled profile by its URL; None when no package has it.

        Where the version that ``|version`` names is not loaded, another one of the profile takes its place
        (``stand_in``).
        """
        try:
            return self._profiles[canonical]
        except KeyError:
            pass
        facts = self.definitions.structure(canonical)
        if facts is None:  # not remembered: any document may claim anything
            url, _, version = canonical.partition("|")
            return self.profile(url) if version else None
        with self._lock:
            if canonical not in self._profiles:
                self._profiles[canonical] = self._compile_profile(canonical, facts)
            return self._profiles[canonical]

    def stand_in(self, canonical: str) -> str | None:
        """The version (empty: none is told) that takes the place of the one named; None where that one is loaded.

        None too where no version of the profile is loaded, and where the canonical names no version.
        """
        url, _, version = canonical.partition("|")
        if not version or self.definitions.structure(canonical) is not None:
            return None
        facts = self.definitions.structure(url)
        return None if facts is None else str(facts.get("version") or "")

    def _compile_profile(self, canonical: str, facts: Facts) -> Profile:
        url = facts.get("url") or canonical
        name = str(facts.get("type", "")).rpartition("/")[2]
        root = tree(facts)
        if root is None or facts.get("derivation") != "constraint":
            return Profile(url, name, ProfileNode(), facts)
        node = ProfileCompiler(self, facts).compile(root)
        return Profile(url, name, node, facts)


class TypeCompiler:
    """Compiles one type."""

    def __init__(self, compiler: Compiler, facts: Facts) -> None:
        self.compiler = compiler
        self.facts = facts
        self.name = str(facts.get("name") or facts["type"]).rpartition("/")[2]
        if facts.get("type"):
            self.name = str(facts["type"]).rpartition("/")[2]
        self.inner: dict[str, Callable[[], TypePlan]] = {}
        self._elements: dict[str, Element] = {}

    def compile(self) -> TypePlan:
        """The plan of the type."""
        root = tree(self.facts)
        self._elements = {one.path: one for one in (root.all() if root is not None else ())}
        kind = {"resource": "resource", "primitive-type": "primitive"}.get(self.facts.get("kind", ""), "complex")
        plan = self._plan(self.name, kind, root, self._ancestors())
        build = Build(self.compiler, self.facts, self.name, None, typed=True)
        rules: list[Rule] = list(_value_rules(root, build)) if root is not None else []
        rules += catalog.for_type(self.name, kind, plan.elements)
        rules += (rule for pack in self.compiler.packs for rule in pack.type_rules.get(self.name, ()))
        rules += choice.rules_for(plan.elements.values())
        plan.rules = tuple(rules)
        if kind == "primitive":
            plan.form = primitive_form.form_of(self.name)
            plan.quick = catalog.QUICK.get(self.name)
        return plan

    def _ancestors(self) -> tuple[str, ...]:
        names = [self.name]
        base = self.facts.get("baseDefinition")
        while base:
            facts = self.compiler.definitions.structure(base)
            if facts is None:
                break
            names.append(str(facts.get("type") or facts.get("name")).rpartition("/")[2])
            base = facts.get("baseDefinition")
        return tuple(names)

    def _plan(self, name: str, kind: str, root: Element | None, ancestors: tuple[str, ...]) -> TypePlan:
        info = fhir_type(name) or fhir_type(ancestors[-1]) or ANY
        plan = TypePlan(name, kind, info, ancestors, str(self.facts.get("url", "")))
        required = []
        for child in root.children if root is not None else ():
            slots = self._slots(child)
            plan.elements[child.name] = slots
            plan.elements.setdefault(child.name.removesuffix("[x]"), slots)
            if len(slots) > 1:
                names = {name: slot for slot in slots for name in (slot.key, slot.extra_key)}
                plan.choices[child.name] = plan.choices[child.name.removesuffix("[x]")] = names
            plan.keys.update((slot.key, slot) for slot in slots)
            if child.min and slots and kind != "primitive":
                keys = tuple(key for slot in slots for key in (slot.key, slot.extra_key))
                required.append((child.name.removesuffix("[x]"), keys[0], frozenset(keys)))
        plan.required = tuple(required)
        return plan

    def _slots(self, element: Element) -> tuple[Slot, ...]:
        name = element.name
        reference = element.facts.get("contentReference")
        if reference:
            path = str(reference).rpartition("#")[2]
            slot = Slot(name, element.path, path, array=element.repeats, load=self._inner(path))
            return (self._finish(slot, element, self._elements.get(path)),)
        if element.children:
            load = self._nested(element)
            slot = Slot(name, element.path, (element.codes or ["Element"])[0], array=element.repeats, load=load)
            return (self._finish(slot, element),)
        slots = []
        for code in dict.fromkeys(element.codes):
            key, label = name, name
            if name.endswith("[x]"):
                stem = name[:-3]
                key, label = stem + code[:1].upper() + code[1:], f"{stem}.ofType({code})"
            slot = Slot(key, element.path, code, array=element.repeats, load=self._typed(code), label=label)
            if code in ANY_RESOURCE:
                slot.choose = self._choose
            slots.append(self._finish(slot, element))
        return tuple(slots)

    def _finish(self, slot: Slot, element: Element, same: Element | None = None) -> Slot:
        """``same`` is the element whose content a content reference takes: its rules hold here too."""
        build = Build(self.compiler, self.facts, slot.type, None)
        slot.rules = tuple(rule for one in (element, same) if one is not None for rule in _value_rules(one, build))
        return slot

    def _choose(self, value: object) -> TypePlan | None:
        name = value.get("resourceType") if isinstance(value, dict) else None
        plan = self.compiler.type(name) if isinstance(name, str) else None
        return plan if plan is not None and plan.kind == "resource" else None

    def _typed(self, code: str) -> Callable[[], TypePlan]:
        def load() -> TypePlan:
            plan = self.compiler.type(code)
            return plan if plan is not None else self.compiler.element_plan

        return load

    def _nested(self, element: Element) -> Callable[[], TypePlan]:
        if element.path in self.inner:
            return self.inner[element.path]
        made: list[TypePlan] = []

        def load() -> TypePlan:
            if not made:
                outer = self.compiler.type((element.codes or ["Element"])[0])
                ancestors = (element.path, *(outer.ancestors if outer else ("Element",)))
                plan = self._plan(element.path, "complex", element, ancestors)
                plan.rules = (outer.rules if outer is not None else ()) + choice.rules_for(plan.elements.values())
                made.append(plan)
            return made[0]

        self.inner[element.path] = load
        for child in element.children:
            if child.children:
                self._nested(child)  # known by its path, for content references to it
        return load

    def _inner(self, path: str) -> Callable[[], TypePlan]:
        return lambda: self.inner[path]()  # noqa: PLW0108 - the plan may be known only later


class ProfileCompiler:
    """Compiles one profile: at each place only what the type itself does not ask already."""

    def __init__(self, compiler: Compiler, facts: Facts) -> None:
        self.compiler = compiler
        self.facts = facts
        self.url = str(facts.get("url", ""))
        self._nodes: dict[str, ProfileNode] = {}
        self._same: list[tuple[ProfileNode, str]] = []

    def compile(self, root: Element) -> ProfileNode:
        """The node of the whole profile; what has the content of another element gets what is asked there."""
        node = self.node(root)
        for same, identity in self._same:
            other = self._nodes.get(identity)
            if other is not None:
                same.rules, same.children = (*same.rules, *other.rules), other.children
        return node

    def node(self, element: Element) -> ProfileNode:
        """The node of one element or slice, with all below it."""
        base = self.compiler.baseline.of(element, self.facts)
        build = Build(self.compiler, self.facts, "", base, profile=self.url)
        rules = tuple(_value_rules(element, build))
        children = []
        for child in element.children:
            made = self._child(child)
            if made.list_rules or made.slicing is not None or not made.node.idle or _content_of(child):
                children.append(made)
        node = self._nodes[element.id] = ProfileNode(rules, tuple(children))
        if identity := _content_of(element):
            self._same.append((node, identity))
        return node

    def _child(self, element: Element) -> ProfileChild:
        base = self.compiler.baseline.of(element, self.facts)
        build = Build(self.compiler, self.facts, "", base, profile=self.url)
        slicing = catalog.SLICING(element, build, self.node)
        together = tuple(rule for make in catalog.LIST_RULES for rule in make(element, build))
        return ProfileChild(element.name, together, self.node(element), slicing)


def _value_rules(element: Element, build: Build) -> Iterator[Rule]:
    """The rules on each value of an element."""
    for make in catalog.VALUE_RULES:
        yield from make(element, build)


def _content_of(element: Element) -> str:
    """The id of the profile's element whose content an element has (Questionnaire.item.item); else empty."""
    reference = str(element.facts.get("contentReference") or "")
    return reference[1:] if reference[:1] == "#" and not element.children else ""
