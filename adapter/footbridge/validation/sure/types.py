"""Writes the sure function of a type: unknown elements, shape, forms, what is required, and the rules.

A function has the parameters ``v`` (the value), ``c`` (``asked.Asked``), ``d`` (how much deeper the value may be
nested, its own level counted) and ``p`` (the path of the value's element in its type; of a Coding or an Extension that
of the element which holds it). The parts for each element are written when the first value of it is met.
"""

from collections.abc import Callable
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from footbridge.validation.core.plan import Rule, Slot, TypePlan
from footbridge.validation.sure.extensions import Extensions
from footbridge.validation.sure.forms import form_of
from footbridge.validation.sure.members import OF_HOLDER
from footbridge.validation.sure.place import Place
from footbridge.validation.sure.primitives import primitive
from footbridge.validation.sure.recall import Remembered
from footbridge.validation.sure.writer import Function

if TYPE_CHECKING:
    from footbridge.validation.sure.functions import Functions

Json = Any
FEW = 10  # elements of a type whose function has them all in itself
MANY = 50  # rows of a list whose number is counted as work
Parts = dict[str, Function]


class TypeFunctions:
    """The functions of one type.

    parts  JSON name -> whether the walk finds nothing in the values of that element: ``x``, ``c``, ``d``, ``p``
    loose  rules that have no form, of resources and extensions: ``whole`` and ``rest`` leave them out
    extras the names of companions (``_status``)
    remembered  JSON name -> what is remembered of the values of that element (resources alone)
    """

    def __init__(  # noqa: PLR0913 - the parts of one type
        self,
        write: Callable[[str, list[str]], Function],
        parts: Parts,
        *,
        whole: list[str] | None = None,
        rest: list[str] | None = None,
        loose: tuple[Rule, ...] = (),
        extras: frozenset[str] = frozenset(),
        remembered: dict[str, Remembered] | None = None,
    ) -> None:
        self._write, self._whole, self._rest = write, whole, rest
        self.parts = parts
        self.loose = loose
        self.extras = extras
        self.remembered = {} if remembered is None else remembered

    @cached_property
    def whole(self) -> Function | None:
        """True where the walk finds nothing in a value; None where that is never sure."""
        return None if self._whole is None else self._write("v, c, d, p", self._whole)

    @cached_property
    def rest(self) -> Function | None:
        """The same of what the type asks of an object as a whole."""
        return None if self._rest is None else self._write("v, c, p", self._rest)


