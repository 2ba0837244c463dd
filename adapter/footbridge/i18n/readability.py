"""How hard a text is to read, for instructions that a person gets: a school grade in English, an ease in French.

English: the grade of Flesch and Kincaid, 0.39 words a sentence + 11.8 syllables a word - 15.59 (Kincaid et al. 1975,
https://apps.dtic.mil/sti/citations/ADA006655). French: the ease of Kandel and Moles, 207 - 1.015 words a sentence -
73.6 syllables a word (Kandel and Moles 1958, Cahiers d'études de radio-télévision 19, 253-274); the higher, the easier.
Syllables are those at which Pyphen's dictionaries divide a word (https://pyphen.org). No dictionary of hyphens leaves
a single letter (a|bout, é|cole), so within a part each group of vowels counts, but for a silent e at the end. That is
near enough for a hint, no more. A grade of 8 or lower, or an ease of 60 or higher, counts as plain
(https://www.cdc.gov/health-literacy/php/develop-materials/plain-language.html).
"""

import functools
import re
from dataclasses import dataclass
from typing import Final, Literal

import pyphen

FEWEST_WORDS: Final = 5
"""Of fewer words nothing is said."""
PLAIN_GRADE: Final = 8.0
PLAIN_EASE: Final = 60.0

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_VOWELS = re.compile(r"[aeiouyàâäæéèêëîïôöœùûüÿ]+")
_SILENT = re.compile(r"(?<=[^aeiouyéèê])es?$")
_MUTE_U = re.compile(r"(?<=q)u|(?<=g)u(?=[eiéèêy])")
_SENTENCE = re.compile(r"[.!?…]+(?=\s|$)|\n+")


@dataclass(frozen=True, slots=True)
class Readability:
    """How hard a text is.

    Attributes:
        measure: ``grade`` (a school year, the lower the easier) or ``ease`` (0 to 100, the higher the easier).
        value: rounded to one decimal.
        is_plain: whether most people can be expected to read it.
    """

    measure: Literal["grade", "ease"]
    value: float
    is_plain: bool


def readability(text: str, language: str) -> Readability | None:
    """How hard it is, by the language that it is in (BCP 47); None for a language but these, or too few words."""
    spoken = language.partition("-")[0].lower()
    words = _WORD.findall(text)
    if spoken not in {"en", "fr"} or len(words) < FEWEST_WORDS:
        return None
    sentences = max(sum(1 for one in _SENTENCE.split(text) if _WORD.search(one)), 1)
    a_sentence = len(words) / sentences
    a_word = sum(_syllables(word.lower(), spoken) for word in words) / len(words)
    if spoken == "en":
        grade = round(max(0.39 * a_sentence + 11.8 * a_word - 15.59, 0.0), 1)
        return Readability("grade", grade, grade <= PLAIN_GRADE)
    ease = round(min(max(207 - 1.015 * a_sentence - 73.6 * a_word, 0.0), 100.0), 1)
    return Readability("ease", ease, ease >= PLAIN_EASE)


@functools.cache
def _dictionary(language: str) -> pyphen.Pyphen:
    return pyphen.Pyphen(lang={"en": "en_US", "fr": "fr"}[language], left=1, right=2)


@functools.lru_cache(maxsize=4096)
def _syllables(word: str, language: str) -> int:
    parts = [_MUTE_U.sub("", part) for part in _dictionary(language).inserted(word).split("-") if part]
    parts[-1] = _SILENT.sub("", parts[-1])
    return sum(max(len(_VOWELS.findall(part)), 1) for part in parts)
