"""Extensions: known, allowed where they stand, with one value or parts, and as their definition asks."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from footbridge.validation.core.plan import Slot, TypePlan
from footbridge.validation.core.spot import Spot
from footbridge.validation.rules.extension_context import ANYWHERE, plain_context
from footbridge.validation.sure.asked import Asked

if TYPE_CHECKING:
    from footbridge.validation.sure.functions import Functions

Json = Any
REMEMBERED = 4000
Extensions = Callable[[Json, Asked, int, str], bool]


def extension(functions: "Functions", holder: TypePlan, slot: Slot) -> Extensions:
    """The test of the extensions of one type; ``p`` of the function is the path of the element that holds them."""
    allowed: dict[tuple[str, str], bool] = {}
    modifier = slot.key == "modifierExtension"
    within = holder.name == "Extension"
    plan = slot.plan

    def good(x: Json, c: Asked, d: int, p: str) -> bool:
        url = x.get("url") if x.__class__ is dict else None
        if url.__class__ is not str or bool(x.get("extension")) is _is_valued(x):
            return False
        function = functions.types.made(plan).whole
        if function is None or not function(x, c, d, p):
            return False
        if ":" not in url:
            return within  # the extension around knows its parts
        before = len(c.later)
        if not _as_defined(x, url, c, p):
            del c.later[before:]
            c.later += [(rule, x) for rule in functions.types.made(plan).loose]
        return True

    def _as_defined(x: Json, url: str, c: Asked, p: str) -> bool:
        """Whether an extension stands where its definition allows it, and is as that asks."""
        if not _are_parts(x, url):
            return False
        key = (url, p)
        known = allowed.get(key)
        if known is None:
            known = _is_allowed(functions, url, "" if within else p, holder, modifier=modifier)
            if len(allowed) < REMEMBERED:
                allowed[key] = known
        return known and functions.profiles.holds(url, plan, x, c)

    parts: dict[str, frozenset[str] | None] = {}

    def _are_parts(x: dict[str, Json], url: str) -> bool:
        """Whether the definition names every part of an extension that has a relative URL."""
        if "extension" not in x:
            return True
        if url not in parts:
            if len(parts) >= REMEMBERED:
                parts.clear()
            parts[url] = functions.engine.parts_of(Spot({"url": url}, functions.types.slot_of(plan)))
        known = parts[url]
        return known is None or all(":" in row["url"] or row["url"] in known for row in x["extension"])

    return good


def _is_valued(value: dict[str, Json]) -> bool:
    return any(key[:5] == "value" for key in value)


def _is_allowed(functions: "Functions", url: str, path: str, holder: TypePlan, *, modifier: bool) -> bool:
    """Whether a definition allows the extension on an element of that type, by the type's or the element's name."""
    facts = functions.engine.definitions.extension(url)
    if facts is None or facts.get("contextInvariant") or facts.get("state") is not None:
        return False
    if "since" in facts or "until" in facts or bool((facts.get("snapshot") or [{}])[0].get("isModifier")) != modifier:
        return False
    names = {*holder.ancestors, path, path.removesuffix("[x]")}
    rows = facts.get("context") or ()
    return not rows or any(
        row.get("type") not in {"fhirpath", "extension"}
        and (str(row.get("expression", "")) in ANYWHERE or plain_context(str(row.get("expression", ""))) in names)
        for row in rows
    )
