"""Phrases of a question that mean more than their words: synonyms, and everyday words for a need.

Tables: ``mappings/directory/search/synonyms.json`` and ``need-words.json``, and the labels of the categories. A phrase
is there when the question has each of its words, in any order; words are compared by their stems. Stop words do not
count, unless they leave but one: ``no heat`` is not ``heat``.
"""

import functools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from footbridge.data import read_json
from footbridge.directory.search.words import Language, content_words, stems, words

Stems = frozenset[str]
_ENGLISH = "en:"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase: the stems of each of its words, and its words as they are."""

    words: tuple[Stems, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Concept:
    """What a phrase leads to: other phrases of the same meaning, or a category."""

    phrases: tuple[Phrase, ...]
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A concept that a question has, and the places of the words that say so."""

    concept: Concept
    places: frozenset[int]


def phrase_of(text: str) -> Phrase:
    """Read a phrase; ``en:`` before it says that it is no French, which would make ``walk`` of ``walker``."""
    language: Language | None = "en" if text.startswith(_ENGLISH) else None
    text = text.removeprefix(_ENGLISH)
    told = content_words(text)
    return Phrase(tuple(frozenset(stems(word, language)) for word in (told if len(told) > 1 else words(text))), text)


@functools.cache
def _concepts() -> tuple[Concept, ...]:
    synonyms: dict[str, Any] = read_json("mappings", "directory", "search", "synonyms.json")
    needs: dict[str, Any] = read_json("mappings", "directory", "search", "need-words.json")
    found = [Concept(_phrases(group)) for group in synonyms["groups"]]
    labels = {one["code"]: one["text"] for one in read_json("terminology", "categories.json")["categories"]}
    for code, said in needs["needs"].items():
        found.append(Concept(_phrases([*said["en"], *said["fr"], labels[code]["en"], labels[code]["fr"]]), code))
    return tuple(found)


def _phrases(texts: Sequence[str]) -> tuple[Phrase, ...]:
    return tuple(phrase for phrase in map(phrase_of, texts) if phrase.words)


@functools.cache
def _by_stem() -> dict[str, list[tuple[Concept, Phrase]]]:
    """Phrases by a stem of their first word."""
    found: defaultdict[str, list[tuple[Concept, Phrase]]] = defaultdict(list)
    for concept in _concepts():
        for phrase in concept.phrases:
            for stem in phrase.words[0]:
                found[stem].append((concept, phrase))
    return dict(found)


def stems_asked(word: str) -> Stems:
    """The stems of a word of a question: of both languages, but for one that a table says to be English."""
    return frozenset(stems(word, "en" if word in _english_words() else None))


@functools.cache
def _english_words() -> frozenset[str]:
    groups: list[list[str]] = read_json("mappings", "directory", "search", "synonyms.json")["groups"]
    marked = [text.removeprefix(_ENGLISH) for group in groups for text in group if text.startswith(_ENGLISH)]
    return frozenset(word for text in marked for word in content_words(text))


@functools.cache
def known_words() -> frozenset[str]:
    """The words of all phrases, as they are: what a misspelt word may have meant beside the directory's own."""
    return frozenset(
        word for concept in _concepts() for phrase in concept.phrases for word in content_words(phrase.text)
    )


@functools.cache
def known_stems() -> frozenset[str]:
    """The stems of the words of all phrases."""
    return frozenset(stem for word in known_words() for stem in stems(word))


def is_phrase(word: str) -> bool:
    """Whether a folded word is a whole phrase of a table."""
    return word in _one_word()


@functools.cache
def _one_word() -> frozenset[str]:
    return frozenset(words(phrase.text)[0] for one in _concepts() for phrase in one.phrases if len(phrase.words) == 1)


def concepts_in(question: Sequence[Stems]) -> list[Found]:
    """The concepts of a question, each once, by the phrase of most words.

    Args:
        question: the stems of its words, stop words included.
    """
    best: dict[int, Found] = {}
    for stem in sorted({stem for word in question for stem in word}):
        for concept, phrase in _by_stem().get(stem, ()):
            places = _places(phrase, question)
            kept = best.get(id(concept))
            if places and (kept is None or len(places) > len(kept.places)):
                best[id(concept)] = Found(concept, places)
    found = list(best.values())
    # "medical transportation" is not also "transportation": of synonyms, the longer phrase says what is meant.
    return [
        one for one in found
        if one.concept.category or not any(
            other.concept.category is None and one.places < other.places for other in found)
    ]  # fmt: skip


def _places(phrase: Phrase, question: Sequence[Stems]) -> frozenset[int]:
    places = set()
    for word in phrase.words:
        place = next((place for place, stems in enumerate(question) if stems & word and place not in places), None)
        if place is None:
            return frozenset()
        places.add(place)
    return frozenset(places)
