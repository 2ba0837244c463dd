"""The reason of a referral, its notes, and the parts of the chart, from the ServiceRequest's note and the forms."""

from dataclasses import dataclass, field
from typing import Final

from footbridge.partners.ocean.loose import objects, text
from footbridge.partners.ocean.message import OceanMessage
from footbridge.partners.ocean.translate.forms import CHART, UNMAPPED, Form, values
from footbridge.partners.ocean.translate.plain import Section, sections
from footbridge.partners.ocean.translate.tables import folded, table

MOST_COMPARED: Final = 100
"""Texts that are compared each with each; of more only the same ones count once."""


@dataclass(frozen=True, slots=True)
class Said:
    """What was written: the reason, the notes beside it, and the chart. All of it is personal."""

    reason: str | None = field(repr=False)
    notes: tuple[str, ...] = field(repr=False)
    chart: str | None = field(repr=False)


def said(message: OceanMessage, forms: tuple[Form, ...]) -> Said:
    """What the note and the forms say. The same words in both count once."""
    reasons, notes = values(forms, "reason"), values(forms, "note")
    chart: list[str] = []
    for row in objects((message.request or {}).get("note")):
        for part in sections(text(row.get("text")) or ""):
            kind = _kind(part)
            if kind == "reason":
                reasons.append(part.text)
            elif part.text:
                (chart if kind == CHART else notes).append(_shown(part))
    for form in forms:
        lines = [row.line for row in form.fields if row.kind == UNMAPPED]
        if lines:
            notes.append("\n".join(lines))
        chart += [f"{row.line} (hidden)" if row.hidden else row.line for row in form.fields if row.kind == CHART]
    reason = "\n".join(_distinct(reasons)) or None
    return Said(reason, tuple(_distinct(notes)), "\n".join(_distinct(chart)) or None)


def _kind(part: Section) -> str:
    """``reason``, ``chart`` or ``note``: by the heading; what comes before any heading is the reason."""
    if part.heading is None or folded(part.heading) in table("note-headings")["reason"]:
        return "reason"
    return CHART if folded(part.heading) in table("chart")["headings"] else "note"


def _shown(part: Section) -> str:
    return f"{part.heading}: {part.text}" if part.heading else part.text


def _distinct(texts: list[str]) -> list[str]:
    """The texts, each once; one that another one contains is left out. Compared without capitals and blanks."""
    if len(texts) > MOST_COMPARED:
        return list({folded(written): written for written in reversed(texts) if folded(written)}.values())[::-1]
    kept: list[str] = []
    for written in texts:
        bare = folded(written)
        if not bare or any(bare in folded(other) for other in kept):
            continue
        kept = [other for other in kept if folded(other) not in bare]
        kept.append(written)
    return kept
