"""Turns invariants into Python that is true only where they hold for sure.

A part of FHIRPath: paths by name, ``where``, ``exists``, ``empty``, ``not``, ``all``, comparisons of one text with a
literal, of two dates, and the boolean operators. Each expression gives three Python expressions: for *sure it is true*,
*sure it is false*, *sure it is not true* (false or empty). NO stands for what is never sure. An expression is *total*
where its evaluation never fails, so that a later operand may decide (https://hl7.org/fhirpath/N1/#boolean-logic).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from footbridge.validation.fhirpath import tree
from footbridge.validation.fhirpath.typemodel import TypeInfo, fhir_type
from footbridge.validation.sure.codes import members_of
from footbridge.validation.sure.expressions import literal, literals, of_url, single, system, system_and_code
from footbridge.validation.sure.members import Keys, children, in_order, is_absent, keys_of, objects
from footbridge.validation.sure.ways import nowhere
from footbridge.validation.sure.writer import Writer

if TYPE_CHECKING:
    from footbridge.validation.core.context import ValidationContext

NO = "False"
FEW = 4  # names that are looked for one by one


@dataclass(frozen=True, slots=True)
class Verdict:
    """Python for *true*, *false* and *not true*; ``total`` as the module says."""

    true: str = NO
    false: str = NO
    untrue: str = NO
    total: bool = False

    @property
    def denied(self) -> "Verdict":
        """The verdict of ``not()``."""
        return Verdict(self.false, self.true, self.true, self.total)


UNKNOWN = Verdict()


def every(parts: list[str]) -> str:
    """Python for all of the parts."""
    return NO if NO in parts else " and ".join(f"({part})" for part in parts if part != "True") or "True"


def some(parts: list[str]) -> str:
    """Python for one of the parts."""
    return "True" if "True" in parts else " or ".join(f"({part})" for part in parts if part != NO) or NO


class Paths:
    """Translates the invariants of one type."""

    def __init__(self, writer: Writer, engine: "ValidationContext") -> None:
        self._writer = writer
        self._engine = engine
        self._count = 0

    def verdict(self, expression: tree.Expression, at: str, kind: TypeInfo) -> Verdict:
        """The verdict on an expression whose focus is the JSON in the variable ``at``, of that type."""
        if isinstance(expression, tree.Binary):
            return self._binary(expression, at, kind)
        if isinstance(expression, tree.TypeTest):
            return self._type_test(expression, kind)
        if isinstance(expression, tree.Path) and expression.steps:
            return self._path(expression, at, kind)
        return UNKNOWN

    def _binary(self, expression: tree.Binary, at: str, kind: TypeInfo) -> Verdict:
        if expression.operator in {"=", "!=", "in", "<=", ">="}:
            return self._comparison(expression, at, kind)
        if expression.operator == ">" or (
            expression.operator == "<=" and isinstance(expression.operands[1], tree.Literal)
        ):
            return self._counted(expression, at, kind)
        if expression.operator not in {"and", "or", "implies", "xor"}:
            return UNKNOWN
        parts = [self.verdict(operand, at, kind) for operand in expression.operands]
        total = all(part.total for part in parts)
        heard = next((place for place, part in enumerate(parts) if not part.total), len(parts)) + 1
        if expression.operator == "and":
            false = some([part.false for part in parts[:heard]])
            untrue = some([part.untrue for part in parts]) if total else NO
            return Verdict(every([part.true for part in parts]), false, untrue, total)
        if expression.operator == "or":
            true = some([part.true for part in parts[:heard]])
            untrue = every([part.untrue for part in parts])
            return Verdict(true, every([part.false for part in parts]), untrue, total)
        left, right = parts
        if expression.operator == "implies":
            true = some([left.false, right.true if left.total else every([left.true, right.true])])
            return Verdict(true, every([left.true, right.false]), every([left.true, right.untrue]), total)
        true = some([every([left.true, right.false]), every([left.false, right.true])])
        false = some([every([left.true, right.true]), every([left.false, right.false])])
        return Verdict(true, false, false, total)

    def _counted(self, expression: tree.Binary, at: str, kind: TypeInfo) -> Verdict:
        """``a.count() + b.count() > 0``, true where there is one of them; ``<= 1``, true where one is not."""
        left, right = expression.operands
        added = left.operands if isinstance(left, tree.Binary) and left.operator == "+" else (left,)
        limit = right.value if isinstance(right, tree.Literal) and right.kind == "integer" else None
        found: list[Verdict] = []
        single: list[bool] = []
        for one in added:
            last = one.steps[-1] if isinstance(one, tree.Path) else None
            steps = self._steps(one) if isinstance(one, tree.Path) else None
            if not isinstance(last, tree.Call) or last.name != "count" or steps is None or len(steps) != 2:
                return UNKNOWN
            found.append(self._there(steps[:-1], at, kind))
            element = kind.elements.get(steps[0].name) if isinstance(steps[0], tree.Member) else None
            single.append(element is not None and not element.repeats)
        if expression.operator == ">" and limit == 0:
            return Verdict(some([one.true for one in found]))
        if limit != 1 or len(found) != 2:
            return UNKNOWN
        return Verdict(some([found[1 - at_most].untrue for at_most in (0, 1) if single[at_most]]))

    def _path(self, path: tree.Path, at: str, kind: TypeInfo) -> Verdict:
        last, before = path.steps[-1], path.steps[:-1]
        if not isinstance(last, tree.Call):
            return UNKNOWN
        inner = tree.Path(path.start, before, path.position)
        if last.name == "not":
            held = inner if before else path.start
            return UNKNOWN if held is None else self.verdict(held, at, kind).denied
        if last.name == "hasValue" and (name := single(inner, kind)) is not None:
            absent = self._absent(at, (name, "_" + name), kind)
            return Verdict(f"{at}.get({name!r}).__class__ is str", absent, absent, total=True)
        steps = self._steps(inner)
        if steps is None:
            return UNKNOWN
        if last.name == "memberOf" and len(last.arguments) == 1:
            return self._member_of(steps, last.arguments[0], at, kind)
        if last.name in {"exists", "empty"}:
            steps = [*steps, *(tree.Call("where", (one,), 0) for one in last.arguments)]
            found = self._there(steps, at, kind)
            return found if last.name == "exists" else found.denied
        if last.name == "all" and len(last.arguments) == 1:
            return self._all(steps, last.arguments[0], at, kind)
        return UNKNOWN

    def _member_of(self, steps: list[tree.Step], url: tree.Expression, at: str, kind: TypeInfo) -> Verdict:
        """``name.memberOf(url)`` of one complex value; of several, or none, it is empty."""
        step = steps[0] if len(steps) == 1 else None
        element = kind.elements.get(step.name) if isinstance(step, tree.Member) else None
        if element is None or len(element.choices) != 1 or element.choices[0].primitive:
            return UNKNOWN
        if not isinstance(url, tree.Literal) or url.kind != "string":
            return UNKNOWN
        test = self._const(members_of(str(url.value), self._engine))
        one = self._variable()
        rows = f"({one} := {self._rows(at, keys_of(element), kind)})"
        return Verdict(f"len({rows}) == 1 and {test}({one})", NO, f"len({rows}) != 1 or not {test}({one})")

    @staticmethod
    def _steps(path: tree.Path) -> list[tree.Step] | None:
        """The steps from the focus; None where the path starts elsewhere."""
        if isinstance(path.start, tree.Path) and path.start.start is None:
            return [*path.start.steps, *path.steps]
        this = isinstance(path.start, tree.Special) and path.start.name == "this"
        return list(path.steps) if path.start is None or this else None

    def _there(self, steps: list[tree.Step], at: str, kind: TypeInfo) -> Verdict:
        """Whether the steps lead to anything."""
        if not steps:
            return Verdict("True", NO, NO, total=True)
        step, rest = steps[0], steps[1:]
        if kind.primitive and isinstance(step, tree.Member):  # a companion would have been Unsure already
            return Verdict(NO, "True", "True", total=True) if step.name in {"extension", "id"} else UNKNOWN
        if isinstance(step, tree.Call):
            if step.name == "ofType" and kind.kind in {"primitive", "complex"}:
                name = tree.qualified_name(step.arguments[0]) if step.arguments else None
                if name == kind.name:
                    return self._there(rest, at, kind)
                known = name is not None and fhir_type(name) is not None and name not in kind.ancestors
                return Verdict(NO, "True", "True", total=True) if known else UNKNOWN
            if step.name == "resolve" and kind.name == "Reference":
                nothing = f"{self._const(nowhere)}([{at}], c)"
                return Verdict(NO, nothing, nothing)
            if step.name == "extension" and len(step.arguments) == 1:
                return self._there([tree.Member("extension", 0), of_url(step.arguments[0]), *rest], at, kind)
            if step.name != "where" or len(step.arguments) != 1:
                return UNKNOWN
            met, more = self.verdict(step.arguments[0], at, kind), self._there(rest, at, kind)
            untrue = some([met.untrue, more.untrue if met.total else NO])
            return Verdict(every([met.true, more.true]), untrue, untrue, met.total and more.total)
        if not isinstance(step, tree.Member) or step.name not in kind.elements:
            return UNKNOWN
        if (coded := self._coded(steps, at, kind)) is not None:
            return coded
        abstract = any(choice.kind.abstract for choice in kind.elements[step.name].choices)
        return UNKNOWN if abstract else self._below(step.name, rest, at, kind)

    def _coded(self, steps: list[tree.Step], at: str, kind: TypeInfo) -> Verdict | None:
        """``code.coding.where(system = S and code = C)``, by all codes of an element; None for other steps."""
        name = steps[0].name if isinstance(steps[0], tree.Member) else ""
        pair = system_and_code(steps[1:], kind.elements.get(name))
        if pair is None:
            return None
        known, codes = self._const(pair), f"c.codes({at}, {name!r})"
        return Verdict(f"{known} in {codes}", f"{known} not in {codes}", f"{known} not in {codes}", total=True)

    def _below(self, name: str, rest: list[tree.Step], at: str, kind: TypeInfo) -> Verdict:
        element = kind.elements[name]
        keys = keys_of(element)
        rows = self._rows(at, keys, kind)
        absent = self._absent(at, tuple(key for row in keys for key in row[:2]), kind)
        if not rest:
            quick = f"{at}.get({keys[0][0]!r}).__class__ is dict or " if keys and not keys[0][2] else ""
            return Verdict(f"({quick}{rows})", absent, absent, total=True)
        if len(element.choices) > 1:
            first = rest[0]
            if isinstance(first, tree.Call | tree.Member) and first.name == "extension":
                absent = some([absent, f"not any(['extension' in row for row in {rows} if row.__class__ is dict])"])
            return Verdict(NO, absent, absent)
        one = self._variable()
        more = self._there(rest, one, element.choices[0].kind)
        true = NO if more.true == NO else f"any([{more.true} for {one} in {rows}])"
        if true != NO and not more.total:  # each of them is looked at, and none may stay open
            true = f"{true} and all([{some([more.true, more.untrue])} for {one} in {rows}])"
        untrue = absent if more.untrue == NO else f"({absent} or all([{more.untrue} for {one} in {rows}]))"
        return Verdict(true, untrue, untrue, more.total)

    def _all(self, steps: list[tree.Step], criterion: tree.Expression, at: str, kind: TypeInfo) -> Verdict:
        """``path.all(criterion)``: there is no item, or each of one step meets the criterion."""
        none = self._there(steps, at, kind).untrue
        step = steps[0] if len(steps) == 1 else None
        element = kind.elements.get(step.name) if isinstance(step, tree.Member) else None
        if element is None or len(element.choices) != 1 or element.choices[0].kind.abstract:
            return Verdict(none)
        one = self._variable()
        met = self.verdict(criterion, one, element.choices[0].kind)
        rows = self._rows(at, keys_of(element), kind)
        return Verdict(some([none, NO if met.true == NO else f"all([{met.true} for {one} in {rows}])"]))

    def _comparison(self, expression: tree.Binary, at: str, kind: TypeInfo) -> Verdict:
        left, right = expression.operands
        name = single(left, kind)
        if name is None:
            return UNKNOWN
        if expression.operator in {"<=", ">="}:
            other = single(right, kind)
            dates = {"Date", "DateTime"}
            if other is None or {system(kind, name), system(kind, other)} - dates:
                return UNKNOWN
            first, second = (name, other) if expression.operator == "<=" else (other, name)
            return Verdict(f"{self._const(in_order)}({at}, {first!r}, {second!r})")
        wanted = literals(right) if expression.operator == "in" else literal(right)
        if wanted is None or system(kind, name) != "String":
            return UNKNOWN
        options, one = self._const(wanted), self._variable()
        absent = self._absent(at, (name, "_" + name), kind)
        value = f"({one} := {at}.get({name!r})).__class__ is str"
        true, false = f"{value} and {one} in {options}", f"{value} and {one} not in {options}"
        verdict = Verdict(true, false, some([absent, false]), total=True)
        return Verdict(false, true, some([absent, true]), total=True) if expression.operator == "!=" else verdict

    def _type_test(self, expression: tree.TypeTest, kind: TypeInfo) -> Verdict:
        """``$this is T``, which the type of the focus decides."""
        operand, known = expression.operand, fhir_type(expression.type_name)
        this = isinstance(operand, tree.Special) and operand.name == "this"
        this = this or (
            isinstance(operand, tree.Path) and not operand.steps and isinstance(operand.start, tree.Special)
        )
        if expression.operator != "is" or not this or known is None or kind.kind not in {"primitive", "complex"}:
            return UNKNOWN
        if kind.name == expression.type_name:
            return Verdict("True", NO, NO, total=True)
        return UNKNOWN if expression.type_name in kind.ancestors else Verdict(NO, "True", "True", total=True)

    def _rows(self, at: str, keys: Keys, kind: TypeInfo) -> str:
        """Python for the children under the names of an element."""
        if len(keys) == 1 and not keys[0][2] and not kind.primitive:
            return f"{self._const(objects)}({at}, {keys[0][0]!r})"
        return f"{self._const(children)}({at}, {self._const(keys)})"

    def _absent(self, at: str, names: tuple[str, ...], kind: TypeInfo) -> str:
        """Python for an object that has none of the names."""
        if kind.primitive:
            return f"{self._const(is_absent)}({at}, {self._const(names)})"
        if len(names) > FEW:
            return f"{self._const(frozenset(names))}.isdisjoint({at})"
        return f"({' and '.join(f'{name!r} not in {at}' for name in names)})"

    def _variable(self) -> str:
        self._count += 1
        return f"r{self._count}"

    def _const(self, value: object) -> str:
        return self._writer.const(value)
