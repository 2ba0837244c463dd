"""Which of our languages a request wants: Accept-Language, https://www.rfc-editor.org/rfc/rfc9110#section-12.5.4.

A range with a region means its language (``fr-CA``: French), since we have one French. What cannot be read counts as
not there: no request is refused for its language.
"""

import re
from collections.abc import Iterator

from footbridge.i18n.languages import ENGLISH, LANGUAGES, Language, language_of_tag

_RANGE = re.compile(
    r"[ \t]*(?P<range>\*|[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)"
    r"(?:[ \t]*;[ \t]*[qQ]=(?P<quality>0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?[ \t]*"
)
_LONGEST = 1000  # characters that are looked at; browsers send less than 100


def wanted_language(header: str | None) -> Language:
    """The language with the highest quality; the first of equal ones; English where none is wanted or acceptable."""
    wanted: dict[Language, float] = {}
    rest: float | None = None
    for tag, quality in _ranges(header or ""):
        if tag == "*":
            rest = quality if rest is None else max(rest, quality)
        elif (language := language_of_tag(tag)) is not None:
            wanted[language] = max(quality, wanted.get(language, 0.0))
    if rest is not None:
        wanted = wanted | {language: rest for language in LANGUAGES if language not in wanted}
    best = max(wanted, key=wanted.__getitem__, default=ENGLISH)
    return best if wanted.get(best) else ENGLISH


def _ranges(header: str) -> Iterator[tuple[str, float]]:
    for part in header[:_LONGEST].split(","):
        match = _RANGE.fullmatch(part)
        if match is not None:
            yield match["range"], 1.0 if match["quality"] is None else float(match["quality"])
