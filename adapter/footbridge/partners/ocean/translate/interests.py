"""Members of a prescription that only a form's mapping can name: interests, goals, strengths, barriers, own words."""

import re
from typing import Any, Final

from footbridge.partners.ocean.translate.forms import Answered, Form, fields
from footbridge.partners.ocean.translate.limits import Lost, few, pieces

PLACE: Final = "QuestionnaireResponse.item"
BETWEEN: Final = re.compile(r"\s*[;,\n•]\s*")
MEMBERS: Final = {"interest": "interests", "strength": "strengths", "own-words": "inTheirWords"}


def parts_of(row: Answered) -> list[str]:
    """The answers of a field; where one may hold several things, each of them."""
    if not row.split:
        return list(row.answers)
    return [part.strip(" -") for answer in row.answers for part in BETWEEN.split(answer) if part.strip(" -")]


def from_forms(forms: tuple[Form, ...], lost: Lost) -> dict[str, Any]:
    """Those members, each only where a field has it."""
    found: dict[str, list[Any]] = {}
    for kind, name in MEMBERS.items():
        for written in _texts(forms, kind):
            found.setdefault(name, []).append({"text": written})
    for written in _texts(forms, "goal"):
        found.setdefault("goals", []).append({"description": written})
    for kind, name in (("barrier", "barriers"), ("support", "supports")):
        for written in _texts(forms, kind):
            found.setdefault(name, []).append({"kind": "other", "text": written})
    return {name: few(rows, PLACE, lost) for name, rows in found.items()}


def _texts(forms: tuple[Form, ...], kind: str) -> list[str]:
    return [piece for row in fields(forms, kind) for part in parts_of(row) for piece in pieces(part)]
