"""The sheet of a prescription that is being written: its document, and the field that each value came from.

A fault of the document is shown at the field of the value that it is about, or at the nearest one.
"""

from typing import Any, Final

from footbridge.store.drafts import Typed

# Where a fault goes whose own value has no field, or was not typed.
_FALLBACK: Final = {
    "/client/contacts": "phone", "/client/identifiers": "card", "/client/address": "line", "/client": "given",
    "/kind": "kind", "/needs": "category", "/service": "partner", "/consent": "consent", "/followUp": "follow_due",
}  # fmt: skip


class Sheet:
    """A document that is being filled in, and the field behind each of its values."""

    def __init__(self, typed: Typed) -> None:
        """Begin with an empty one."""
        self.typed = typed
        self.document: dict[str, Any] = {}
        self.places: dict[str, str] = {}

    def text(self, name: str) -> str | None:
        """What was typed into a field; None when that is nothing."""
        found = next(iter(self.typed.get(name, ())), "")
        return found if found.strip() else None

    def texts(self, name: str) -> list[str]:
        """What was ticked."""
        return [one for one in self.typed.get(name, ()) if one.strip()]

    def lines(self, name: str) -> list[str]:
        """What was typed into a field, one entry a line."""
        return [one for one in (self.text(name) or "").split("\n") if one.strip()]

    def put(self, pointer: str, value: Any, field: str) -> None:  # noqa: ANN401 - JSON
        """Put a value at a JSON Pointer, unless it is None; a number appends to a list."""
        if value is None:
            return
        *way, last = pointer.strip("/").split("/")
        here: Any = self.document
        for step, following in zip(way, [*way, last][1:], strict=True):
            if isinstance(here, list):
                if int(step) == len(here):
                    here.append({})
                here = here[int(step)]
            else:
                here = here.setdefault(step, [] if following.isdigit() else {})
        if isinstance(here, list):
            here.append(value)
        else:
            here[last] = value
        self.places[pointer] = field

    def field_at(self, pointer: str) -> str | None:
        """The field that a pointer into the document is about; None for what nobody typed here."""
        place = pointer
        while place:
            if place in self.places:
                return self.places[place]
            place = place.rpartition("/")[0]
        inside = next((field for known, field in self.places.items() if known.startswith(f"{pointer}/")), None)
        if inside is not None:
            return inside
        return next((field for known, field in _FALLBACK.items() if pointer.startswith(known)), None)
