"""What a service costs: whether it is free, for search; the words stay as they are."""

import functools
import re
from typing import Any

from footbridge.directory.cleaning.changes import Changes
from footbridge.directory.cleaning.tables import fold, table, words_pattern

_MONEY = re.compile(r"[$£€]\s?\d|\d\s?[$£€]|\b\d+(?:[.,]\d\d)? (?:dollars|cents|euros|pounds)\b")
_ZERO = re.compile(r"[$£€]?\s?0(?:[.,]0+)?\s?[$£€]?")


@functools.lru_cache(maxsize=4_096)
def is_free(text: str) -> bool | None:
    """Whether a text about fees says that it is free for everybody; None where it does not say so, or not for all."""
    rows = table("costs")
    sentences = [part.strip(" ,:!") for part in re.split(r"[.;\n]", fold(text)) if part.strip(" ,:!")]
    if not sentences:
        return None
    free = [part for part in sentences if part in rows["free"] or _ZERO.fullmatch(part)]
    allowed = [part for part in sentences if part in rows["allowed"]]
    if free and len(free) + len(allowed) == len(sentences):
        return True
    folded = fold(text)
    said_free = re.search(r"\b(?:free|none|no (?:fees?|charge|cost)|gratuit\w*|aucuns? frais|sans frais)\b", folded)
    if not said_free and (_MONEY.search(folded) or words_pattern("costs", "paid").search(folded)):
        return False
    return None


def clean_costs(out: dict[str, Any], changes: Changes, prefix: str) -> None:
    """Joins the old ``fees`` to ``fees_description`` and sets ``is_free`` where the source says it."""
    fees = out.pop("fees", None)
    if isinstance(fees, str):
        have = out.get("fees_description")
        if have is None:
            out["fees_description"] = fees
        elif isinstance(have, str) and fees not in have:
            out["fees_description"] = f"{have}\n{fees}"
        changes.note("cost.fees", prefix + "fees", fees, out["fees_description"])
    answers = _answers(out)
    if answers and len(set(answers)) == 1 and answers[0] is not None:
        out["is_free"] = answers[0]


def _answers(out: dict[str, Any]) -> list[bool | None]:
    answers: list[bool | None] = []
    if isinstance(text := out.get("fees_description"), str):
        answers.append(is_free(text))
    for option in out.get("cost_options") or ():
        if not isinstance(option, dict):
            continue
        amount = option.get("amount")
        words = option.get("option") or option.get("amount_description")
        if isinstance(amount, (int, float)) and not isinstance(amount, bool):
            answers.append(amount == 0)
        elif isinstance(words, str):
            answers.append(is_free(words))
    return answers
