"""The tables of cleaning, ``mappings/directory/*.json``, read once a process; texts are folded to be compared."""

import functools
import re
import unicodedata
from typing import Any

from footbridge.data import read_json


@functools.cache
def table(name: str) -> dict[str, Any]:
    """One table by its file's name without the ending."""
    return dict(read_json("mappings", "directory", f"{name}.json"))


@functools.lru_cache(maxsize=4_096)
def fold(text: str) -> str:
    """Lower case without accents, apostrophes alike, spaces single."""
    if text.isascii():
        return " ".join(text.lower().split())
    plain = unicodedata.normalize("NFKD", text.casefold()).replace("’", "'").replace("ʼ", "'")
    return " ".join("".join(char for char in plain if not unicodedata.combining(char)).split())


@functools.cache
def words_pattern(name: str, key: str) -> re.Pattern[str]:
    """The entries of a list of a table as one pattern of whole words, to be tried on folded text."""
    entries = sorted(table(name)[key], key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(re.escape(entry) for entry in entries) + r")(?!\w)")
