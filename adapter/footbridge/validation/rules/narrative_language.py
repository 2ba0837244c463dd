"""The language of a narrative (rule narrative.lang).

A resource that tells its language has a narrative that tells it too, as ``lang`` and ``xml:lang``:
https://hl7.org/fhir/R4/languages.html, https://www.w3.org/TR/i18n-html-tech-lang/#langvalues. Either the whole text or
each of its sections has a language.
"""

import re
from collections.abc import Iterator

from footbridge.model.issues import Issue
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot

SPEC = "languages.html"
_ROOT = re.compile(r"\s*<div\b[^>]*>")
_PLAIN = re.compile(r"""\slang\s*=\s*["']([^"']*)["']""")
_XML = re.compile(r"""\sxml:lang\s*=\s*["']([^"']*)["']""")
_PARTS = re.compile(r"<(/?)([A-Za-z0-9]+)([^>]*?)(/?)>|([^<]+)")


def languages(markup: str, spot: Spot, scope: Scope) -> Iterator[Issue]:
    """What is wrong with the languages that a narrative tells."""
    root = _ROOT.match(markup)
    if root is None:
        return
    if "lang" in markup and _is_mixed(markup[root.end() :]):
        words = "Some of the narrative is in sections with a language, and some is not."
        yield from _told(spot.child("div"), words)
    wanted = scope.resource.get("language")
    if not isinstance(wanted, str):
        return
    told = {"lang": _PLAIN.search(root[0]), "xml:lang": _XML.search(root[0])}
    where = str(scope.spot)
    for name, match in told.items():
        if match is None:
            yield from _told(where, f"The resource has a language; the narrative's div has no {name}.")
        elif match[1] != wanted:
            yield from _told(where, f"The {name} of the narrative is not the language of the resource.")


def _is_mixed(inside: str) -> bool:
    """Whether right below the root some elements have a language and others, or text, have none."""
    depth = 0
    found = set()
    for closing, _, attributes, empty, text in _PARTS.findall(inside):
        if text:
            if depth == 0 and text.strip():
                found.add("none")
        elif closing:
            depth -= 1
            if depth < 0:
                break
        else:
            if depth == 0:
                found.add("told" if "lang" in attributes else "none")
            depth += not empty
    return len(found) == 2


def _told(where: str, words: str) -> Findings:
    return finding("narrative.lang", where, words, severity="warning", code="business-rule", spec=SPEC)
