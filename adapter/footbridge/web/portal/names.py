"""How people are called on a page."""

from footbridge.i18n import _, spoken
from footbridge.model.prescription import PersonName


def full_name(name: PersonName | None) -> str:
    """Given names and family name; a word of ours where there is none."""
    if name is None:
        return spoken(_("Name not given"))
    parts = [*name.given, name.family]
    said = " ".join(part for part in parts if part)
    if not said:
        return name.preferred or spoken(_("Name not given"))
    return said if not name.preferred or name.preferred in parts else f"{said} ({name.preferred})"