class Types:
    """The sure functions of types."""

    def __init__(self, functions: "Functions") -> None:
        self._all = functions
        self._slots: dict[str, Slot] = {}
        self._made: dict[int, tuple[TypePlan, TypeFunctions]] = {}
        self._names: dict[int, str] = {}

    def slot_of(self, plan: TypePlan) -> Slot:
        """A slot that stands for any of a type."""
        if plan.name not in self._slots:
            self._slots[plan.name] = Slot(plan.name, plan.name, plan.name, array=False, load=lambda: plan)
        return self._slots[plan.name]

    def made(self, plan: TypePlan) -> TypeFunctions:
        """The functions of a type."""
        found = self._made.get(id(plan))
        if found is None:
            found = self._made[id(plan)] = (plan, self._make(plan))
        return found[1]

    def whole(self, plan: TypePlan) -> str:
        """The name of the function of a type; it is written at its first call, as a type may have values of itself."""
        if id(plan) not in self._names:
            self._names[id(plan)] = self._all.writer.late(lambda: self.made(plan).whole)
        return self._names[id(plan)]

    def place(self, plan: TypePlan, slot: Slot, at: str, *, strict: bool = False) -> Place:
        """Where the rules on a value of that type are asked."""
        functions = self._all
        return Place(
            functions.writer,
            functions.paths,
            functions.engine,
            plan,
            slot,
            at,
            functions.profiles.named,
            functions.codings,
            strict,
        )

    def _make(self, plan: TypePlan) -> TypeFunctions:
        writer = self._all.writer
        parts: Parts = {}
        if plan.kind == "resource":
            parts["resourceType"] = lambda *_: True
        for key, slot in plan.keys.items():
            if slot.choose is None and (key != "id" or plan.kind == "resource"):
                parts[key] = self._later(parts, key, slot, plan)
        extras = frozenset(slot.extra_key for slot in plan.keys.values())
        forms, loose = self._rest(plan)
        write = partial(writer.function, plan.name)
        if forms is None:
            return TypeFunctions(write, parts, extras=extras)
        rest = [*(f"if not ({form}): return False" for form in forms), "return True"]
        lines = [
            "if v.__class__ is not dict or d < 1 or not v: return False",
            "d -= 1",
            "for k, x in v.items():",
            *(f"    {line}" for line in self._each(plan, parts)),
            *rest,
        ]
        if plan.name == "Coding":
            lines = self._coding(plan, lines)
        remembered = self._remembered(plan)
        return TypeFunctions(write, parts, whole=lines, rest=rest, loose=loose, extras=extras, remembered=remembered)

    def _coding(self, plan: TypePlan, lines: list[str]) -> list[str]:
        """The lines for a Coding: first whether it was met."""
        slot, codings = plan.keys["display"], self._all.codings
        form = None if slot.rules else primitive(self.place(slot.plan, slot, "i"), slot)
        name = self._all.writer.const(codings)
        quick = codings.quick("v", name, form or "False")
        return [lines[0], f"if {quick}: return True", *lines[1:-1], f"return {name}.meet(v, c, p)"]

    def _remembered(self, plan: TypePlan) -> dict[str, Remembered]:
        memory = self._all.memory if plan.kind == "resource" else None
        if memory is None:
            return {}
        made = {key: memory.of_type(slot) for key, slot in plan.keys.items()}
        return {key: one for key, one in made.items() if one is not None}

    def _each(self, plan: TypePlan, parts: Parts) -> list[str]:
        """The lines for one element, ``x`` under the name ``k``: of a type with few elements all in one function."""
        if len(parts) > FEW or plan.kind == "resource" or plan.name == "Extension":
            called = f"f = {self._all.writer.const(parts.get)}(k)"
            return [called, "if f is None or not f(x, c, d, p): return False"]
        lines: list[str] = []
        for key in sorted(parts, key="extension".__eq__):
            slot = plan.keys[key]
            lines.append(f"{'elif' if lines else 'if'} k == {key!r}:")
            lines += [f"    {line}" for line in self._lines(slot, self._element(slot, plan))]
        return [*lines, "else: return False"]

    def _rest(self, plan: TypePlan) -> tuple[list[str] | None, tuple[Rule, ...]]:
        """What a type asks of an object as a whole, as Python; None where that is never sure. And the loose rules."""
        forms: list[str] = []
        for _, key, names in plan.required:
            few = len(names) <= 2
            forms.append(f"{key!r} in v" if few else f"not {self._all.writer.const(names)}.isdisjoint(v)")
        loose = []
        # An extension's definition is looked at after its type, and the walk does both among the rules of the type.
        place = self.place(plan, self.slot_of(plan), "v", strict=plan.name == "Extension")
        for rule in plan.rules:
            form = form_of(rule, place)
            if form is None and plan.kind != "resource" and plan.name != "Extension":
                return None, ()
            if form is None:  # of an extension the function in ``extensions`` decides
                loose.append(rule)
            elif form != "True":
                forms.append(form)
        return forms, tuple(loose)

    def _later(self, parts: Parts, key: str, slot: Slot, plan: TypePlan) -> Function:
        """The part for an element, written at the first value of it."""

        def part(x: Json, c: Any, d: int, p: str) -> bool:  # noqa: ANN401 - as the module says
            parts[key] = self._part(slot, plan)
            return parts[key](x, c, d, p)

        return part

    def _part(self, slot: Slot, holder: TypePlan) -> Function:
        lines = [*self._lines(slot, self._element(slot, holder)), "return True"]
        return self._all.writer.function(f"{holder.name}.{slot.key}", "x, c, d, p", lines)

    @staticmethod
    def _lines(slot: Slot, form: str | None) -> list[str]:
        """The lines that return False unless all is sure of the values ``x`` of an element."""
        if form is None:
            return ["return False"]
        if not slot.array:
            return [f"if not ({form}): return False"]
        return [
            "if x.__class__ is not list or not x: return False",
            f"if len(x) > {MANY}: c.spend(len(x))",
            "for x in x:",
            f"    if not ({form}): return False",
        ]

    def _element(self, slot: Slot, holder: TypePlan) -> str | None:
        """Python that is true only where the walk finds nothing in one value of an element."""
        plan, writer = slot.plan, self._all.writer
        place = self.place(plan, slot, "x")
        if plan.kind == "resource":
            return None
        if plan.form is not None:
            form = primitive(place, slot)
        elif plan.name == "Extension":
            if holder.name == "Coding":  # whose ``p`` is not the path of the Coding itself
                return None
            form = f"{writer.const(Extensions(self._all, holder, slot).good)}(x, c, d, p)"
        else:
            path = "p" if plan.name in OF_HOLDER else repr(slot.path)
            path = repr(holder.name) if holder.name == "Extension" and plan.name in OF_HOLDER else path
            form = f"{self.whole(plan)}(x, c, d, {path})"
        forms = [form, *(form_of(rule, place) for rule in slot.rules)]
        known = [one for one in forms if one is not None and one != "True"]
        return None if None in forms else " and ".join(f"({one})" for one in known)
