"""What languages are called: by Unicode CLDR (https://cldr.unicode.org), as Babel has it, or by a table of ours.

CLDR has names for far more languages than it has locales: Cree and Ojibwa have one, and no locale.
"""

import functools
from typing import Any

from babel import Locale, UnknownLocaleError

from footbridge.data import read_json
from footbridge.i18n.languages import Language


@functools.cache
def _ours() -> dict[str, Any]:
    table: dict[str, Any] = read_json("mappings", "prescribing.json")["languageNames"]
    return table


def language_name(tag: str, language: Language) -> str:
    """What the language of a BCP 47 tag is called in one of ours; the tag itself where nobody has a name for it."""
    primary = tag.partition("-")[0].lower()
    if primary in _ours():
        return str(_ours()[primary][language])
    try:
        whole = Locale.parse(tag, sep="-").get_display_name(language)
    except (ValueError, UnknownLocaleError):
        whole = None
    return str(whole or Locale.parse(language).languages.get(primary) or tag)
