"""What a column of a spreadsheet that nobody knows is, by the words of its header or else by its values.

The words are in ``mappings/directory/column-words.json``, English and French. Nothing is certain here: a person reads
the proposal (``column_proposal``) before it is used.
"""

import functools
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from footbridge import data as data_files
from footbridge.directory.readers import shapes
from footbridge.directory.readers.hsds_types import table

_MOST: Final = 0.6  # of the values must have a form, for it to say what a column is
_CODE: Final = re.compile(r"[A-Z]{1,2}(-\d{4}(\.\d{4}(-\d{3}(\.\d{2})?)?)?)?([ ;,*|]+[A-Z]{1,2}-\d{4}[\d.\-]*)*")
_FORMS: Final = {
    "email": re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+"),
    "url": re.compile(r"(https?://|www\.)\S+", re.IGNORECASE),
    "postal_code": re.compile(r"[A-Z]\d[A-Z]\s?\d[A-Z]\d|\d{5}-\d{4}|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}", re.IGNORECASE),
    "phone": re.compile(
        r"(\+?1[\s.-]*)?\(?\d{3}\)?[\s.-]*\d{3}[\s.-]*\d{4}(\s*(x|ext|poste|local)\.?\s*\d+)?", re.IGNORECASE
    ),
}  # fmt: skip
_SEPARATORS: Final = ("\n", ";", "|", " / ", ",")


@dataclass(frozen=True, slots=True)
class Column:
    """A column, what it probably is, and why.

    Attributes:
        name: its header.
        owner: ``organization``, ``service``, ``location``, ``mailing`` or ``contact``; empty where the header does not
            say whose it is.
        member: of ``column-words.json``; empty where it is not recognised.
        by: ``name`` or ``values``; empty where it is not recognised.
        separator: between several values in one cell; empty where there is one value.
        is_unique: all cells are filled, no value is there twice.
        is_flag: its values are yes and no.
        exact: how much of the header was understood, from 0 to 1.
    """

    name: str
    owner: str = ""
    member: str = ""
    by: str = ""
    separator: str = ""
    is_unique: bool = False
    is_flag: bool = False
    exact: float = 0.0


def understood(name: str, values: Sequence[str]) -> Column:
    """What a column is, from its header and its first values (without those that are empty)."""
    owner, member, exact = _by_words(_words(name))
    form = _form(values)
    by = "name" if member else ""
    if not member and form:
        member, by = form, "values"
    flag = bool(values) and all(shapes.truth(table(), value) is not None for value in values)
    if member.startswith("flag.") and values and not flag:
        member, by = ("notes", "name") if member == "flag.private" else ("", "")
    return Column(name, owner, member, by, _separator(values, member), len(set(values)) == len(values) > 1, flag, exact)


def _words(name: str) -> list[str]:
    """The words of a header: ``AgencyPhone2`` has three; without accents and case."""
    split = re.sub(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Ý])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])", " ", name)
    plain = unicodedata.normalize("NFD", split.replace("œ", "oe")).casefold()
    words = re.findall(r"[a-z0-9]+", "".join(char for char in plain if not unicodedata.combining(char)))
    return [word for word in words if word not in _passed_over()] or words


def _by_words(words: list[str]) -> tuple[str, str, float]:
    """Owner, member and how much of the header was understood; of a whole header first, then without its owner."""
    member = _phrases("members").get(" ".join(words))
    if member is not None:
        return "", member, 1.0
    owner, rest = _without_owner(words)
    if owner and not rest:
        return owner, "name", 1.0
    best: tuple[float, str] = (0.0, "")
    for text in (rest, [word for word in rest if not word.isdigit()]):
        for begin in range(len(text)):
            for end in range(len(text), begin, -1):
                found = _phrases("members").get(" ".join(text[begin:end]))
                share = (end - begin) / len(text)
                if found is not None and share > best[0] and share >= 0.5:
                    best = (share, found)
    return (owner, best[1], best[0] * 0.9) if best[1] else ("", "", 0.0)


def _without_owner(words: list[str]) -> tuple[str, list[str]]:
    """Whose column it is, by the first words that say so, and the words that are left."""
    for length in (3, 2, 1):
        for begin in range(len(words) - length + 1):
            owner = _phrases("contexts").get(" ".join(words[begin : begin + length]))
            if owner is not None:
                return owner, words[:begin] + words[begin + length :]
    return "", words


@functools.cache
def _phrases(part: str) -> dict[str, str]:
    rows = data_files.read_json("mappings", "directory", "column-words.json")[part]
    return {" ".join(_words(phrase)): name for name, phrases in rows.items() for phrase in phrases}


@functools.cache
def _passed_over() -> frozenset[str]:
    return frozenset(data_files.read_json("mappings", "directory", "column-words.json")["passOver"])


def _form(values: Sequence[str]) -> str:
    if not values:
        return ""
    forms: Counter[str] = Counter()
    for value in values:
        text = value.strip()
        forms.update(name for name, pattern in _FORMS.items() if pattern.fullmatch(text))
        forms["codes"] += bool("-" in text and _CODE.fullmatch(text))
    name, times = forms.most_common(1)[0]
    return name if times >= len(values) * _MOST else ""


def _separator(values: Sequence[str], member: str) -> str:
    """What is between several values in a cell, for members that can have several."""
    if member not in {"phone", "languages", "service_areas", "required_documents", "codes", "terms", "email"}:
        return ""
    for mark in _SEPARATORS:
        if sum(mark in value.strip() for value in values) > len(values) * 0.15:
            return mark
    return ""
