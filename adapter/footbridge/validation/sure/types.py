"""Writes the sure function of a type: unknown elements, shape, forms, what is required, and the rules.

A function has the parameters ``v`` (the value), ``c`` (``asked.Asked``), ``d`` (how much deeper the value may be
nested, its own level counted) and ``p`` (the path of the value's element in its type; of a Coding or an Extension that
of the element which holds it). The parts for each element are written when the first value of it is met.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from footbridge.validation.engine.plan import Rule, Slot, TypePlan
from footbridge.validation.sure.extensions import extension
from footbridge.validation.sure.forms import form_of
from footbridge.validation.sure.place import Place
from footbridge.validation.sure.primitives import primitive
from footbridge.validation.sure.writer import Function

if TYPE_CHECKING:
    from footbridge.validation.sure.certain import Certain

Json = Any
MANY = 50  # rows of a list whose number is counted as work
OF_HOLDER = frozenset({"Coding", "Extension"})
Parts = dict[str, Function]


class Types:
    """The sure functions of types."""

    def __init__(self, certain: "Certain") -> None:
        self._certain = certain
        self._slots: dict[str, Slot] = {}
        self._made: dict[int, tuple[TypePlan, Function, tuple[Rule, ...]]] = {}

    def slot_of(self, plan: TypePlan) -> Slot:
        """A slot that stands for any of a type."""
        if plan.name not in self._slots:
            self._slots[plan.name] = Slot(plan.name, plan.name, plan.name, array=False, load=lambda: plan)
        return self._slots[plan.name]

    def made(self, plan: TypePlan) -> tuple[Function | None, tuple[Rule, ...]]:
        """The function of a type, None where nothing is ever sure; and the rules of a resource that it leaves out."""
        found = self._made.get(id(plan))
        if found is None:
            function, loose = self._make(plan)
            found = self._made[id(plan)] = (plan, function, loose)
        return found[1], found[2]

    def call(self, plan_of: Callable[[], TypePlan]) -> Function:
        """A function that is written at its first call."""

        def later(v: Json, c: Any, d: int, p: str) -> bool:  # noqa: ANN401 - as the module says
            function = self.made(plan_of())[0]
            return function is not None and function(v, c, d, p)

        return later

    def place(self, plan: TypePlan, slot: Slot, at: str) -> Place:
        """Where the rules on a value of that type are asked."""
        certain = self._certain
        return Place(certain.writer, certain.paths, certain.engine, plan, slot, at, certain.profiles.named)

    def _make(self, plan: TypePlan) -> tuple[Function | None, tuple[Rule, ...]]:
        writer = self._certain.writer
        parts: Parts = {}
        if plan.kind == "resource":
            parts["resourceType"] = lambda *_: True
        for key, slot in plan.keys.items():
            if slot.choose is None and (key != "id" or plan.kind == "resource"):
                parts[key] = self._later(parts, key, slot, plan)
        lines = ["if v.__class__ is not dict or d < 1 or not v: return False", "d -= 1"]
        lines += [
            "for k, x in v.items():",
            f"    f = {writer.const(parts.get)}(k)",
            "    if f is None or not f(x, c, d, p): return False",
        ]
        for _, key, names in plan.required:
            if len(names) <= 2:
                lines.append(f"if {key!r} not in v: return False")
            else:
                lines.append(f"if {writer.const(names)}.isdisjoint(v): return False")
        loose = []
        place = self.place(plan, self.slot_of(plan), "v")
        for rule in plan.rules:
            form = form_of(rule, place)
            if form is None and plan.kind != "resource" and plan.name != "Extension":
                return None, ()
            if form is None:  # of an extension the function in ``extensions`` decides
                loose.append(rule)
            elif form != "True":
                lines.append(f"if not ({form}): return False")
        return writer.function(plan.name, "v, c, d, p", [*lines, "return True"]), tuple(loose)

    def _later(self, parts: Parts, key: str, slot: Slot, plan: TypePlan) -> Function:
        """The part for an element, written at the first value of it."""

        def part(x: Json, c: Any, d: int, p: str) -> bool:  # noqa: ANN401 - as the module says
            parts[key] = self._part(slot, plan)
            return parts[key](x, c, d, p)

        return part

    def _part(self, slot: Slot, holder: TypePlan) -> Function:
        form = self._element(slot, holder)
        lines = [f"return {form}"] if form is not None else ["return False"]
        if slot.array and form is not None:
            lines = [
                "if x.__class__ is not list or not x: return False",
                f"if len(x) > {MANY}: c.spend(len(x))",
                "for x in x:",
                f"    if not ({form}): return False",
                "return True",
            ]
        return self._certain.writer.function(f"{holder.name}.{slot.key}", "x, c, d, p", lines)

    def _element(self, slot: Slot, holder: TypePlan) -> str | None:
        """Python that is true only where the walk finds nothing in one value of an element."""
        plan, writer = slot.plan, self._certain.writer
        place = self.place(plan, slot, "x")
        if plan.kind == "resource":
            return None
        if plan.form is not None:
            form = primitive(place, slot)
        elif plan.name == "Extension":
            form = f"{writer.const(extension(self._certain, holder, slot))}(x, c, d, p)"
        else:
            path = "p" if plan.name in OF_HOLDER else repr(slot.path)
            form = f"{writer.const(self.function(plan))}(x, c, d, {path})"
        forms = [form, *(form_of(rule, place) for rule in slot.rules)]
        known = [one for one in forms if one is not None and one != "True"]
        return None if None in forms else " and ".join(f"({one})" for one in known)

    def function(self, plan: TypePlan) -> Function:
        """The function of a type; a type in itself gets it when it is first called."""
        return self.call(lambda: plan)
