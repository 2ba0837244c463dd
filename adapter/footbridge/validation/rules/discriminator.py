"""Discriminators: how a value is told to belong to a slice (https://hl7.org/fhir/R4/profiling.html#discriminator).

A discriminator is compiled, for each slice, into a walk to the values at its path and a test on them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from footbridge.validation.core.build import Build
from footbridge.validation.core.children import gather
from footbridge.validation.core.elements import Element
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.definitions.registry import R4
from footbridge.validation.rules.slice_tests import (
    Conforms,
    Fits,
    InValueSet,
    IsSame,
    IsThere,
    OfType,
    OneOf,
    Test,
    can_tell,
)

_STEP = re.compile(r"(extension|ofType|resolve)\('?([^')]*)'?\)|([A-Za-z$][A-Za-z0-9_\[\]]*)")
# A restricted path: https://hl7.org/fhir/R4/profiling.html#discriminator
_PATH = re.compile(rf"(?:{_STEP.pattern})(?:\.(?:{_STEP.pattern}))*")
Step = tuple[str, str]
Walked = dict[tuple[Step, ...], list[Spot]]


@dataclass(frozen=True, slots=True, eq=False)
class Criterion:
    """One discriminator of one slice."""

    steps: tuple[Step, ...]
    test: Test

    def holds(self, spot: Spot, scope: Scope, walked: Walked) -> bool | None:
        """Whether the value has what the slice asks; None where that cannot be decided.

        ``walked`` keeps what the steps led to from this value, for the other slices of the element.
        """
        found = walked.get(self.steps)
        if found is None:
            found = [spot]
            for step in self.steps:
                found = [after for before in found for after in _follow(before, step, scope)]
            walked[self.steps] = found
        return self.test(found, scope)


def steps_of(path: str) -> tuple[Step, ...]:
    """The steps of a discriminator's path."""
    steps = []
    for call, argument, name in _STEP.findall(path):
        if call:
            steps.append((call, argument))
        elif name != "$this":
            steps.append(("child", name))
    return tuple(steps)


def _follow(spot: Spot, step: Step, scope: Scope) -> Iterator[Spot]:
    kind, argument = step
    if kind == "child":
        yield from gather(spot, argument)
    elif kind == "extension":
        yield from (row for row in gather(spot, "extension") if _url(row) == argument)
    elif kind == "ofType":
        if scope.run.engine.is_a(spot, argument):
            yield spot
    else:
        target = scope.run.engine.resolved_spot(spot, scope)
        if target is not None:
            yield target


def _url(spot: Spot) -> Any:  # noqa: ANN401 - JSON is any value
    return spot.value.get("url") if spot.value.__class__ is dict else None


def criterion(kind: str, path: str, element: Element, build: Build) -> Criterion | None:
    """What a slice asks at a discriminator's path; None where its definition says nothing of it."""
    if kind == "position" or not _PATH.fullmatch(path) or "[" in path:
        return None
    steps = steps_of(path)
    test = _test(kind, steps, element, build)
    return None if test is None else Criterion(steps, test)


def must_tell(row: dict[str, str], element: Element, build: Build) -> bool:
    """Whether a slice of which a discriminator tells nothing cannot be told at all, whatever the others tell.

    So it is where something may be there or not, where a reference may lead to several types, and where a value is
    asked for that cannot tell a slice.
    """
    kind = row.get("type")
    holder, rest = _descend(element, steps_of(row.get("path", "")), build)
    if kind in {"value", "pattern"}:
        asked = [(key, holder.value(key)) for key in ("fixed", "pattern")]
        return not rest and any(found is not None and not can_tell(key, *found) for key, found in asked)
    return kind == "exists" or (kind == "type" and bool(_targets(holder)) and not _target_types(holder, build))


def _targets(element: Element) -> list[str]:
    return [url for row in element.types for url in row.get("targetProfile") or ()]


def _test(kind: str, steps: tuple[Step, ...], element: Element, build: Build) -> Test | None:
    holder, rest = _descend(element, steps, build)
    if kind in {"value", "pattern"}:
        told = None if rest else _value_test(holder)
        told = told or _inner_slice_test(kind, steps, element, build)
        return told or (_url_test(holder, rest) if rest else _absent_test(holder))
    if rest and rest != (("resolve", ""),):
        return None
    if kind == "exists":
        return _exists_test(holder)
    if kind == "type":
        return _type_test(holder, build, resolved=bool(steps) and steps[-1][0] == "resolve")
    return _profile_test(holder, resolved=bool(steps) and steps[-1][0] == "resolve")


