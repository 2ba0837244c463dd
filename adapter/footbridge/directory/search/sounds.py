"""How a word sounds, roughly: two spellings that sound the same may be one word (``modik``, ``modique``).

Table: ``mappings/directory/search/sounds.json``. It is no phonetics of a language: it joins what people mix up when
they write English or French by ear.
"""

import functools
import re
from typing import Any

from footbridge.data import read_json


@functools.cache
def _table() -> tuple[list[tuple[re.Pattern[str], str]], str]:
    read: dict[str, Any] = read_json("mappings", "directory", "search", "sounds.json")
    return [(re.compile(found), put) for found, put in read["rules"]], read["vowels"]


def sound(word: str) -> str:
    """The sound of a folded word, in letters: ``modik`` for ``modique``."""
    for found, put in _table()[0]:
        word = found.sub(put, word)
    return word


def consonants(sounding: str) -> str:
    """What is left of a sound without vowels; its first letter stays: ``1ltr`` for that of ``shelter``."""
    vowels = _table()[1]
    return sounding[:1] + "".join([letter for letter in sounding[1:] if letter not in vowels])
