"""Writes the sure function of a place in a profile: rules, numbers, slices, and the places below.

A function has the parameters ``v`` (the value) and ``c`` (``asked.Asked``). What is shaped oddly is never sure.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from footbridge.validation.core.plan import ProfileChild, ProfileNode, Slot, TypePlan
from footbridge.validation.rules.cardinality import Cardinality
from footbridge.validation.rules.invariant import Invariant
from footbridge.validation.sure.asked import Asked
from footbridge.validation.sure.forms import form_of
from footbridge.validation.sure.places import PlaceFunctions, Step
from footbridge.validation.sure.slices import choice_lines, slice_lines
from footbridge.validation.sure.writer import Function

if TYPE_CHECKING:
    from footbridge.validation.sure.functions import Functions

Json = Any
MANY = 50  # rows of a list whose number is counted as work


class Profiles:
    """The sure functions of places in profiles."""

    def __init__(self, functions: "Functions") -> None:
        self._all = functions
        self.engine = functions.engine
        self._made: dict[tuple[int, int], tuple[ProfileNode, TypePlan, PlaceFunctions]] = {}

    def made(self, node: ProfileNode, plan: TypePlan) -> PlaceFunctions:
        """The functions of a place for values of a type."""
        key = (id(node), id(plan))
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = (node, plan, self._make(node, plan))
        return found[2]

    def named(self, canonical: str, plan: TypePlan, at: str) -> str:
        """Python that is true only where a profile has nothing to say of the value ``at``, of that type."""

        def later(v: Json, c: Asked) -> bool:
            return self.holds(canonical, plan, v, c)

        return f"{self._all.writer.const(later)}({at}, c)"

    def holds(self, canonical: str, plan: TypePlan, value: Json, asked: Asked) -> bool:
        """Whether a profile, and nothing that it imposes, has anything to say of a value of that type."""
        profile = self.engine.compiler.profile(canonical)
        if profile is None or profile.facts.get("imposes") or profile.type not in {plan.name, *plan.ancestors}:
            return False
        function = self.made(profile.root, plan).whole
        return function is not None and function(value, asked)

    def call(self, node: ProfileNode, slot: Slot, at: str = "x") -> str:
        """Python that is true only where a place has nothing to say of the value ``at`` in a slot."""
        if node.idle:
            return "True"
        forms = self._inline(node, slot, at) if not node.children else None
        if forms is not None:
            return forms
        name = self._all.writer.late(lambda: self.made(node, slot.plan).whole)
        return f"{name}({at}, c)"

    def _inline(self, node: ProfileNode, slot: Slot, at: str) -> str | None:
        """The same of a place that asks nothing of what is below: its rules, but for those that are long to write."""
        if any(isinstance(rule, Invariant) for rule in node.rules):
            return None
        types = self._all.types
        place = types.place(slot.plan, types.slot_of(slot.plan), at)
        forms = [form_of(rule, place) for rule in node.rules]
        known = [form for form in forms if form is not None and form != "True"]
        return None if None in forms else " and ".join(f"({form})" for form in known) or "True"

    def _make(self, node: ProfileNode, plan: TypePlan) -> PlaceFunctions:
        memory = self._all.memory if plan.kind == "resource" else None
        steps = [
            # Of a primitive the children stand in its companion: they are never sure.
            Step(
                child,
                None if plan.form is not None else self._child(child, plan),
                None if memory is None else memory.of_child(child, plan),
            )
            for child in node.children
        ]
        return PlaceFunctions(self._all.writer, plan.name, self._rules(node, plan), steps)

    def _rules(self, node: ProfileNode, plan: TypePlan) -> list[str] | None:
        types = self._all.types
        place = types.place(plan, types.slot_of(plan), "v")
        forms = [form_of(rule, place) for rule in node.rules]
        return None if None in forms else [f"if not ({form}): return False" for form in forms if form != "True"]

    def _child(self, child: ProfileChild, plan: TypePlan) -> list[str] | None:
        slots = plan.elements.get(child.name, ())
        least, most = 0, None
        for rule in child.list_rules:
            if not isinstance(rule, Cardinality):
                return None
            least, most = max(least, rule.least), rule.most
        if not slots:
            return None if least or child.slicing is not None else []
        if len(slots) > 1:
            return self._choice(child, slots, plan, least, most)
        slot = slots[0]
        if slot.choose is not None and (not child.node.idle or child.slicing is not None):
            return self._only_absent(slot, least)
        one = self.call(child.node, slot)
        lines = [f"if {slot.extra_key!r} in v: return False", f"x = v.get({slot.key!r})"]
        if not slot.array:
            if child.slicing is not None:
                return None
            there = [f"if not ({one}): return False"] if one != "True" else []
            there += ["return False"] if most == 0 else []
            lines += ["if x is None:", "    return False"] if least else ["if x is not None:"] if there else []
            return [*lines, *(there if least else [f"    {line}" for line in there])]
        return [*lines, *self._list(child, slot, one, least, most)]

    def _only_absent(self, slot: Slot, least: int) -> list[str] | None:
        return None if least else [f"if {slot.key!r} in v: return False"]

    def _list(self, child: ProfileChild, slot: Slot, one: str, least: int, most: int | None) -> list[str]:
        lines = ["if x is None: x = ()", "elif x.__class__ is not list: return False"]
        lines += [f"if len(x) > {MANY}: c.spend(len(x))"]
        if least:
            lines.append(f"if len(x) < {least}: return False")
        if most is not None:
            lines.append(f"if len(x) > {most}: return False")
        if child.slicing is not None:
            sliced = slice_lines(child.slicing, slot, self, self._all.writer)
            lines += sliced if sliced is not None else ["return False"]
        if one != "True":
            lines += ["for x in x:", f"    if not ({one}): return False"]
        return lines

    def _choice(
        self, child: ProfileChild, slots: tuple[Slot, ...], plan: TypePlan, least: int, most: int | None
    ) -> list[str]:
        """An element of several types: one JSON name of it, or none."""
        writer, choices = self._all.writer, plan.choices[child.name]
        lines = [f"q = [k for k in v if k in {writer.const(choices)}]"]
        lines += ["if len(q) > 1 or q and q[0][0] == '_': return False"]
        if least or most == 0:
            lines.append("if not q: return False" if least else "if q: return False")
        if any(slot.array or slot.choose is not None for slot in slots):
            return [*lines, "if q: return False"]
        if child.slicing is not None:
            absent = choice_lines(child.slicing, None, self)
            lines += ["if not q: return False"] if absent is None else []
        if child.slicing is not None or not child.node.idle:
            by_key = {slot.key: slot for slot in slots}
            made = Chosen(lambda key: self._chosen(child, by_key[key]))
            lines += [f"if q and not {writer.const(made)}[q[0]](v[q[0]], c): return False"]
        return lines

    def _chosen(self, child: ProfileChild, slot: Slot) -> Function:
        """What is asked of a value under one of the names."""
        lines = choice_lines(child.slicing, slot, self) if child.slicing is not None else []
        one = self.call(child.node, slot)
        body = ["return False"] if lines is None else ["if x is None: return False", *lines, f"return {one}"]
        return self._all.writer.function(slot.key, "x, c", body)


class Chosen(dict[str, Function]):
    """The functions of a choice by JSON name, each written when a value under that name is met."""

    def __init__(self, make: Callable[[str], Function]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: str) -> Function:
        found = self[key] = self._make(key)
        return found
