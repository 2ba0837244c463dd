"""A health card number that somebody wrote into a text of a message is taken out of it, for every recipient.

All else of the minimum necessary is decided in ``security.disclosure``: identifiers are cut there for a recipient that
is no health information custodian (``mappings/disclosure.json``, ``custodianOnly``), and so are letter and attachments
(``documents``). The chart is no member of a prescription, and goes to nobody.
"""

import re
from typing import Any, Final

from footbridge.partners.ocean.translate.tables import table
from footbridge.uris import own_uri

FEWEST: Final = 6
"""Digits of a number that is looked for in texts: fewer would be found by chance."""
NO_TEXT: Final = frozenset({"identifier", "identifiers", "contacts", "birthDate", "authored"})


def without_health_card(document: dict[str, Any]) -> dict[str, Any]:
    """The document, with the client's health card number taken out of every text; the identifiers stay.

    It is found with blanks, dots or dashes between its digits too.
    """
    own = own_uri(f"NamingSystem/{table('identifiers')['clientOfReferral']}")
    rows = document.get("client", {}).get("identifiers", ())
    numbers = {"".join(sign for sign in row["value"] if sign.isdigit()) for row in rows if row["system"] != own}
    parts = [r"[\s.\-]?".join(number) for number in sorted(numbers) if len(number) >= FEWEST]
    if not parts:
        return document
    words: dict[str, str] = table("identifiers")["withheld"]
    instead = words.get(str(document.get("language", "en")).split("-", 1)[0].lower(), words["en"])
    pattern = re.compile(rf"(?<!\d)(?:{'|'.join(parts)})(?!\d)")
    masked: dict[str, Any] = _masked(document, pattern, instead)
    return masked


def _masked(value: Any, pattern: "re.Pattern[str]", instead: str) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        return pattern.sub(instead, value)
    if isinstance(value, list):
        return [_masked(item, pattern, instead) for item in value]
    if isinstance(value, dict):
        return {name: inner if name in NO_TEXT else _masked(inner, pattern, instead) for name, inner in value.items()}
    return value
