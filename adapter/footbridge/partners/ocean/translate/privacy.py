"""Minimum necessary of a translated message: what may go to a recipient who is no health information custodian.

Health card numbers are cut by ``security.disclosure`` for every recipient (``mappings/disclosure.json``,
``custodianOnly``). What that cannot cut is seen to here: the chart and the letter, which are no members of a
prescription, and a health card number that somebody wrote into a text.
"""

import re
from dataclasses import replace
from typing import Any, Final

from footbridge.data import own_uri
from footbridge.partners.ocean.translate.limits import filled
from footbridge.partners.ocean.translate.tables import table
from footbridge.partners.ocean.translate.values import Translation

FEWEST: Final = 6
"""Digits of a number that is looked for in texts: fewer would be found by chance."""
NO_TEXT: Final = frozenset({"identifier", "identifiers", "contacts", "birthDate", "authored"})


def for_recipient(translation: Translation, *, custodian: bool) -> Translation:
    """A translation as a recipient may see it: without chart, letter and documents, unless it is a custodian."""
    if custodian:
        return translation
    document = minimum_necessary(translation.document, custodian=False)
    return replace(translation, document=document, chart=None, attachments=())


def minimum_necessary(document: dict[str, Any], *, custodian: bool) -> dict[str, Any]:
    """The document as a recipient may see it; a custodian sees the whole. The document itself is not changed."""
    if custodian:
        return document
    masked = without_health_card(document)
    client = filled(**{name: value for name, value in masked.get("client", {}).items() if name != "identifiers"})
    return {name: client if name == "client" else value for name, value in masked.items()}


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
