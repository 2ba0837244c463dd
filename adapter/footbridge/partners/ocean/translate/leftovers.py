"""What a form's fields say and no member of the prescription holds: it goes on in words, so that no answer is lost.

A field may have an answer that nobody foresaw: a need without a category, a role that no table has, ``only by text`` to
the question whether the client may be contacted. The rule is the same for all: an answer that is not in the document,
nor the value of one of its members, stands in a note with its question.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from footbridge.partners.ocean.translate.consent import is_plain
from footbridge.partners.ocean.translate.forms import CHART, Answered, Form
from footbridge.partners.ocean.translate.interests import parts_of
from footbridge.partners.ocean.translate.languages import language_tag
from footbridge.partners.ocean.translate.needs import category_of
from footbridge.partners.ocean.translate.tables import folded, table

YES_OR_NO: Final = frozenset({"consent", "safe-to-contact", "interpreter"})
NAMES: Final = frozenset({"client-name", "requester-name"})
PHONES: Final = frozenset({"client-phone", "requester-phone"})
COMPARED: Final = 200
"""Characters of an answer that are looked for: a long one may stand in several pieces."""

_WORD: Final = re.compile(r"\w+")
_DIGITS_OF_PHONE: Final = 10


def leftovers(forms: tuple[Form, ...], document: dict[str, Any]) -> list[str]:
    """Question and answer of what the document does not have, each in one line."""
    held = _Held(document)
    found: dict[str, None] = {}
    for row in (row for form in forms for row in form.fields if row.kind != CHART):
        rest = [answer for answer in parts_of(row) if not held.has(row, answer)]
        if rest:
            found[f"{row.question}: {'; '.join(rest)}" if row.question else "; ".join(rest)] = None
    return list(found)


class _Held:
    """What a document says."""

    def __init__(self, document: dict[str, Any]) -> None:
        texts = list(_texts(document))
        self._words = folded(" ".join(texts))
        self._set = frozenset(_WORD.findall(self._words))
        self._digits = frozenset(_digits(text) for text in texts)
        self._role = document.get("requester", {}).get("role")

    def has(self, row: Answered, answer: str) -> bool:
        """Whether an answer of a field is in it, as words or as a value."""
        said = folded(answer)
        if not said or said[:COMPARED] in self._words:
            return True
        match row.kind:
            case kind if kind in YES_OR_NO:
                return is_plain(answer)
            case kind if kind in NAMES:
                return self._set.issuperset(_WORD.findall(said))
            case kind if kind in PHONES:
                return _digits(answer) in self._digits
            case "need":
                return category_of(row, answer) is not None
            case "language":
                return language_tag(answer) is not None
            case "requester-role":
                return self._role is not None and table("requesters")["words"].get(said) == self._role
        return False


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit())[-_DIGITS_OF_PHONE:]


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)
