"""Names what a message says and the translation does not read, by the table ``mappings/ocean/carried.json``."""

from footbridge.partners.ocean.loose import Json
from footbridge.partners.ocean.message import OceanMessage
from footbridge.partners.ocean.translate.limits import Lost
from footbridge.partners.ocean.translate.tables import table


def note_unread(message: OceanMessage, lost: Lost) -> None:
    """Note elements that have a value and are not read, and resources of types that are not read."""
    rules = table("carried")
    for row in message.entries.rows:
        read = rules["read"].get(row.type)
        if read is None:
            lost.note(row.type if row.type.isalpha() and len(row.type) <= 64 else "Bundle.entry")
            continue
        known = {*read, *rules["plain"], *rules["noLoss"].get(row.type, ())}
        if "*" not in known:
            for name, value in row.resource.items():
                if name not in known and _says_something(value):
                    lost.note(f"{row.type}.{name}" if name.lstrip("_").isalnum() and len(name) <= 64 else row.type)


def _says_something(value: Json) -> bool:
    if isinstance(value, dict):
        return any(_says_something(inner) for inner in value.values())
    if isinstance(value, list):
        return any(_says_something(inner) for inner in value)
    return value is not None and value != ""
