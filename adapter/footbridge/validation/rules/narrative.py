"""The narrative's XHTML: form, safety, content, links (rules narrative.*).

https://hl7.org/fhir/R4/narrative.html. What the XHTML may hold is checked by ``fhirpath.narrative``, as the invariants
txt-1 and txt-2 ask.
narrative.link      a link with a scheme that does not belong in a narrative
narrative.resolve   a link or image that is a part of the narrative, or contained, and is not there
narrative.entity    a named character that JSON's narrative does not know
narrative.url       the data of a data: URL, or the characters of another one, are not valid
narrative.id        two elements have one id
narrative.space     the attribute xml:space
narrative.lang      the language of the narrative is not told, or not that of the resource
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from footbridge.model.issues import Issue
from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import NONE, Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot
from footbridge.validation.fhirpath import narrative
from footbridge.validation.rules import unknown_element
from footbridge.validation.rules.narrative_language import languages
from footbridge.validation.rules.narrative_url import url_fault

SPEC = "narrative.html"
LINKABLE = frozenset({"http", "https", "mailto", "tel", "data", "ftp", "ldap", "file", "cid"})
NAMES = frozenset({"urn", "oid", "uuid"})  # they name something, and lead nowhere
LONGEST = 10_000_000  # characters of a narrative that is read
XML_NAMES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_LINK = re.compile(r"""<(?:a\b[^>]*?\bhref|img\b[^>]*?\bsrc)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_ANCHOR = re.compile(r"""\b(?:id|name)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_ID = re.compile(r"""\sid\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]*);")
_SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.\-]*):")


@dataclass(frozen=True, slots=True)
class Xhtml:
    """The ``div`` of a narrative."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Everything wrong with the markup."""
        if spot.value.__class__ is dict and "_div" in spot.value:
            return unknown_element.beside_xhtml(spot)
        markup = spot.value.get("div") if spot.value.__class__ is dict else None
        if markup.__class__ is not str:
            return NONE
        if len(markup) > LONGEST:
            scope.run.undecided(
                narrative.FORM, spot, f"a narrative of more than {LONGEST // 1_000_000} million characters"
            )
            return NONE
        where = spot.child("div")
        found: list[Issue] = []
        for fault in narrative.faults(markup):
            found += finding(fault.rule, where, fault.message, severity=fault.severity, code="invalid", spec=SPEC)
        if "&" in markup:
            found += _entities(markup, where)
        if "href" in markup or "src" in markup:
            found += _links(markup, where, scope)
        if markup.count(" id") > 1:
            found += _ids(markup, where)
        if "xml:space" in markup:
            words = "The attribute xml:space is of no use in a narrative."
            found += finding("narrative.space", where, words, severity="information", code="invalid", spec=SPEC)
        if "lang" in markup or "language" in scope.resource:
            found += languages(markup, spot, scope)
        return found


def _ids(markup: str, where: str) -> list[Issue]:
    """An id, or the name of an anchor, is there once."""
    names = [one[0] or one[1] for one in _ID.findall(markup)]
    if len(names) == len(set(names)):
        return []
    words = "Two elements of the narrative have the same id."
    return [*finding("narrative.id", where, words, severity="warning", code="invalid", spec=SPEC)]


def _entities(markup: str, where: str) -> list[Issue]:
    if all(name in XML_NAMES for name in _ENTITY.findall(markup)):
        return []
    return [*finding("narrative.entity", where, "A named character of HTML is not allowed in XHTML.", spec=SPEC)]


def _links(markup: str, where: str, scope: Scope) -> list[Issue]:
    found: list[Issue] = []
    anchors: set[str] | None = None
    for double, single in _LINK.findall(markup):
        link = double or single
        scheme = _SCHEME.match(link)
        if link.startswith("#"):
            anchors = _anchors(markup, scope) if anchors is None else anchors
            if link != "#" and link[1:] not in anchors:  # a link to nothing leads to the top
                found += finding(
                    "narrative.resolve", where, "A link leads to a part of the narrative that is not there.",
                    code="invalid", spec=SPEC,
                )  # fmt: skip
        elif scheme is not None and scheme[1].lower() not in LINKABLE:
            found += finding(
                "narrative.link", where, "The scheme of a link does not belong in a narrative.", code="invalid",
                severity="error" if scheme[1].lower() in NAMES else "information", spec=SPEC,
            )  # fmt: skip
        elif (fault := url_fault(link)) is not None:
            found += finding("narrative.link-form", where, fault, code="invalid", spec=SPEC)
    return found


def local_links(markup: str) -> Iterator[str]:
    """Where the links and images of a narrative lead within the resource: ``#a`` gives ``a``."""
    if "#" not in markup:
        return
    for double, single in _LINK.findall(_COMMENT.sub("", markup)):
        link = double or single
        if link.startswith("#"):
            yield link[1:]


def _anchors(markup: str, scope: Scope) -> set[str]:
    """What a link may lead to: parts of the narrative, and contained resources."""
    found = {double or single for double, single in _ANCHOR.findall(markup)}
    rows = scope.root.get("contained")
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and isinstance(row.get("id"), str):
            found.add(row["id"])
    return found
