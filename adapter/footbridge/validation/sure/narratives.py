"""Narratives that are well for sure: paragraphs of text and bold text in one div, as programs write them.

``rules.narrative`` looks at all others. https://hl7.org/fhir/R4/narrative.html
"""

import re
from typing import Any

from footbridge.validation.rules.narrative import Xhtml
from footbridge.validation.sure.asked import Asked
from footbridge.validation.sure.place import Place

Json = Any
LONGEST = 100_000  # characters
# What XML allows in text (https://www.w3.org/TR/xml/#charsets), with its own named characters alone. Nothing is tried
# twice (``++``), so that the time grows with the text.
_TEXT = r"(?:[^<>&\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]++|&(?:amp|lt|gt|quot|apos);)"
_PLAIN = re.compile(
    r'<div xmlns="http://www\.w3\.org/1999/xhtml"(?: lang="([A-Za-z\-]*)" xml:lang="([A-Za-z\-]*)")?>'
    rf"(?:<p>(?:<b>{_TEXT}*+</b>|{_TEXT})*+</p>[ \t\r\n]*+)++</div>\Z"
)
# At least one letter or digit outside of tags: the text is not empty.
_SAID = re.compile(r"<[pb]>[ ]*\w")


def narrative(rule: Xhtml, place: Place) -> str:
    """A narrative in that form, in the language of its resource; else the rule itself."""

    def is_plain(value: Json, asked: Asked) -> bool:
        markup = value.get("div") if value.__class__ is dict else None
        if markup.__class__ is not str or len(markup) > LONGEST or "_div" in value:
            return False
        found = _PLAIN.match(markup)
        if found is None or _SAID.search(markup) is None or markup.count(" id") > 1 or "xml:space" in markup:
            return False
        wanted = asked.resource.get("language")
        return wanted is None or (wanted.__class__ is str and found[1] == wanted == found[2])

    return place.after(f"{place.const(is_plain)}({place.at}, c)", rule)
