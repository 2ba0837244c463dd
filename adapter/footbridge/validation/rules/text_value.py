"""Plain text and markdown: no HTML where none is wanted, no stray blanks (rules text.*)."""

import re
from dataclasses import dataclass

from footbridge.validation.core.finding import finding
from footbridge.validation.core.plan import NONE, Findings
from footbridge.validation.core.scope import Scope
from footbridge.validation.core.spot import Spot

SPEC = "datatypes.html#string"
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")


@dataclass(frozen=True, slots=True)
class PlainText:
    """Strings without tags, where the options ask for that."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Look for a tag."""
        value = spot.value
        if value.__class__ is not str or "<" not in value or _TAG.search(value) is None:
            return NONE
        return finding(
            "text.html", spot, "The text holds what looks like an HTML tag.",
            severity="error" if scope.run.options.security_checks else "warning", code="value",
            spec="security.html#narrative",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class MarkdownText:
    """Markdown without tags, where the options ask for that."""

    def check(self, spot: Spot, scope: Scope) -> Findings:
        """Look for a tag."""
        value = spot.value
        if value.__class__ is not str or _TAG.search(value) is None:
            return NONE
        return finding(
            "text.markdown", spot, "The markdown holds an HTML tag, which is shown as text.",
            severity="warning" if scope.run.options.html_in_markdown else "error", code="value",
            spec="datatypes.html#markdown",
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
