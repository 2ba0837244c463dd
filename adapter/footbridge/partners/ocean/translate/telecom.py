"""Contact points and addresses of Ocean's resources, as a prescription has them; empty ones are left out."""

from typing import Any, Final, get_args

from footbridge.model.prescription.values import ContactPoint
from footbridge.partners.ocean.loose import Object, objects, text, texts
from footbridge.partners.ocean.translate.limits import MOST, Lost, few, filled, short

SYSTEMS: Final = frozenset(get_args(ContactPoint.model_fields["system"].annotation))
USES: Final = frozenset(
    name for part in get_args(ContactPoint.model_fields["use"].annotation) for name in get_args(part)
)


def contacts(resource: Object, place: str, lost: Lost, *, organization: bool = False) -> list[dict[str, Any]]:
    """The contact points that have a value; at most one is preferred. An organization has none at home (org-3)."""
    found: list[dict[str, Any]] = []
    for row in objects(resource.get("telecom")):
        new = contact(text(row.get("system")), text(row.get("value")), place, lost)
        if new is None:
            continue
        use = text(row.get("use"))
        if use in USES and not (organization and use == "home"):
            new["use"] = use
        if row.get("rank") == 1 and not any(other.get("preferred") for other in found):
            new["preferred"] = True
        if all(new["value"] != other["value"] or new["system"] != other["system"] for other in found):
            found.append(new)
        if len(found) > MOST:
            break
    return few(found, place, lost)


def contact(system: str | None, value: str | None, place: str, lost: Lost) -> dict[str, Any] | None:
    """One contact point; a system that is missing or unknown is seen from the value."""
    shown = short(value, place, lost)
    if shown is None:
        return None
    if system in SYSTEMS:
        return {"system": system, "value": shown}
    if "@" in shown:
        return {"system": "email", "value": shown}
    digits = sum(sign.isdigit() for sign in shown)
    return {"system": "phone" if digits >= 7 else "other", "value": shown}


def address(row: Object, place: str, lost: Lost) -> dict[str, Any] | None:
    """One address; None for one that says nothing but what it is used for."""
    line = [part for written in texts(row.get("line")) if (part := short(written, place, lost))]
    rest = filled(
        city=short(text(row.get("city")), place, lost),
        state=short(text(row.get("state")), place, lost),
        postalCode=short(text(row.get("postalCode")), place, lost),
    )
    if not line and not rest and (written := short(text(row.get("text")), place, lost)):
        line = [written]
    country = filled(country=short(text(row.get("country")), place, lost))
    return filled(line=few(line, place, lost)) | rest | country if line or rest else None
