"""Which question an item of a form asks: by the form's own mapping, else by words that mean the same on every form.

Texts of forms are written by people: with numbers before them, words in parentheses, possessives, two languages with a
slash between. So a text is compared by its keys, and one key that fits is enough. The words for every form are in
``mappings/ocean/questions.json``.
"""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from footbridge.partners.ocean.translate.tables import folded, shipped_forms, table

Rule = Mapping[str, Any]

LONGEST: Final = 300
"""Characters of a text that is compared; a longer one is no question of a table."""

_NUMBER: Final = re.compile(r"^(\(?\d{1,3}[.):]|\(?[a-z][.)])\s+")
_APART: Final = re.compile(r"\([^()]*\)")
_POSSESSIVE: Final = re.compile(r"(?<=\w)'s\b")


@dataclass(frozen=True, slots=True)
class Questions:
    """The fields of one mapping, by linkId and by the keys of their texts; of two that fit, the first."""

    by_link_id: Mapping[str, Rule]
    by_key: Mapping[str, Rule]

    @classmethod
    def of(cls, mapping: Mapping[str, Any]) -> "Questions":
        """Those of a file of ``mappings/ocean/forms``, or of ``questions.json``."""
        by_link_id: dict[str, Rule] = {}
        by_key: dict[str, Rule] = {}
        for rule in mapping["fields"]:
            for link_id in rule.get("linkId", ()):
                by_link_id.setdefault(link_id.casefold(), rule)
            for written in rule.get("text", ()):
                for key in keys_of(written):
                    by_key.setdefault(key, rule)
        return cls(by_link_id, by_key)

    def find(self, link_id: str, written: str) -> Rule | None:
        """The field that an item is: by its linkId, else by its text."""
        if found := self.by_link_id.get(link_id.casefold()):
            return found
        return next((self.by_key[key] for key in keys_of(written) if key in self.by_key), None)


def keys_of(written: str) -> tuple[str, ...]:
    """What a text is compared by, the whole of it first; nothing for a text that is empty or very long."""
    if not written or len(written) > LONGEST:
        return ()
    whole = folded(written)
    bare = _bare(_APART.sub(" ", whole))
    parts = [_bare(part) for part in bare.split("/")] if "/" in bare else []
    return tuple(dict.fromkeys(key for key in (whole, bare, *parts) if key))


def _bare(key: str) -> str:
    """A folded text without number, possessives, and the words that lead into a question."""
    found = folded(_POSSESSIVE.sub("", _NUMBER.sub("", key.strip())))
    leads: list[str] = table("questions")["leads"]
    while lead := next((one for one in leads if found.startswith(one if one.endswith("'") else f"{one} ")), None):
        found = found.removeprefix(lead).strip()
    return found


@functools.cache
def common() -> Questions:
    """The questions that mean the same on every form."""
    return Questions.of(table("questions"))


@functools.cache
def _shipped(place: int) -> Questions:
    return Questions.of(shipped_forms()[place])


def questions_of(mapping: Mapping[str, Any] | None) -> Questions | None:
    """Those of a form's mapping; of one that ships they are made once."""
    if mapping is None:
        return None
    place = next((number for number, one in enumerate(shipped_forms()) if one is mapping), None)
    return Questions.of(mapping) if place is None else _shipped(place)


def options_of(rule: Rule) -> Mapping[str, str]:
    """Folded answer to SDOH category, of a field about needs; those of the field, else those for every form."""
    if rule["is"] != "need":
        return {}
    found: Mapping[str, str] = rule.get("options") or table("questions")["needOptions"]
    return found
