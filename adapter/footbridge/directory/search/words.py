"""Texts become words: folded (case, accents, ligatures, elisions) and stemmed, in English and French.

The databases get what is made here and do nothing of the kind themselves, so that both find the same. Tables:
``mappings/directory/search/text.json``; stemmers: https://snowballstem.org/.
"""

import functools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import snowballstemmer

from footbridge.data import read_json

Language = Literal["en", "fr"]
_LANGUAGES: tuple[Language, Language] = ("en", "fr")

LONGEST = 40  # characters of a word; the rest is cut off, here and in questions
_FIRST_MARK = "\u0300"  # no letter below it combines with another
_ENOUGH = 2  # times as many function words make a language certain
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_SIMPLE_WORD = re.compile(r"[^\W_]+")  # where there is no apostrophe and no hyphen
_ASCII_WORD = re.compile(r"[0-9a-z]+")  # the same in ASCII, in lower case: three times as quick


@dataclass(frozen=True, slots=True)
class _Table:
    letters: dict[int, str]
    elisions: frozenset[str]
    weak: frozenset[str]
    english: frozenset[str]
    french: frozenset[str]
    stop: frozenset[str]
    own_stems: dict[str, str]
    prepositions: frozenset[str]
    real: frozenset[str]


@functools.cache
def _table() -> _Table:
    read: dict[str, Any] = read_json("mappings", "directory", "search", "text.json")
    letters = {ord(letter): plain for letter, plain in read["letters"].items()}
    letters.update(dict.fromkeys(map(ord, read["apostrophes"]), "'"))
    letters.update(dict.fromkeys((0x2010, 0x2011), "-"))  # hyphens of Unicode
    english, french = (frozenset(read["stopWords"][language]) for language in ("en", "fr"))
    stop = english | french | frozenset("abcdefghijklmnopqrstuvwxyz")
    elisions, weak = frozenset(read["elisions"]), frozenset(read["weakWords"])
    prepositions = frozenset(read["prepositions"])
    return _Table(
        letters, elisions, weak, english, french, stop, read["ownStems"], prepositions, frozenset(read["realWords"])
    )


def fold(text: str) -> str:
    """Lower case, without accents and ligatures, with one kind of apostrophe: ``L'Œuvre`` gives ``l'oeuvre``."""
    text = text.casefold()
    if text.isascii():
        return text.replace("`", "'")
    decomposed = unicodedata.normalize("NFKD", text.translate(_table().letters))
    return "".join([one for one in decomposed if one < _FIRST_MARK or not unicodedata.combining(one)]).casefold()


def words(text: str, *, joined: bool = False) -> list[str]:
    """The words of a text, folded, in order, stop words included; no control character or sign is left.

    ``joined`` gives those with a hyphen once more in one piece, after their parts (``drop``, ``in``, ``dropin``).
    """
    found: list[str] = []
    folded = fold(text)
    if "-" not in folded and "'" not in folded:
        simple = (_ASCII_WORD if folded.isascii() else _SIMPLE_WORD).findall(folded)
        return simple if max(map(len, simple), default=0) <= LONGEST else [word[:LONGEST] for word in simple]
    for word in _WORD.findall(folded):
        if word.isalnum():
            found.append(word[:LONGEST])
            continue
        parts = [part for one in word.split("-") if (part := _bare(one))]
        found.extend(parts)
        if joined and len(parts) > 1:
            found.append("".join(parts)[:LONGEST])
    return found


@functools.lru_cache(maxsize=1 << 13)
def _bare(word: str) -> str:
    """A word without its elision, possessive or apostrophes."""
    head, *tail = word.split("'")
    while tail and head in _table().elisions:
        head, *tail = tail
    return (head if tail == ["s"] else "".join((head, *tail)))[:LONGEST]


def is_stop_word(word: str) -> bool:
    """Whether a folded word says nothing by itself, in either language, or is one letter of the alphabet."""
    return word in stop_words()


def stop_words() -> frozenset[str]:
    """The folded words that say nothing."""
    return _table().stop


def prepositions() -> frozenset[str]:
    """The folded words that lead to a place."""
    return _table().prepositions


def is_real(word: str) -> bool:
    """Whether a folded word is no misspelling of another."""
    return word in _table().real or word in _table().weak


def is_weak(word: str) -> bool:
    """Whether a folded word says little in a directory of help (``help``, ``services``): others must be there."""
    return word in _table().weak


def content_words(text: str, *, joined: bool = False) -> list[str]:
    """The words of a text that say something."""
    stop = _table().stop
    return [word for word in words(text, joined=joined) if word not in stop]


def language_of(found: Iterable[str]) -> Language | None:
    """The language of some words (stop words included) by its function words; None when it is not certain."""
    different = set(found)
    english, french = len(different & _table().english), len(different & _table().french)
    if english > _ENOUGH * french:
        return "en"
    return "fr" if french > _ENOUGH * english else None


def asked_in(question: str) -> Language | None:
    """The language of a question by its function words; one with accents is French."""
    found = language_of(words(question))
    return found or ("fr" if not question.isascii() and fold(question).isascii() else None)


@functools.cache
def _stemmer(language: Language) -> Any:  # noqa: ANN401 - the library has no types
    return snowballstemmer.stemmer({"en": "english", "fr": "french"}[language])


def stem(word: str, language: Language) -> str:
    """The stem of a folded word; words with digits are their own."""
    return stems(word, language)[0]


def stems(word: str, language: Language | None = None) -> tuple[str, ...]:
    """The stems of a folded word: of its language, or of both where that is not known, without repeats."""
    # Numbers are not remembered: a directory has a hundred thousand different ones, and few words.
    return _stems(word, language) if word.isalpha() and word.isascii() else (word,)


@functools.lru_cache(maxsize=1 << 15)
def _stems(word: str, language: Language | None) -> tuple[str, ...]:
    if word in _table().own_stems:
        return (_table().own_stems[word],)
    if language is not None:
        return (str(_stemmer(language).stemWord(word)),)
    english, french = (str(_stemmer(one).stemWord(word)) for one in _LANGUAGES)
    return (english,) if english == french else (english, french)


def plain(text: str) -> str:
    """A text as its folded words, for equality: ``Banque d'alimentation`` gives ``banque alimentation``."""
    return " ".join(words(text))


def all_stems(found: Sequence[str], language: Language | None = None) -> set[str]:
    """The stems of some words."""
    return {one for word in found for one in stems(word, language)}
