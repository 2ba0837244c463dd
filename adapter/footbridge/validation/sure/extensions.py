"""Extensions: known, allowed where they stand, with one value or parts, and as their definition asks."""

from typing import TYPE_CHECKING, Any

from footbridge.validation.core.plan import Slot, TypePlan
from footbridge.validation.core.spot import Spot
from footbridge.validation.rules.extension_context import ANYWHERE, is_for_r4, plain_context
from footbridge.validation.sure.asked import Asked

if TYPE_CHECKING:
    from footbridge.validation.sure.functions import Functions

Json = Any
REMEMBERED = 4000


class Extensions:
    """The test of the extensions of one type."""

    def __init__(self, functions: "Functions", holder: TypePlan, slot: Slot) -> None:
        self._functions = functions
        self._holder = holder
        self._plan = slot.plan
        self._modifier = slot.key == "modifierExtension"
        self._within = holder.name == "Extension"
        self._allowed: dict[tuple[str, str], bool] = {}
        self._parts: dict[str, frozenset[str] | None] = {}

    def good(self, x: Json, c: Asked, d: int, p: str) -> bool:
        """Whether the walk finds nothing in an extension; ``p`` is the path of the element that holds it."""
        url = x.get("url") if x.__class__ is dict else None
        if url.__class__ is not str or bool(x.get("extension")) is _is_valued(x):
            return False
        functions = self._functions.types.made(self._plan)
        if functions.whole is None or not functions.whole(x, c, d, p):
            return False
        if ":" not in url:
            return self._within  # the extension around knows its parts
        if "extension" in x and not self._has_known_parts(x["extension"], url):
            return False  # what is said of a part is said at the part
        before = len(c.later)
        if not self._is_as_defined(x, url, c, p):
            del c.later[before:]
            c.later += [(rule, x) for rule in functions.loose]
        return True

    def _is_as_defined(self, x: dict[str, Json], url: str, c: Asked, p: str) -> bool:
        """Whether an extension stands where its definition allows it, and is as that asks."""
        key = (url, p)
        known = self._allowed.get(key)
        if known is None:
            path = "" if self._within else p
            known = _is_allowed(self._functions, url, path, self._holder, modifier=self._modifier)
            if len(self._allowed) < REMEMBERED:
                self._allowed[key] = known
        return known and self._functions.profiles.holds(url, self._plan, x, c)

    def _has_known_parts(self, rows: list[Json], url: str) -> bool:
        """Whether the definition names every part of an extension that has a relative URL."""
        if url not in self._parts:
            if len(self._parts) >= REMEMBERED:
                self._parts.clear()
            spot = Spot({"url": url}, self._functions.types.slot_of(self._plan))
            self._parts[url] = self._functions.engine.parts_of(spot)
        known = self._parts[url]
        return known is None or all(":" in row["url"] or row["url"] in known for row in rows)


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
        and is_for_r4(row)
        and (str(row.get("expression", "")) in ANYWHERE or plain_context(str(row.get("expression", ""))) in names)
        for row in rows
    )
