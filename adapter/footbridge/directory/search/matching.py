"""The words of a question against the index: for each word, which services have it, where, and what that is worth.

A word is matched by the best of: the name as it is, a stem in the name, a synonym in the name, an everyday word for
the service's category, its source's term, its organization or town, a synonym anywhere, its description. Weights:
``mappings/directory/search/weights.json``. A word that no service has is read as the nearest that some have.
"""

import functools
from collections.abc import Sequence

from sqlalchemy import Connection

from footbridge.directory.search.bitmaps import Planes
from footbridge.directory.search.concepts import Concept, Phrase, concepts_in, is_phrase, stems_asked
from footbridge.directory.search.dialect import Expression
from footbridge.directory.search.levels import Level, Question, Word, look_up, weights
from footbridge.directory.search.postings import services_with
from footbridge.directory.search.prepare import NAME, ORGANIZATION, PHONE, TERM, TEXT, code_token
from footbridge.directory.search.snapshot import Snapshot
from footbridge.directory.search.spelling import correct, join
from footbridge.directory.search.typed import Typed
from footbridge.directory.search.words import content_words, is_weak, words
from footbridge.directory.taxonomy.crosswalk import crosswalk

MOST_WORDS = 16  # different words of a question; what comes after them is not looked at

ANYWHERE = NAME + TERM + ORGANIZATION + TEXT


def match(connection: Connection, snapshot: Snapshot, typed: Typed, town: frozenset[str] = frozenset()) -> Question:
    """Look the words of a question up; any text will do.

    Args:
        connection: of the search.
        snapshot: of the directory.
        typed: the question in its parts.
        town: words that name a place, folded: a service need not have them.
    """
    text = typed.text
    marked = _marks(connection, snapshot, typed)
    asked = list(dict.fromkeys(content_words(text)))[:MOST_WORDS]
    if not asked:  # ID is a card, "I'd" is none
        asked = [word for word in dict.fromkeys(words(text)) if is_phrase(word)][:MOST_WORDS]
    if not asked:
        unknown = tuple(dict.fromkeys(words(text)))[:MOST_WORDS] if not marked else ()
        missing = tuple(word.text for word in marked if not word.services)
        there = tuple(word for word in marked if word.services)
        return Question(there, unknown + missing, bool(text.strip() or marked), _needs_of_codes(typed))
    found = [Word(word, (word,), stems_asked(word)) for word in asked]
    look_up(connection, snapshot, found)
    join(connection, snapshot, found)
    found = correct(connection, snapshot, found, text)
    needs = _add_concepts(connection, snapshot, found, text) | set(_needs_of_codes(typed))
    found += marked
    for word in found:
        word.levels.sort(key=lambda level: -level.weight)
    matched = tuple(word for word in found if word.services)
    others = [word for word in found if word.text not in town] or found
    is_any_strong = any(word.services and not is_weak(word.text) for word in others)
    for word in matched:
        word.weak = is_any_strong and is_weak(word.text) if word in others else True
    missing = tuple(word.text for word in found if not word.services)
    return Question(matched, missing, asked=True, needs=tuple(sorted(needs)))


def _needs_of_codes(typed: Typed) -> tuple[str, ...]:
    rows = [crosswalk().row(code) for code in typed.codes]
    return tuple(sorted({category for row in rows if row is not None for category in row.categories}))


def _marks(connection: Connection, snapshot: Snapshot, typed: Typed) -> list[Word]:
    """Codes and phone numbers as words: who has them; of a code also who has its category."""
    table = weights()["levels"]
    tokens = [code_token(code) for code in typed.codes] + [f"{PHONE}{number}" for number in typed.phones]
    bitmaps = services_with(connection, snapshot, [[[[token]]] for token in tokens]) if tokens else []
    found: list[Word] = []
    for place, (text, services) in enumerate(zip((*typed.codes, *typed.phones), bitmaps, strict=True)):
        is_code = place < len(typed.codes)
        levels = [Level("term" if is_code else "phone", table["exact-name"], services)] if services else []
        row = crosswalk().row(text) if is_code else None
        for category in row.categories if row is not None else ():
            levels += [
                Level(reason, table[name], some, category)
                for reason, name, some in _need_levels(connection, snapshot, category)
                if some
            ]
        found.append(Word(text, (text,), frozenset(), levels))
    return found


