"""Runs rules of your own over every resource of a document.

A rule that raises, or yields what it should not, is an issue (pack.rule-failed) and no exception: nothing of the
resource is told. What it found before counts.
"""

import copy
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from footbridge.model.issues import Issue
from footbridge.validation.core.options import Options
from footbridge.validation.packs.own import OwnRule, Pack, place_of

HOLDERS = ("contained", "resource")
"""Elements that hold whole resources: contained ones, those of Bundle.entry and of Parameters.parameter."""
LONGEST = 1000  # characters of a message or a place
Json = Any


def check_own(packs: Sequence[Pack], resource: Json, options: Options) -> Iterator[Issue]:
    """What the packs find in a resource and in those inside of it, each rule up to the limit of the options."""
    for place, inner in _resources(resource, "", options.max_depth):
        for one in (one for pack in packs for one in pack.rules):
            if not one.types or inner["resourceType"] in one.types:
                yield from _found(one, inner, place, options.max_issues)


def _found(one: OwnRule, resource: dict[str, Json], place: str, most: int) -> Iterator[Issue]:
    try:
        for count, row in enumerate(one.check(copy.deepcopy(resource)) or ()):
            if count >= most:
                return
            where, message = row
            if not (isinstance(where, str) and isinstance(message, str) and message):
                raise TypeError  # noqa: TRY301 - told as any other fault of the rule
            at = f"{place}.{where}" if where else place
            yield Issue(
                one.id, one.severity, "business-rule", message[:LONGEST], expression=at[:LONGEST], spec=one.spec
            )
    except Exception as error:  # noqa: BLE001 - whatever the code of a user does
        file = Path(one.check.__code__.co_filename).name if hasattr(one.check, "__code__") else ""
        yield Issue(
            "pack.rule-failed", "error", "exception",
            f"The rule {one.id} failed ({place_of(error, file)}); it has not checked this resource to the end.",
            expression=place,
        )  # fmt: skip


def _resources(value: Json, path: str, depth: int) -> Iterator[tuple[str, dict[str, Json]]]:
    """Every resource in a value, with its FHIRPath."""
    if depth < 0 or not isinstance(value, dict):
        return
    name = value.get("resourceType")
    if isinstance(name, str):
        path = path or name
        yield path, value
    for key, inner in value.items():
        for at, row in enumerate(inner) if isinstance(inner, list) else ((None, inner),):
            if isinstance(row, dict) and (key in HOLDERS or not isinstance(row.get("resourceType"), str)):
                yield from _resources(row, f"{path}.{key}" if at is None else f"{path}.{key}[{at}]", depth - 1)
