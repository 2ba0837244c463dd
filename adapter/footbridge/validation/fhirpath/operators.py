"""The operators: https://hl7.org/fhirpath/N1/#operations. Each takes compiled operands and gives Code."""

from collections.abc import Callable
from decimal import ROUND_DOWN, Decimal

from footbridge.validation.fhirpath import equality, ordering, quantities, temporal
from footbridge.validation.fhirpath.errors import Undecided, execution
from footbridge.validation.fhirpath.functions.support import decider, distinct_items
from footbridge.validation.fhirpath.nodes import Node
from footbridge.validation.fhirpath.quantities import CODE_WORDS, Quantity
from footbridge.validation.fhirpath.runtime import Code, Decide, Frame, boolean
from footbridge.validation.fhirpath.temporal import Temporal
from footbridge.validation.fhirpath.values import EMPTY, Item, Items, is_number, single, text, type_of

Operator = Callable[[Code, Code], Code]
Value = Callable[[Item, Item], Item]


def conjunction(operands: list[Code]) -> Code:
    """``a and b and c``: False as soon as one is False, whatever cannot be decided in the others."""
    return _junction(operands, decisive=False)


def disjunction(operands: list[Code]) -> Code:
    """``a or b or c``: True as soon as one is True, whatever cannot be decided in the others."""
    return _junction(operands, decisive=True)


def _junction(operands: list[Code], *, decisive: bool) -> Code:
    decides = tuple(decider(code) for code in operands)

    def decide(frame: Frame) -> bool | None:
        verdict: bool | None = not decisive
        doubt: Undecided | None = None
        for each in decides:
            try:
                value = each(frame)
            except Undecided as unknown:
                doubt = unknown
                continue
            if value is decisive:
                return decisive
            if value is None:
                verdict = None
        if doubt is not None:
            raise doubt
        return verdict

    return boolean(decide)


def exclusive(left: Code, right: Code) -> Code:
    """``a xor b``."""
    first, second = decider(left), decider(right)

    def decide(frame: Frame) -> bool | None:
        one, other = first(frame), second(frame)
        return None if one is None or other is None else one is not other

    return boolean(decide)


def implication(left: Code, right: Code) -> Code:
    """``a implies b``."""
    first, second = decider(left), decider(right)

    def decide(frame: Frame) -> bool | None:
        try:
            condition = first(frame)
        except Undecided:
            if second(frame) is True:
                return True
            raise
        if condition is False:
            return True
        result = second(frame)
        if condition is None:
            return True if result is True else None
        return result

    return boolean(decide)


def _equals(left: Code, right: Code) -> Code:
    first, second = left.many, right.many

    def decide(frame: Frame) -> bool | None:
        return equality.equal(first(frame), second(frame))

    return boolean(decide)


def equals_text(left: Code, wanted: str) -> Code:
    """``left = 'wanted'``, the commonest comparison of all."""
    first, right = left.many, (wanted,)

    def decide(frame: Frame) -> bool | None:
        items = first(frame)
        if len(items) == 1:
            item = items[0]
            value = item.value if item.__class__ is Node else item
            if value.__class__ is str and (item is value or item.type.system == "String"):
                return bool(value == wanted)
        return equality.equal(items, right)

    return boolean(decide)


def _differs(left: Code, right: Code) -> Code:
    same: Decide = _equals(left, right).decide  # type: ignore[assignment]

    def decide(frame: Frame) -> bool | None:
        verdict = same(frame)
        return None if verdict is None else not verdict

    return boolean(decide)


def _equivalent(left: Code, right: Code) -> Code:
    first, second = left.many, right.many
    return boolean(lambda frame: equality.equivalent(first(frame), second(frame), frame.run.tick))


def _not_equivalent(left: Code, right: Code) -> Code:
    first, second = left.many, right.many
    return boolean(lambda frame: not equality.equivalent(first(frame), second(frame), frame.run.tick))


def _comparison(holds: Callable[[int], bool]) -> Operator:
    def operator(left: Code, right: Code) -> Code:
        first, second = left.many, right.many

        def decide(frame: Frame) -> bool | None:
            order = ordering.compare(first(frame), second(frame))
            return None if order is None else holds(order)

        return boolean(decide)

    return operator


def _one_of(item: Items, collection: Items, frame: Frame) -> Item | None:
    """The item that membership is asked of; None where there is none."""
    if len(item) > 1:
        raise execution(f"Membership is asked of one item, not {len(item)}")
    frame.run.tick(len(collection))
    return item[0] if item else None


def _in(left: Code, right: Code) -> Code:
    first, second = left.many, right.many

    def decide(frame: Frame) -> bool | None:
        items = second(frame)
        one = _one_of(first(frame), items, frame)
        return None if one is None else any(equality.equal_items(one, other) is True for other in items)

    return boolean(decide)


def _contains(left: Code, right: Code) -> Code:
    first, second = left.many, right.many

    def decide(frame: Frame) -> bool | None:
        items = first(frame)
        one = _one_of(second(frame), items, frame)
        return None if one is None else any(equality.equal_items(other, one) is True for other in items)

    return boolean(decide)


