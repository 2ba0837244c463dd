"""The languages that Footbridge speaks, and which of them a tag means. Every command loads it."""

import re
from typing import Literal, get_args

Language = Literal["en", "fr"]

LANGUAGES: tuple[Language, ...] = get_args(Language)
ENGLISH: Language = "en"

_TAG = re.compile(r"(en|fr)(?:[-_.@].*)?", re.IGNORECASE | re.DOTALL)


def language_of_tag(tag: str) -> Language | None:
    """The language that a tag or the name of a locale means: ``fr-CA`` and ``fr_CA.UTF-8`` are French; None for others.

    Tags: https://www.rfc-editor.org/rfc/rfc5646; locales: https://pubs.opengroup.org/onlinepubs/9799919799/ §8.2.
    """
    match = _TAG.fullmatch(tag)
    if match is None:
        return None
    return "fr" if match[1].lower() == "fr" else "en"
