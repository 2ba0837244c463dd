"""Plain text and markdown: no HTML where none is wanted, no stray blanks (rules text.*)."""

import re
from dataclasses import dataclass
from typing import Literal

from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import NONE, Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot

SPEC = "datatypes.html#string"
# A tag that opens, and after it one that closes: `a <b> c` and `List<String>` are no HTML.
_OPENS_TAG = re.compile(r"<[A-Za-z]\w*(?:\s[^<>]*[^<>/]|\s*)>", re.ASCII)
_CLOSES_TAG = re.compile(r"</[A-Za-z]\w*\s*>", re.ASCII)
# What a renderer of markdown would pass on: https://spec.commonmark.org/0.31.2/#raw-html, without autolinks.
_IN_MARKDOWN = re.compile(r"(?<!\\)<(?:[!?]|/?[A-Za-z][A-Za-z0-9-]*[ >])")


@dataclass(frozen=True, slots=True)
class PlainText:
    """Strings without tags, where the options ask for that."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Look for a pair of tags."""
        value = spot.value
        if value.__class__ is not str or "<" not in value or not has_html(value):
            return NONE
        return _html(spot, "error" if scope.run.options.security_checks else "warning")


@dataclass(frozen=True, slots=True)
class MarkdownText:
    """Markdown without tags, where the options ask for that."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Look for a tag."""
        value, options = spot.value, scope.run.options
        if value.__class__ is not str or "<" not in value:
            return NONE
        if options.security_checks and has_html(value):
            return _html(spot, "error")
        if _IN_MARKDOWN.search(value) is None:
            return NONE
        return finding(
            "text.markdown", spot, "The markdown holds an HTML tag, which is shown as text.",
            severity="warning" if options.html_in_markdown else "error", code="value",
            spec="datatypes.html#markdown",
        )  # fmt: skip


def has_html(text: str) -> bool:
    """Whether there is a tag that opens, and after it one that closes."""
    opens = _OPENS_TAG.search(text)
    return opens is not None and _CLOSES_TAG.search(text, opens.end()) is not None


def _html(spot: Spot, severity: Literal["error", "warning"]) -> Findings:
    return finding(
        "text.html", spot, "The text holds what looks like an HTML tag.", severity=severity, code="value",
        spec="security.html#narrative",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class TidyText:
    """No blanks around a text, and no marks of direction that are not closed.

    https://hl7.org/fhir/R4/datatypes.html#string; such marks may show code other than it is:
    https://nvd.nist.gov/vuln/detail/CVE-2021-42574
    """

    def check(self, spot: Spot, _: Scope) -> Findings:
        """Look at both ends, and count the marks."""
        value = spot.value
        if value.__class__ is not str or not value:
            return NONE
        if value != value.strip(BLANKS):
            return finding(
                "text.blanks", spot, "The text should not start or end with blanks.", severity="warning", code="value",
                spec=SPEC,
            )  # fmt: skip
        if not value.isascii() and _is_open(value):
            return finding(
                "text.direction", spot, "A mark of the direction of writing is not closed.", severity="warning",
                code="value", spec=SPEC,
            )  # fmt: skip
        return NONE


def is_tidy(text: str) -> bool:
    """Whether ``TidyText`` has nothing to say of a text."""
    return text == text.strip(BLANKS) and (text.isascii() or not _is_open(text))


BLANKS = " \t\r\n"
_OPENS = {"\u202a": "\u202c", "\u202b": "\u202c", "\u202d": "\u202c", "\u202e": "\u202c"} | dict.fromkeys(
    "\u2066\u2067\u2068", "\u2069"
)


def _is_open(text: str) -> bool:
    waiting: list[str] = []
    for mark in text:
        if mark in _OPENS:
            waiting.append(_OPENS[mark])
        elif waiting and mark == waiting[-1]:
            waiting.pop()
    return bool(waiting)
