"""The human-readable text of a resource (https://hl7.org/fhir/R4/narrative.html), escaped, in its language.

A narrative is made from the same values as its resource, after anything withheld was taken away.
"""

import html
import re
from collections.abc import Iterable
from typing import Any

# XML 1.0 has no place for these two, though Unicode and JSON do.
_NO_XML = str.maketrans({"\ufffe": "\ufffd", "\uffff": "\ufffd"})

_SPECIAL = re.compile("[&<>\n\ufffe\uffff]")

Line = tuple[str, str | None]


def escaped(text: str) -> str:
    """Text for XHTML; a line feed becomes a line break."""
    if _SPECIAL.search(text) is None:
        return text
    return html.escape(text.translate(_NO_XML), quote=False).replace("\n", "<br/>")


def generated(title: str, lines: Iterable[Line], language: str) -> dict[str, Any]:
    """A Narrative: a heading, then one paragraph a line (label and words); lines with no words are left out."""
    lang = "" if language == "und" else f' lang="{language}" xml:lang="{language}"'
    rows = "".join(
        f"<p>{escaped(words)}</p>" if not name else f"<p>{escaped(name)}: {escaped(words)}</p>"
        for name, words in lines
        if words
    )
    div = f'<div xmlns="http://www.w3.org/1999/xhtml"{lang}><p><b>{escaped(title)}</b></p>{rows}</div>'
    return {"status": "generated", "div": div}
