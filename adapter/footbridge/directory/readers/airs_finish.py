"""The last step of an AIRS record: what could not be decided before all of its elements were seen.

Where a site's address may not be shown, neither may what leads there: coordinates, cross streets, the way, the bus.
"""

from typing import Any

from footbridge.directory.readers.airs_draft import Draft

_HIDDEN = "confidential"
_ABOUT = ("datum", "description")  # of a position


def finish_location(draft: Draft) -> None:
    """Place coordinates and ways, withheld where the address is; say which type the location has."""
    addresses = draft.data.get("addresses", [])
    physical = [row for row in addresses if row["address_type"] == "physical"]
    hidden = any("withheld" in row for row in physical or addresses)
    for row in draft.data.pop("_positions", []):
        reason = row.get("withheld") or (_HIDDEN if hidden else None)
        if reason is None and "latitude" not in draft.data and "longitude" not in draft.data:
            draft.data.update({name: row[name] for name in ("latitude", "longitude") if name in row})
            draft.add("attributes", *({"label": name, "value": row[name]} for name in _ABOUT if name in row))
        else:
            draft.add("positions", {**row, "withheld": reason} if reason else row)
    for row in draft.data.pop("_whereabouts", []):
        _whereabouts(draft, row, hidden=hidden)
    if physical:
        draft.data["location_type"] = "physical"
    elif addresses and "location_type" not in draft.data:
        draft.data["location_type"] = "physical" if addresses[0]["address_type"] == "other" else "postal"


def _whereabouts(draft: Draft, row: dict[str, Any], *, hidden: bool) -> None:
    kind, words = row["kind"], row["text"]
    if hidden:
        draft.add("whereabouts", {**row, "withheld": _HIDDEN})
    elif kind == "cross-street":
        draft.add("attributes", {"label": kind, "value": words})
    else:
        draft.paragraph("transportation" if kind == "transportation" else "description", words)


def finish_service(draft: Draft) -> None:
    """The widest of the ages that are stated: without a limit in one of them there is none."""
    rows = draft.data.pop("_ages", [])
    for member, name, widest in (("minimum_age", "minimum", min), ("maximum_age", "maximum", max)):
        values = [row[name] for row in rows]
        if values and all(value is not None and value.isdecimal() for value in values):
            draft.data[member] = widest(values, key=int)
