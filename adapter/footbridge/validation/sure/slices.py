"""Writes how values are sorted into slices, where that is sure: every slice is decided for every value."""

import re
from typing import TYPE_CHECKING, Any

from footbridge.validation.core.plan import ListRule, Slot
from footbridge.validation.rules.discriminator import Criterion
from footbridge.validation.rules.equality import same
from footbridge.validation.rules.slice_tests import Fits, InValueSet, IsSame, IsThere, OfType, OneOf
from footbridge.validation.rules.slicing import DEFAULT, Slice, Slicing
from footbridge.validation.sure.codes import fitting, members_of, single_code
from footbridge.validation.sure.ways import Way, chosen, nowhere, of_types, steps_of, text, values
from footbridge.validation.sure.writer import Writer

if TYPE_CHECKING:
    from footbridge.validation.core.context import ValidationContext
    from footbridge.validation.sure.profiles import Profiles

Json = Any
CODES = re.compile(r"c\.codes\(y, '\w+'\)")


def slice_lines(slicing: ListRule, slot: Slot, profiles: "Profiles", writer: Writer) -> list[str] | None:
    """The lines that sort the list ``x`` into slices and return False where that is not well; None where never sure."""
    if not isinstance(slicing, Slicing) or not all(_is_plain(one) for one in slicing.slices):
        return None
    tests = [_test(one, slot, writer, profiles.engine) for one in slicing.slices]
    if any(test is None for test in tests):
        return None
    count = len(slicing.slices)
    lines = [f"n{at} = 0" for at in range(count)] + ["m = -1", "u = -1", "for y in x:", "    w = -1"]
    for at, shared in enumerate(sorted({CODES.findall(str(test))[0] for test in tests if CODES.search(str(test))})):
        lines.append(f"    g{at} = {shared}")
        tests = [str(test).replace(shared, f"g{at}") for test in tests]
    for at, (one, test) in enumerate(zip(slicing.slices, tests, strict=True)):
        lines += [f"    if {test}:", "        if w >= 0: return False", f"        w = {at}", f"        n{at} += 1"]
        call = profiles.call(one.node, slot, "y")
        lines += [f"        {line}" for line in _called(call, at)] if call != "True" else []
    if slicing.rules == "closed":
        lines.append("    if w < 0: return False")
    if slicing.ordered or slicing.rules == "openAtEnd":
        lines += [f"    if w >= 0 and w < m and ({slicing.ordered} or m == {count}): return False"]
        lines += [f"    m = {count if slicing.rules == 'openAtEnd' else 'm'} if w < 0 else max(m, w)"]
    for at, one in enumerate(slicing.slices):
        lines += [f"if n{at} < {one.least}: return False"] if one.least else []
        lines += [f"if n{at} > {one.most}: return False"] if one.most is not None else []
    return lines


def _called(call: str, at: int) -> list[str]:
    """The lines that ask a slice; rules that are put off must be in the order of the slices, as the walk has them."""
    return [
        "t = len(c.later)",
        f"if not ({call}): return False",
        "if len(c.later) > t:",
        f"    if {at} < u: return False",
        f"    u = {at}",
    ]


def choice_lines(slicing: ListRule, slot: Slot | None, profiles: "Profiles") -> list[str] | None:
    """The lines for an element that is sliced by its type, with a value in that slot or with none."""
    if not isinstance(slicing, Slicing) or not all(_is_plain(one) for one in slicing.slices):
        return None
    lines: list[str] = []
    met = 0
    for one in slicing.slices:
        has = False if slot is None else belongs_by_type(one, slot)
        if has is None or (one.least and not has) or (has and one.most == 0):
            return None
        if has:
            met += 1
            call = profiles.call(one.node, slot) if slot is not None else "True"
            lines += [f"if not ({call}): return False"] if call != "True" else []
    if met > 1 or (met == 0 and slot is not None and slicing.rules == "closed"):
        return None
    return lines


def _is_plain(one: Slice) -> bool:
    return one.decidable and one.inner is None and one.name != DEFAULT


def belongs_by_type(one: Slice, slot: Slot) -> bool | None:
    """Whether a slot's values belong to a slice that is told by its type; None for other slices."""
    verdict = True
    for criterion in one.criteria:
        if criterion.steps or not isinstance(criterion.test, OfType):
            return None
        names = criterion.test.names
        verdict = verdict and (
            slot.type in names or slot.plan.name in names or not names.isdisjoint(slot.plan.ancestors)
        )
    return verdict


def _test(one: Slice, slot: Slot, writer: Writer, engine: "ValidationContext") -> str | None:
    """Python for whether ``y`` belongs to a slice."""
    parts = [_criterion(criterion, slot, writer, engine) for criterion in one.criteria]
    known = [part for part in parts if part is not None]
    return " and ".join(known) if len(known) == len(parts) else None


def _criterion(criterion: Criterion, slot: Slot, writer: Writer, engine: "ValidationContext") -> str | None:
    """Python for one discriminator of a slice; raises Unsure where it is open."""
    test, way = criterion.test, steps_of(criterion, slot)
    if way is None:
        return None
    rows = f"{writer.const(values)}(y, {writer.const(way.names)})"
    if way.resolved:
        return f"{writer.const(nowhere)}({rows}, c) is {isinstance(test, IsThere) and not test.there}"
    if isinstance(test, OfType):
        return None if way.choices is None else f"{writer.const(of_types(way.choices, test.names))}({rows})"
    if way.choices is not None:
        rows = f"{writer.const(chosen)}({rows}, {writer.const(way.choices)})"
    elif isinstance(test, OneOf) and len(way.names) == 1 and not way.names[0][1]:
        return f"{writer.const(text)}(y, {way.names[0][0]!r}) in {writer.const(test.wanted)}"
    if isinstance(test, IsThere):
        return f"bool({rows}) is {test.there}"
    if isinstance(test, InValueSet):
        return f"{writer.const(members_of(test.value_set, engine))}({rows})"
    if isinstance(test, OneOf):
        return f"any([one in {writer.const(test.wanted)} for one in {rows}])"
    if isinstance(test, IsSame):
        return f"any([{writer.const(same)}(one, {writer.const(test.wanted)}) for one in {rows}])"
    return _fits(test, way, rows, writer) if isinstance(test, Fits) else None


def _fits(test: Fits, way: Way, rows: str, writer: Writer) -> str:
    """Python for whether a value has all of a pattern."""
    if not way.names and way.choices is None:
        return fitting(writer, "y", test.pattern)
    pair = single_code(test.pattern)
    if pair is not None and len(way.names) == 1 and way.choices is None and not way.names[0][1]:
        return f"{writer.const(pair)} in c.codes(y, {way.names[0][0]!r})"
    return f"any([{fitting(writer, 'one', test.pattern)} for one in {rows}])"
