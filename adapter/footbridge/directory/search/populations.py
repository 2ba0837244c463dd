"""Services for a group of people that the client chose to state: ``veterans``, ``anciens combattants``, ``YN-9000``.

A group has many names: those of one line of ``mappings/directory/search/synonyms.json`` are one group, in English and
French. Nobody's group is inferred: what was not stated is not looked for.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from footbridge.directory.search.bitmaps import bitmap_of
from footbridge.directory.search.concepts import Stems, concepts_in, stems_asked
from footbridge.directory.search.postings import services_with
from footbridge.directory.search.prepare import NAME, TERM
from footbridge.directory.search.snapshot import Snapshot
from footbridge.directory.search.words import all_stems, content_words

Names = list[tuple[Stems, ...]]
"""The names of one group: of each the stems of its words."""


def for_stated(connection: Connection, snapshot: Snapshot, stated: Sequence[str], words: Sequence[str] = ()) -> int:
    """Services for a group that was stated.

    Args:
        connection: of the search.
        snapshot: of the directory.
        stated: codes of target populations, or words; a service whose name or term has the words counts too.
        words: of the question: who asks for seniors has stated it. They are looked for among words already.
    """
    found = 0
    codes = {one.upper() for one in (*stated, *words)}
    names = [_names(one) for one in stated]
    asked = [name for some in (*names, *map(_names, words)) for name in some]
    for part, offset in zip(snapshot.parts, snapshot.offsets, strict=False):
        for code, label, slots in part.part(connection, "populations"):
            if code.upper() in codes or _is_named(label, asked):
                found |= bitmap_of(slots) << offset
    for some in names:
        expression = [[[f"{letter}{stem}" for letter in NAME + TERM for stem in sorted(word)] for word in name]
                      for name in some]  # fmt: skip
        found |= services_with(connection, snapshot, [expression])[0] if expression else 0
    return found


def _names(text: str) -> Names:
    """What a group is called: as it was said, and in the other ways that the table has for it."""
    said = content_words(text)
    if not said:
        return []
    found = [tuple(map(stems_asked, said))]
    for one in concepts_in(found[0]):
        if one.concept.category is None:
            found += [phrase.words for phrase in one.concept.phrases]
    return found


def _is_named(label: str, names: Names) -> bool:
    there = all_stems(content_words(label))
    return any(all(word & there for word in name) for name in names)
