"""The human-readable text of a resource (https://hl7.org/fhir/R4/narrative.html), escaped, in its language.

A narrative is made from the same values as its resource, after anything withheld was taken away.
"""

import html
import re
from collections.abc import Iterable, Mapping
from typing import Any, Self

# XML 1.0 has no place for these two, though Unicode and JSON do.
_NO_XML = str.maketrans({"\ufffe": "\ufffd", "\uffff": "\ufffd"})

_SPECIAL = re.compile("[&<>\r\n\ufffe\uffff]")
_LINE_END = re.compile("\r\n?|\n")

_DIV_LANGUAGE = re.compile(r'<div [^>]*?\blang="([A-Za-z0-9-]+)"')

Line = tuple[str, str | None]


class Prose(str):
    """Words of a person in a line of a narrative, with the language that they are in."""

    __slots__ = ("language",)
    language: str

    def __new__(cls, words: str, language: str) -> Self:
        """The words, as they were written."""
        made = super().__new__(cls, words)
        made.language = language
        return made


def escaped(text: str) -> str:
    """Text for XHTML; an end of line, however it is written, becomes a line break, for XML keeps no carriage return."""
    if _SPECIAL.search(text) is None:
        return text
    return _LINE_END.sub("<br/>", html.escape(text.translate(_NO_XML), quote=False))


def with_first_line(div: str, words: str) -> str:
    """The div of a narrative of ours with one more paragraph after its heading."""
    heading, end, rest = div.partition("</b></p>")
    return f"{heading}{end}{_paragraph(words)}{rest}"


def without_line(div: str, words: str) -> str:
    """The div of a narrative of ours without a first paragraph of these words."""
    return div.replace(f"</b></p>{_paragraph(words)}", "</b></p>", 1)


def _paragraph(words: str) -> str:
    return f"<p>{escaped(words)}</p>"


def generated(title: str, lines: Iterable[Line], language: str) -> dict[str, Any]:
    """A Narrative: a heading, then one paragraph a line (label and words); lines with no words are left out."""
    colon = "\u00a0: " if language.partition("-")[0].lower() == "fr" else ": "
    rows = "".join(
        f"<p>{_words(words, language)}</p>" if not name else f"<p>{escaped(name)}{colon}{_words(words, language)}</p>"
        for name, words in lines
        if words
    )
    div = f'<div xmlns="http://www.w3.org/1999/xhtml"{_lang(language)}><p><b>{escaped(title)}</b></p>{rows}</div>'
    return {"status": "generated", "div": div}


def language_of(resource: Mapping[str, Any], otherwise: str) -> str:
    """The language of a resource's narrative of ours: what its div says, else the resource's, else ``otherwise``."""
    found = _DIV_LANGUAGE.match(resource.get("text", {}).get("div", ""))
    return found[1] if found is not None else str(resource.get("language", otherwise))


def _lang(language: str) -> str:
    return "" if language == "und" else f' lang="{language}" xml:lang="{language}"'


def _words(words: str, language: str) -> str:
    """Words for a paragraph; those of a person in another language are marked with it (WCAG 3.1.2)."""
    if not isinstance(words, Prose) or words.language == "und":
        return escaped(words)
    if words.language.partition("-")[0].lower() == language.partition("-")[0].lower():
        return escaped(words)
    return f"<span{_lang(words.language)}>{escaped(words)}</span>"
