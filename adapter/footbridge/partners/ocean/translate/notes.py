"""The reason of a referral, its notes, and the parts of the chart, from the ServiceRequest's note and the forms."""

from dataclasses import dataclass, field
from typing import Final

from footbridge.partners.ocean.loose import objects, text
from footbridge.partners.ocean.message import OceanMessage
from footbridge.partners.ocean.translate.consent import is_no, is_yes
from footbridge.partners.ocean.translate.forms import CHART, UNMAPPED, Form, values
from footbridge.partners.ocean.translate.plain import Section, sections
from footbridge.partners.ocean.translate.tables import folded, table

MOST_COMPARED: Final = 100
"""Texts that are compared each with each; of more only the same ones count once."""


@dataclass(frozen=True, slots=True)
class Said:
    """What was written: the reason, the notes beside it, and the chart. All of it is personal.

    ``words``: what a need may be guessed from beside the reason: the notes, but of a form's questions only what was
    answered. A question is no word of the client (``Risk of eviction: No``), unless the answer is yes.
    """

    reason: str | None = field(repr=False)
    notes: tuple[str, ...] = field(repr=False)
    chart: str | None = field(repr=False)
    words: tuple[str, ...] = field(default=(), repr=False)


def said(message: OceanMessage, forms: tuple[Form, ...]) -> Said:
    """What the note and the forms say. The same words in both count once."""
    reasons, notes = values(forms, "reason"), values(forms, "note")
    chart, words = list[str](), [*notes]
    for row in objects((message.request or {}).get("note")):
        for part in sections(text(row.get("text")) or ""):
            kind = _kind(part)
            if kind == "reason":
                reasons.append(part.text)
            elif part.text and kind == CHART:
                chart.append(_shown(part))
            elif part.text:
                notes.append(_shown(part))
                words.append(_meant(part.heading or "", (part.text,)))
    for form in forms:
        rest = [row for row in form.fields if row.kind == UNMAPPED]
        if rest:
            notes.append("\n".join(row.line for row in rest))
            words += [_meant(row.question, row.answers) for row in rest]
        chart += [f"{row.line} (hidden)" if row.hidden else row.line for row in form.fields if row.kind == CHART]
    reason = "\n".join(_distinct(reasons)) or None
    meant = tuple(dict.fromkeys(word for word in words if word))
    return Said(reason, tuple(_distinct(notes)), "\n".join(_distinct(chart)) or None, meant)


def _meant(question: str, answers: tuple[str, ...]) -> str:
    """What an answer says: the question where it is yes, nothing where it is no, else the answer itself."""
    if all(is_yes(answer) for answer in answers):
        return question
    return "" if all(is_no(answer) for answer in answers) else "; ".join(answers)


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