def union(operands: list[Code]) -> Code:
    """``a | b | c``: the items of all, each once."""
    manies = tuple(code.many for code in operands)

    def many(frame: Frame) -> Items:
        found: list[Item] = []
        for each in manies:
            found.extend(each(frame))
        frame.run.spend(len(found))
        return distinct_items(found)

    return Code(many)


def _concatenate(left: Code, right: Code) -> Code:
    first, second = left.many, right.many

    def many(frame: Frame) -> Items:
        joined = (text(first(frame), "&") or "") + (text(second(frame), "&") or "")
        frame.run.spend_text(joined)
        return (joined,)

    return Code(many)


def _arithmetic(sign: str, compute: Value) -> Operator:
    """An operator on single values; empty when either is."""

    def operator(left: Code, right: Code) -> Code:
        first, second = left.many, right.many

        def many(frame: Frame) -> Items:
            one, other = first(frame), second(frame)
            left_value, right_value = single(one, sign), single(other, sign)
            if left_value is None or right_value is None:
                return EMPTY
            found = compute(left_value, right_value)
            if found is NotImplemented:
                raise execution(f"{sign} does not take {type_of(one[0])!r} and {type_of(other[0])!r}")
            if found.__class__ is str:
                frame.run.spend_text(found)
            return EMPTY if found is None else (found,)

        return Code(many)

    return operator


def _move(value: Temporal, amount: Quantity, sign: int) -> Item:
    """A date or time moved by a calendar duration or its UCUM kin; UCUM's a and mo are no calendar's."""
    word = amount.word or CODE_WORDS.get(amount.unit) or amount.unit.removesuffix("s")
    definite = not amount.calendar and amount.unit in {"a", "mo"}
    if definite or word not in CODE_WORDS.values():
        raise execution("A date or time moves by calendar durations, or by week and shorter in UCUM units")
    return temporal.add(value, sign * amount.value, word)


def _add(left: Item, right: Item, sign: int = 1) -> Item:
    if is_number(left) and is_number(right):
        return left + sign * right
    if isinstance(left, Temporal) and isinstance(right, Quantity):
        return _move(left, right, sign)
    if isinstance(left, Quantity) and isinstance(right, Quantity):
        return quantities.add(left, right, sign)
    if sign == 1 and left.__class__ is str and right.__class__ is str:
        return left + right
    return NotImplemented


def _subtract(left: Item, right: Item) -> Item:
    return _add(left, right, -1)


def _as_quantity(value: Item) -> Item:
    return Quantity(Decimal(value), "1") if is_number(value) else value


def _multiply(left: Item, right: Item) -> Item:
    if is_number(left) and is_number(right):
        return left * right
    one, other = _as_quantity(left), _as_quantity(right)
    if isinstance(one, Quantity) and isinstance(other, Quantity):
        return quantities.multiply(one, other, 1)
    return NotImplemented


def _divide(left: Item, right: Item) -> Item:
    if is_number(left) and is_number(right):
        return Decimal(left) / Decimal(right) if right else None
    one, other = _as_quantity(left), _as_quantity(right)
    if isinstance(one, Quantity) and isinstance(other, Quantity):
        return quantities.multiply(one, other, -1) if other.value else None
    return NotImplemented


def _whole_divide(left: Item, right: Item) -> Item:
    if not is_number(left) or not is_number(right):
        return NotImplemented
    if not right:
        return None
    return int((Decimal(left) / Decimal(right)).to_integral_value(ROUND_DOWN))


def _remainder(left: Item, right: Item) -> Item:
    if not is_number(left) or not is_number(right):
        return NotImplemented
    if not right:
        return None
    found = Decimal(left) % Decimal(right)
    return int(found) if left.__class__ is int and right.__class__ is int else found


def negation(operand: Code, sign: str) -> Code:
    """``-x`` or ``+x`` of a number or a quantity."""
    inner = operand.many

    def many(frame: Frame) -> Items:
        items = inner(frame)
        value = single(items, sign)
        if value is None:
            return EMPTY
        if is_number(value):
            return (-value if sign == "-" else value,)
        if isinstance(value, Quantity):
            number = -value.value if sign == "-" else value.value
            return (Quantity(number, value.unit, value.calendar),)
        raise execution(f"{sign} does not take {type_of(items[0])!r}")

    return Code(many)


BINARY: dict[str, Operator] = {
    "xor": exclusive,
    "implies": implication,
    "=": _equals,
    "!=": _differs,
    "~": _equivalent,
    "!~": _not_equivalent,
    "<": _comparison(lambda order: order < 0),
    ">": _comparison(lambda order: order > 0),
    "<=": _comparison(lambda order: order <= 0),
    ">=": _comparison(lambda order: order >= 0),
    "in": _in,
    "contains": _contains,
    "&": _concatenate,
    "+": _arithmetic("+", _add),
    "-": _arithmetic("-", _subtract),
    "*": _arithmetic("*", _multiply),
    "/": _arithmetic("/", _divide),
    "div": _arithmetic("div", _whole_divide),
    "mod": _arithmetic("mod", _remainder),
}
FLAT: dict[str, Callable[[list[Code]], Code]] = {"and": conjunction, "or": disjunction, "|": union}
