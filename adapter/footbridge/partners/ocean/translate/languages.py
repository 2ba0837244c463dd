"""The BCP 47 tag of a language that a message names by code or by name; the directory's table of names is used."""

import re
from typing import Final

from footbridge.directory.cleaning.languages import language_code
from footbridge.directory.cleaning.tables import table

TAG: Final = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z]{4})?([-_]([A-Za-z]{2}|\d{3}))?")


def language_tag(name: str) -> str | None:
    """``fr-CA`` for ``fr_CA``, ``fr`` for ``fre`` or ``French``; None for what is no language."""
    found = language_code(name)
    if found is not None or not TAG.fullmatch(name):
        return found
    first, *rest = name.replace("_", "-").split("-")
    lower = first.lower()
    known: dict[str, str] = table("languages")["three-letter"]
    language = known.get(lower, lower if lower in _two_letter() else None)
    if language is None:
        return None
    return "-".join([language, *(part.title() if len(part) == 4 else part.upper() for part in rest)])


def _two_letter() -> frozenset[str]:
    return frozenset(table("languages")["names"].values())
