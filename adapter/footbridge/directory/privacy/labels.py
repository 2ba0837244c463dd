"""Labels of phones, contacts and links: whether their own words say that a value is not for the public.

The words are ``mappings/directory/privacy.json``, ``phone``: a label is short, so that one word of it counts
("Safe House", "staff only", "ligne interne"), which in a text would not.
"""

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Any

from footbridge.directory.privacy.table import may_match, pattern, stems

_PHONE_WORDS = frozenset(
    ["type", "description", "name", "department", "note", "notes", "label", "function", "extension", "number"]
)
LINKS = frozenset({"additional_urls", "additional_websites", "urls", "websites", "emails"})
_LETTERS = re.compile(r"[^\W\d_]{3}")


def is_private_phone(phone: Mapping[str, Any]) -> bool:
    """Whether a phone's own words say that it is not for the public."""
    return any(says_not_public(text) for text in _words(phone))


@functools.lru_cache(maxsize=8_192)
def says_not_public(label: str) -> bool:
    """Whether a label says that what it stands on is not for the public."""
    if not may_match(label, stems("phone", "stems")):
        return False
    return pattern("phone", "not_public").search(label) is not None and not pattern("phone", "unless").search(label)


def _words(phone: Mapping[str, Any]) -> Iterator[str]:
    for key, value in phone.items():
        if key in _PHONE_WORDS and isinstance(value, str) and len(value) > 3 and _LETTERS.search(value):
            yield value
