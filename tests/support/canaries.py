"""Values of which each is known again wherever it shows: in a text, as a number, in the bytes of a database.

Every value that ``Canaries`` gives holds a number of its own; ``found_in`` says which of them a text holds, in any form
in which Footbridge writes such a value (+1 705 200 0042, V0A 0B2, 46.00042).
"""

import re
import sqlite3
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

_LETTERS = "ABCEGHJKLMNPRSTVWXYZ"
_FORMS = {
    "word": re.compile(r"zq(\d{5})q"),
    "phone": re.compile(r"705\D{0,3}([2-9]\d\d)\D{0,3}(\d{4})(?!\d)"),
    "postal": re.compile(r"\bv(\d)([a-z])[ +]?(\d)([a-z])(\d)\b"),
    "position": re.compile(r"46\.(\d{5})\d"),
}


class Canaries:
    """Gives values; ``about`` says of each number what was planted there."""

    def __init__(self) -> None:
        self.about: list[str] = []

    def _next(self, about: str) -> int:
        self.about.append(about)
        return len(self.about) - 1

    def word(self, about: str) -> str:
        return f"Zq{self._next(about):05d}q"

    def text(self, about: str) -> str:
        return f"{self.word(about)} there"

    def mail(self, about: str) -> str:
        return f"{self.word(about).lower()}@canary.example"

    def link(self, about: str) -> str:
        return f"https://{self.word(about).lower()}.example/page"

    def street(self, about: str) -> str:
        number = self._next(about)
        return f"{number + 1} Zq{number:05d}q Street"

    def phone(self, about: str) -> str:
        high, low = divmod(self._next(about), 10_000)
        return f"705-{200 + high}-{low:04d}"

    def postal(self, about: str) -> str:
        number = self._next(about)
        number, last = divmod(number, 10)
        number, letter = divmod(number, 20)
        number, digit = divmod(number, 10)
        first, other = divmod(number, 20)
        return f"V{first}{_LETTERS[other]} {digit}{_LETTERS[letter]}{last}"

    def position(self, about: str) -> str:
        return f"46.{self._next(about):05d}1"

    def found_in(self, text: str) -> set[int]:
        """The numbers of the values that a text holds, of those that were given."""
        lower = text.casefold()
        found = {int(match[1]) for match in _FORMS["word"].finditer(lower)}
        found |= {(int(match[1]) - 200) * 10_000 + int(match[2]) for match in _FORMS["phone"].finditer(lower)}
        found |= {int(match[1]) for match in _FORMS["position"].finditer(lower)}
        for match in _FORMS["postal"].finditer(lower):
            first, other, digit, letter, last = match.groups()
            if other.upper() in _LETTERS and letter.upper() in _LETTERS:
                number = int(first) * 20 + _LETTERS.index(other.upper())
                number = (number * 10 + int(digit)) * 20 + _LETTERS.index(letter.upper())
                found.add(number * 10 + int(last))
        return {number for number in found if number < len(self.about)}

    def told(self, numbers: Iterable[int]) -> list[str]:
        return [f"{number} {self.about[number]}" for number in sorted(numbers)]


def all_of(database: Path) -> str:
    """All that an SQLite database holds as one text: each value of each table, packed or not, and the words of its index.

    FTS5's own blocks are not looked at: a word that was deleted stands there until they are merged, but no question
    finds it (https://sqlite.org/fts5.html#the_merge_command).
    """
    parts: list[str] = []
    connection = sqlite3.connect(database)
    names = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    for name, made in names:
        if name.startswith("directory_text_"):
            continue
        if "VIRTUAL" not in (made or ""):
            for row in connection.execute(f'SELECT * FROM "{name}"'):
                parts += [part for value in row for part in _readable(value)]
        elif "fts5" in made:
            connection.execute(f"CREATE VIRTUAL TABLE temp.v_{name} USING fts5vocab(main, '{name}', 'row')")
            parts += [row[0] for row in connection.execute(f"SELECT term FROM temp.v_{name}")]
    connection.close()
    return "\n".join(parts)


def _readable(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, float):
        yield repr(value)
    elif isinstance(value, bytes):
        try:
            yield zlib.decompress(value).decode(errors="replace")
        except zlib.error:
            yield value.decode(errors="replace")
