"""An element of a profile against the one that it constrains, as the snapshot is made (rule definition.differential).

https://hl7.org/fhir/R4/profiling.html#limitations: a profile only narrows. It may not let in more or fewer values than
its base, bind more weakly, take other codes than a required binding has, or fix a value of another type. The elements
stand in the order of the base, and a slice needs a slicing.
"""

from collections.abc import Callable, Iterator
from typing import Any

from footbridge.validation.definitions.facts import Element
from footbridge.validation.rules.rows import Row, rows_of

MOST = 200  # codes of a value set that are looked up in the value set of the base
Codes = Callable[[str, int], tuple[str, ...]]
Member = Callable[[str, str | None, str], bool | None]


class Derived:
    """Watches a snapshot being made; ``told`` is what it found."""

    def __init__(self, few: Codes, member: Member) -> None:
        self._few = few
        self._member = member
        self.told: list[str] = []

    def element(self, base: Element, own: Element) -> None:
        """An element may only be narrower than that of the base."""
        self.told += [*widened(base, own), *outside(base, own, self._few, self._member)]

    def children(self, above: Element, base: list[str], own: list[str]) -> None:
        """The children that are constrained stand in the order of the base."""
        places = [base.index(name) for name in own if name in base]
        if places != sorted(places):
            self.told.append(f"What is below {str(above.get('path'))[:60]} does not stand in the order of the base.")

    def unsliced(self, own: Element) -> None:
        """A slice needs a slicing."""
        name, path = str(own.get("sliceName"))[:40], str(own.get("path"))[:60]
        self.told.append(f"The slice {name} of {path} stands where nothing is sliced.")

    def unmatched(self, own: Element) -> None:
        """An element that the base does not have."""
        self.told.append(f"{str(own.get('path'))[:60]} is below a choice of several types, which has no such child.")


def widened(base: Element, own: Element) -> Iterator[str]:
    """What the differential (``own``) says of an element beyond its base; both as facts of elements."""
    path = str(own.get("path") or base.get("path"))[:60]
    least, most, limit = own.get("min"), own.get("max"), base.get("max")
    if isinstance(least, int) and least < int(base.get("min") or 0) and "sliceName" not in own:
        yield f"The base asks for at least {base.get('min')} of {path}, the profile for {least}."
    if isinstance(most, str) and isinstance(limit, str) and _count(most) > _count(limit):
        yield f"The base allows at most {limit} of {path}, the profile {most}."
    strengths = [str((row.get("binding") or {}).get("strength")) for row in (base, own)]
    if not path.endswith("[x]") and strengths[0] == "required" and strengths[1] not in ("required", "None"):
        yield f"The binding of {path} is required in the base, so it cannot be {strengths[1]}."
    yield from _valued(base, own, path)


def outside(base: Element, own: Element, few: Codes, member: Member) -> Iterator[str]:
    """Codes that a required binding of the profile takes, and that of its base does not have."""
    rows = [row.get("binding") or {} for row in (base, own)]
    sets = [str(row.get("valueSet") or "") for row in rows]
    required = all(row.get("strength") == "required" for row in rows)
    if not required or not all(sets) or sets[0] == sets[1] or str(own.get("path")).endswith("[x]"):
        return
    if any(member(sets[0], None, code) is False for code in few(sets[1], MOST)):
        path = str(own.get("path"))[:60]
        yield f"The value set {sets[1][:100]} of {path} has codes that the required binding of the base does not have."


def _count(most: str) -> float:
    return float("inf") if most == "*" or not most.isdigit() else int(most)


def _valued(base: Element, own: Element, path: str) -> Iterator[str]:
    """A fixed value or a pattern has the type of the element."""
    codes = [str(row.get("code")) for row in rows_of(own.get("type")) or rows_of(base.get("type"))]
    codes = codes if "." in path else [path]
    if not codes or any(code == "*" or ":" in code for code in codes):
        return
    suffixes = {code[:1].upper() + code[1:] for code in codes}
    for name in own:
        for stem in ("fixed", "pattern"):
            if name.startswith(stem) and name.removeprefix(stem) not in suffixes:
                yield f"The {stem} value of {path} is of the type {name.removeprefix(stem)}, the element is not."


def out_of_order(rows: list[Row], base: list[Any]) -> Iterator[str]:
    """Elements that stand before one that precedes them in the base: no snapshot takes them up."""
    places: dict[str, int] = {}
    for row in rows_of(base):
        places.setdefault(str(row.get("path")), len(places))
    last: list[str] = []
    for row in rows:
        steps = str(row.get("path")).split(".")
        shared = next((at for at, (one, other) in enumerate(zip(last, steps, strict=False)) if one != other), None)
        if shared is not None:
            before, here = (places.get(".".join(path[: shared + 1])) for path in (last, steps))
            if before is not None and here is not None and here < before:
                yield f"The element {'.'.join(steps)[:60]} stands after {'.'.join(last)[:60]}, the base has it before."
        elif len(steps) < len(last) and not row.get("sliceName") and len(steps) > 1:
            yield f"The element {'.'.join(steps)[:60]} stands after what is within it."
        last = steps


def before(rows: list[Row]) -> Iterator[str]:
    """Slices that stand before the element says how it is sliced."""
    met: set[str] = set()
    for row in rows:
        if row.get("sliceName"):
            met.add(str(row.get("path")))
        elif "slicing" in row and str(row.get("path")) in met and ":" not in str(row.get("id")):
            yield f"The slices of {str(row.get('path'))[:60]} stand before its slicing."


def twice(rows: list[Row]) -> Iterator[str]:
    """Elements that are there twice, once the slices that they stand in are counted."""
    names: dict[tuple[str, ...], str] = {}
    seen: set[tuple[str, ...]] = set()
    for row in rows:
        path, name = str(row.get("path")), str(row.get("sliceName") or "")
        steps = tuple(path.split("."))
        names = {above: slice_name for above, slice_name in names.items() if above[: len(steps)] != steps}
        if name:
            names[steps] = name
        identity = tuple(f"{step}:{names.get(steps[: at + 1], '')}" for at, step in enumerate(steps))
        if identity in seen:
            yield f"The element {path[:60]} is constrained twice."
        seen.add(identity)