def _add_concepts(connection: Connection, snapshot: Snapshot, found: Sequence[Word], text: str) -> set[str]:
    """Synonyms and needs: they count for each word of the phrase that led to them; the needs that there are."""
    needs: set[str] = set()
    sequence = _sequence(found, text)
    table = weights()["levels"]
    for one in concepts_in([of_word for of_word, _ in sequence]):
        places = sorted({place for number in one.places if (place := sequence[number][1]) is not None})
        less = weights()["corrected"] if any(found[place].corrected for place in places) else 0
        levels = (
            _need_levels(connection, snapshot, one.concept.category)
            if one.concept.category
            else _synonym_levels(connection, snapshot, one.concept, [sequence[number][0] for number in one.places])
        )
        for reason, name, services in levels:
            if services:
                level = Level(reason, table[name] - less, services, one.concept.category, corrected=less > 0)
                for place in places:
                    found[place].levels.append(level)
        needs |= {one.concept.category} if one.concept.category and places else set()
    return needs


def _sequence(found: Sequence[Word], text: str) -> list[tuple[frozenset[str], int | None]]:
    """The stems of all words of a question in order, and which of those that count each is: none for a stop word."""
    place_of = {word.text: place for place, word in enumerate(found)}
    sequence: list[tuple[frozenset[str], int | None]] = []
    seen: set[int] = set()
    for word in words(text)[: 4 * MOST_WORDS]:
        place = place_of.get(word)
        if place is not None:
            seen.add(place)
        sequence.append((stems_asked(word) if place is None else found[place].stems, place))
    sequence.extend((word.stems, place) for place, word in enumerate(found) if place not in seen)  # parts of one word
    return sequence


def _need_levels(connection: Connection, snapshot: Snapshot, category: str) -> list[tuple[str, str, int]]:
    sure = snapshot.set(connection, f"sure:{category}")
    guessed = snapshot.set(connection, f"category:{category}") & ~sure
    return [("need-word", "need-word", sure), ("need-word", "need-word-guess", guessed)]


def _synonym_levels(
    connection: Connection, snapshot: Snapshot, concept: Concept, asked: Sequence[frozenset[str]]
) -> list[tuple[str, str, int]]:
    """The other phrases of a concept; a word that was asked for itself is no synonym of its own."""
    others = tuple(
        phrase
        for phrase in concept.phrases
        if len(phrase.words) > 1 or not any(phrase.words[0] & word for word in asked)
    )
    expressions = [_alternatives(others, NAME + TERM), _alternatives(others, ANYWHERE)]
    in_name, anywhere = services_with(connection, snapshot, expressions)
    return [("synonym", "synonym-name", in_name), ("synonym", "synonym", anywhere)]


@functools.lru_cache(maxsize=1024)
def _alternatives(phrases: tuple[Phrase, ...], letters: str) -> Expression:
    """Phrases as alternatives; each word of a phrase in one of the places that the letters name."""
    return [
        [[f"{letter}{stem}" for stem in sorted(word) for letter in letters] for word in phrase.words]
        for phrase in phrases
    ]


def rank(question: Question, size: int) -> Planes:
    """What the words are worth for each service, added up: each in its best way, times how rare it is.

    That a service has the category that a word stands for is worth something besides: two of the category differ by
    what their texts have.
    """
    planes, little = Planes(), int(weights()["weak"])
    for word in question.words:
        factor = rarity(word, size)
        for levels in (
            [level for level in word.levels if level.category is None],
            [level for level in word.levels if level.category is not None],
        ):
            left = word.services
            for level in levels:
                worth = max(level.weight, 1) * factor
                planes.add(level.services & left, max(worth // little, 1) if word.weak else worth)
                left &= ~level.services
    return planes


def rarity(word: Word, size: int) -> int:
    """How much a word says: more, the fewer services have it."""
    share = word.services.bit_count() / max(size, 1)
    return next(int(factor) for bound, factor in weights()["rarity"] if share <= bound)
