"""Where a location's address may not be shown, what leads there may not either: coordinates, ways, transport."""

from typing import Any

_POSITION = ("latitude", "longitude")
_WAYS = ("transportation",)


def hide(data: dict[str, Any]) -> None:
    """Move what leads to a withheld address from the location into children that are withheld, too.

    A location is hidden when one of its physical addresses is withheld, or, where it has no physical one, any.
    """
    addresses = data.get("addresses", [])
    physical = [row for row in addresses if row.get("address_type") == "physical"] or addresses
    if not any("withheld" in row for row in physical):
        return
    position = {name: data.pop(name) for name in _POSITION if name in data}
    if position:
        data.setdefault("positions", []).append({**position, "withheld": "confidential"})
    for name in _WAYS:
        if name in data:
            row = {"kind": name, "text": data.pop(name), "withheld": "confidential"}
            data.setdefault("whereabouts", []).append(row)
