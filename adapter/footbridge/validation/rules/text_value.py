"""Plain text and markdown: no HTML where none is wanted (rules text.html, text.markdown)."""

import re
from dataclasses import dataclass

from footbridge.validation.engine.plan import NONE, Findings
from footbridge.validation.engine.scope import Scope
from footbridge.validation.engine.spot import Spot
from footbridge.validation.rules.finding import finding

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
        if scope.run.options.html_in_markdown or value.__class__ is not str or _TAG.search(value) is None:
            return NONE
        return finding(
            "text.markdown", spot, "The markdown holds an HTML tag.", code="value", spec="datatypes.html#markdown"
        )