def _descend(element: Element, steps: tuple[Step, ...], build: Build) -> tuple[Element, tuple[Step, ...]]:
    """The element of the slice that the path leads to, and the steps that its definition does not go into."""
    for at, (kind, argument) in enumerate(steps):
        if kind == "resolve":
            element = _target(element, steps[at + 1 :], build)
        if kind in {"resolve", "ofType"}:
            continue
        inner = _extension_slice(element, argument) if kind == "extension" else element.child(argument)
        if inner is None:
            inner = _profiled_child(element, (kind, argument), build)
        if inner is None:
            return element, steps[at:]
        element = inner
    return element, ()


def _target(element: Element, rest: tuple[Step, ...], build: Build) -> Element:
    """The root of what a reference leads to, where an element of it is asked for and the slice names one profile."""
    targets = _targets(element) if rest and rest[0][0] in {"child", "extension"} else []
    root = build.compiler.tree(targets[0]) if len(targets) == 1 else None
    return element if root is None else root


def _inner_slice_test(kind: str, steps: tuple[Step, ...], element: Element, build: Build) -> Test | None:
    """What a slice of an element on the path asks; of several the first that asks something, as in the HL7 validator.

    ``code.coding.code`` may be fixed in a slice of ``coding`` alone, in a slice of the element that is sliced by it.
    """
    for at, (way, argument) in enumerate(steps):
        if way == "resolve":
            element = _target(element, steps[at + 1 :], build)
        if way in {"resolve", "ofType"}:
            continue
        inner = _extension_slice(element, argument) if way == "extension" else element.child(argument)
        inner = inner or _profiled_child(element, (way, argument), build)
        if inner is None:
            return None
        for row in inner.slices if way == "child" else ():
            test = _said(kind, steps[at + 1 :], row, build)
            if test is not None:
                return test
        element = inner
    return None


def _said(kind: str, steps: tuple[Step, ...], row: Element, build: Build) -> Test | None:
    """The value that an inner slice asks for; that a value be there is not enough to tell a slice."""
    holder, rest = _descend(row, steps, build)
    told = None if rest else _value_test(holder)
    return told or _inner_slice_test(kind, steps, row, build)


def _extension_slice(element: Element, url: str) -> Element | None:
    extensions = element.child("extension")
    for row in extensions.slices if extensions is not None else ():
        if any(url in (kind.get("profile") or ()) for kind in row.types):
            return row
    return None


def _profiled_child(element: Element, step: Step, build: Build) -> Element | None:
    """The child in the profile that the element's type names."""
    for row in element.types:
        for url in row.get("profile") or ():
            root = build.compiler.tree(url)
            if root is None:
                continue
            found = _extension_slice(root, step[1]) if step[0] == "extension" else root.child(step[1])
            if found is not None:
                return found
    return None


def _value_test(element: Element) -> Test | None:
    fixed, pattern = element.value("fixed"), element.value("pattern")
    if fixed is not None:
        wanted = fixed[1]
        return (
            None if not can_tell("fixed", *fixed) else OneOf((wanted,)) if wanted.__class__ is str else IsSame(wanted)
        )
    if pattern is not None:
        return Fits(pattern[1]) if can_tell("pattern", *pattern) else None
    binding = element.facts.get("binding") or {}
    if binding.get("strength") == "required" and binding.get("valueSet"):
        return InValueSet(str(binding["valueSet"]))
    return None


def _url_test(element: Element, rest: tuple[Step, ...]) -> Test | None:
    """The URL of an extension slice, told by the profile of its type."""
    if rest != (("child", "url"),):
        return None
    urls = [url.partition("|")[0] for row in element.types for url in row.get("profile") or ()]
    return OneOf(tuple(urls)) if urls else None


def _exists_test(element: Element) -> Test | None:
    return _absent_test(element) or (IsThere(there=True) if element.min > 0 else None)


def _absent_test(element: Element) -> Test | None:
    """That there is no value tells a slice by value, too; that there is one does not."""
    return IsThere(there=False) if element.facts.get("max") == "0" else None


def _type_test(element: Element, build: Build, *, resolved: bool) -> Test | None:
    if resolved:
        names = _target_types(element, build)
    else:  # of a choice that is sliced by type, the slices tell the types
        names = frozenset(code for row in element.slices or [element] for code in row.codes)
    if not names:
        return None
    return OfType(names)


def _target_types(element: Element, build: Build) -> frozenset[str]:
    """The type that a reference leads to, by its name or by a profile: of one target alone, as in the HL7 validator."""
    targets = _targets(element)
    if len(targets) != 1:
        return frozenset()
    base, _, name = targets[0].rpartition("/")
    if f"{base}/" == R4:
        return frozenset({name})
    root = build.compiler.tree(targets[0])
    return frozenset() if root is None else frozenset({root.path})


def _profile_test(element: Element, *, resolved: bool) -> Test | None:
    key = "targetProfile" if resolved else "profile"
    return Conforms(tuple(url for row in element.types for url in row.get(key) or ()))
