"""Words as they are compared: without accents, plurals, elisions and articles; the text keeps its own.

The same rough folding for English and French, on both sides of a comparison: it need not give words that exist.
``épiceries`` and ``épicerie`` meet as ``epiceri``, ``pantries`` and ``pantry`` as ``pantri``.
"""

import functools
import re
import unicodedata
from typing import Final

WORD: Final = re.compile(r"[^\W_]+|[.;!?•\n,:()/]")
HARD: Final = frozenset(".;!?•\n")
"""What ends a statement: a ``not`` before it says nothing about what comes after it."""
SOFT: Final = frozenset(",:()/")
"""What ends a phrase, not a statement."""

_BULLET: Final = re.compile(r"^[ \t]*(?:[*\u00b7\u25aa\u25cf\u25e6\u2023\u2013-]|\d{1,2}[.)])[ \t]+", re.MULTILINE)
"""What begins a line of a list, as people write it."""
_SHORT_NOT: Final = re.compile(r"\b(\w+)n't\b", re.IGNORECASE)
_FULL_VERBS: Final = {"ca": "can", "wo": "will"}
_LIGATURES: Final = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss"})
_UNFOLDED: Final = 3  # letters of a word that has no ending to drop


def composed(text: str) -> str:
    """The text as words are cut from it: each accent on its letter (NFC), ``can't`` with its ``not``, one bullet."""
    if "\n" in text:
        text = _BULLET.sub("\u2022 ", text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text).replace("n\u2019t", "n't")
    return _SHORT_NOT.sub(_long_not, text) if "n't" in text or "N'T" in text else text


def _long_not(found: re.Match[str]) -> str:
    verb = found.group(1)
    return f"{_FULL_VERBS.get(verb.casefold(), verb)} not"


@functools.lru_cache(maxsize=1 << 13)
def folded(word: str) -> str:
    """A word without capitals, accents and plural; punctuation is returned as it is."""
    plain = word.casefold()
    if not plain.isascii():
        apart = unicodedata.normalize("NFKD", plain.translate(_LIGATURES))
        plain = "".join(sign for sign in apart if not unicodedata.combining(sign))
    if len(plain) > _UNFOLDED:
        plain = _singular(plain)
    if len(plain) > _UNFOLDED + 1 and plain.endswith("e"):
        plain = plain[:-1]
    return plain[:-1] + "i" if len(plain) > _UNFOLDED and plain.endswith("y") else plain


def _singular(word: str) -> str:
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    if word.endswith(("eaux", "eux")):
        return word[:-1]
    return word[:-2] + "l" if word.endswith("aux") else word


def words(text: str) -> list[str]:
    """The folded words and punctuation of a text, in their order."""
    return [folded(word) for word in WORD.findall(composed(text))]
