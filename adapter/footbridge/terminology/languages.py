"""Language tags: their grammar, and what IANA has registered (``language-subtags.json``).

A tag that IANA registers stays valid for ever, deprecated or not
(https://www.rfc-editor.org/rfc/rfc5646#section-3.4), so a deprecated one is a warning and never an error.
"""

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any

from footbridge.data import read_json
from footbridge.i18n import _
from footbridge.model.issues import Issue, Severity

SPEC = "https://www.rfc-editor.org/rfc/rfc5646#section-2.2"

# RFC 5646, section 2.1: language, extlang, script, region, variants, extensions, private use.
_TAG = re.compile(
    r"(?P<languages>[a-z]{2,3})(?P<extended>(?:-[a-z]{3}){0,3})(?:-(?P<scripts>[a-z]{4}))?"
    r"(?:-(?P<regions>[a-z]{2}|\d{3}))?(?P<variants>(?:-(?:[a-z\d]{5,8}|\d[a-z\d]{3}))*)"
    r"(?:-[a-wy-z\d](?:-[a-z\d]{2,8})+)*(?:-x(?:-[a-z\d]{1,8})+)?",
    re.ASCII,
)
_PRIVATE = re.compile(r"x(?:-[a-z\d]{1,8})+", re.ASCII)
_NAMES = {
    "languages": _("language"),
    "extended": _("extended language"),
    "scripts": _("script"),
    "regions": _("region"),
    "variants": _("variant"),
}

Parts = Mapping[str, tuple[str, ...]]
"""The subtags of a tag, in lower case, by kind: ``languages``, ``extended``, ``scripts``, ``regions``, ``variants``."""


@functools.cache
def _register(kind: str) -> frozenset[str]:
    return frozenset(_table()[kind])


@functools.cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = read_json("terminology", "language-subtags.json")
    return table


def is_whole_tag(tag: str) -> bool:
    """Whether a tag stands for itself: for private use, or registered as a whole (``i-klingon``, ``en-GB-oed``)."""
    low = tag.lower()
    return _PRIVATE.fullmatch(low) is not None or low in _register("tags")


def parts_of(tag: str) -> Parts | None:
    """The subtags of a tag that is made of them; None when it is not well formed."""
    match = _TAG.fullmatch(tag.lower())
    if match is None:
        return None
    return {kind: tuple(one for one in (text or "").split("-") if one) for kind, text in match.groupdict().items()}


def is_registered(kind: str, subtag: str) -> bool:
    """Whether IANA has a subtag, deprecated ones included; the kinds are those of ``Parts``."""
    return subtag.lower() in _register(kind)


@functools.lru_cache(maxsize=1024)
def language_issues(tag: str) -> tuple[Issue, ...]:
    """What is wrong with a language tag; empty when nothing is.

    An error where it is not well formed or its language is not registered, for no FHIR element takes it then
    (https://hl7.org/fhir/R4/valueset-all-languages.html); a warning for what is deprecated or else not registered.
    """
    if is_whole_tag(tag):
        return tuple(_deprecated(_("The language tag"), "tags", tag.lower()))
    parts = parts_of(tag)
    if parts is None:
        return (
            _issue("language-form", "error", _("The tag is not well formed (BCP 47), such as en, fr-CA or zh-Hant.")),
        )
    if not all(is_registered("languages", one) for one in parts["languages"]):
        message = _(
            "The language is not registered (BCP 47): a code of two letters where the language has one, else three."
        )
        return (_issue("language-unknown", "error", message),)
    return tuple(_doubts(parts))


def _doubts(parts: Parts) -> Iterator[Issue]:
    for kind, subtags in parts.items():
        for one in subtags:
            if not is_registered(kind, one):
                yield _issue(
                    "language-unknown",
                    "warning",
                    _("The tag's {part} is not registered (BCP 47).", part=_NAMES[kind]),
                )
            yield from _deprecated(_("The tag's {part}", part=_NAMES[kind]), kind, one)


def _deprecated(what: str, kind: str, one: str) -> Iterator[Issue]:
    known: Mapping[str, str | None] = _table()["deprecated"][kind]
    if one in known:
        instead = _("; use {known}", known=known[one]) if known[one] else ""
        yield _issue(
            "language-deprecated", "warning", _("{what} is deprecated by IANA{instead}.", what=what, instead=instead)
        )


def _issue(rule: str, severity: Severity, message: str) -> Issue:
    code = "code-invalid" if severity == "error" else "business-rule"
    return Issue(f"prescription.{rule}", severity, code, message, spec=SPEC)
