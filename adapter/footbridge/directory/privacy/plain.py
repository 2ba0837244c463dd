"""One look that shows for most records that nothing of them is withheld, so that nobody has to walk through them.

The look is at the record's JSON as one text in lower case: without any of the pieces of words and names that the
patterns of ``mappings/directory/privacy.json`` need, none of these patterns can match. It may say of a public record
that it is not sure; it never says of a record with something to withhold that it is plain. Phones and contacts have
pieces of their own, because words like "give" are common elsewhere.
"""

import functools
from collections.abc import Mapping
from typing import Any

import orjson

from footbridge.directory.privacy.labels import LINKS
from footbridge.directory.privacy.table import may_match, stems, table

# Members of ours, and those whose name says that they are for editors (``internal_members``).
_MEMBERS = ('"withheld":', '"restrictions":', '"metadata":', '"address_withheld":', '"private', "editor")
# Letters that a pattern without regard to case takes for s and i, and ``str.lower`` does not.
_ODD_LETTERS = ("ſ", "ı", "\u0307")


def is_plain(data: Mapping[str, Any], packed: bytes) -> bool:
    """Whether ``withhold`` gives a record back as it is, and ``withholds_place`` says no: True only where that is sure.

    Args:
        data: of the record.
        packed: the same as JSON, letters beyond ASCII as UTF-8.
    """
    text = packed.decode().lower()
    if _holds_a_piece(text) or "notes" in data:
        return False
    if not text.isascii() and may_match(text, _ODD_LETTERS):
        return False
    links = [entry for name in LINKS if (entry := data.get(name))]
    if links and may_match(orjson.dumps(links).decode().lower(), stems("phone", "stems")):
        return False
    if '"addresses":' in text and not _addresses_are_plain(data, text):
        return False
    return ('"phones":' not in text and '"contacts":' not in text) or _reach_is_plain(data, text)


def _addresses_are_plain(data: Mapping[str, Any], text: str) -> bool:
    """Whether no address says that it is not for the public; they must be all that the text has of them."""
    own = orjson.dumps(data.get("addresses")).decode().lower()
    if text.count('"addresses":') != own.count('"addresses":') + ("addresses" in data):
        return False
    return not may_match(own, stems("address_own_stems"))


def _reach_is_plain(data: Mapping[str, Any], text: str) -> bool:
    """The same for phones and contacts, which must be all that the text has of them."""
    phones, contacts = data.get("phones"), data.get("contacts")
    own = orjson.dumps([phones, contacts]).decode().lower()
    if text.count('"phones":') != own.count('"phones":') + ("phones" in data):
        return False
    if text.count('"contacts":') != own.count('"contacts":') + ("contacts" in data):
        return False
    return not may_match(own, stems("phone", "stems"))


def _holds_a_piece(text: str) -> bool:
    """``may_match`` with all pieces, quicker: the words of a directory come again and again, and are looked at once.

    A piece without a blank is in one word; one with a blank is looked for where a word has the longest part of it.
    """
    one_word, of_words, parts = _pieces()
    found = set(text.split())
    hinted = not _hints.isdisjoint(found)
    new = found - _plain_words - _hints
    if new:
        together = "\n".join(new)
        if may_match(together, one_word):
            return True
        if may_match(together, parts):
            here = {word for word in new if may_match(word, parts)}
            hinted = hinted or bool(here)
            new -= here
            _hints.update(here)
        _plain_words.update(new)
        for known in (_plain_words, _hints):
            if len(known) > _MOST_WORDS:
                known.clear()
    return hinted and may_match(text, of_words)


_MOST_WORDS = 20_000
_plain_words: set[str] = set()
_hints: set[str] = set()


@functools.cache
def _pieces() -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Each piece that no other one is a part of: those without a blank, those with one, the longest part of these."""
    rows = table()
    every = {*rows["text"]["stems"], *rows["shelters"]["stems"], *rows["address_stems"], *_MEMBERS}
    every |= {row["prefix"].lower() for row in rows["shelters"]["codes"]}
    every |= {f'"{name}"' for name in rows["withheld_location_types"]}
    pieces = sorted(one for one in every if not any(other in one for other in every - {one}))
    of_words = tuple(one for one in pieces if " " in one)
    parts = tuple(sorted({max(one.split(), key=len) for one in of_words}))
    return tuple(one for one in pieces if " " not in one), of_words, parts
