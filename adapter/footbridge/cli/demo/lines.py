"""Prints lines that fit where they are printed: they go on at words, below the place where their text began."""

import os
import re
from collections.abc import Iterator
from typing import Final

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

PLAIN: Final = 80
"""Columns where nobody says how many there are: in a pipe or a file."""
INDENT: Final = "  "


def console_for(*, quiet: bool) -> Console:
    """Where to print: colours and the width of the terminal on one, plain text elsewhere, nothing when quiet.

    Elsewhere lines have at most ``PLAIN`` columns, or as many as the variable COLUMNS says.
    """
    found = Console(quiet=quiet, highlight=False)
    if found.is_terminal:
        return found
    said = os.environ.get("COLUMNS", "")
    return Console(quiet=quiet, highlight=False, width=int(said) if said.isdigit() and int(said) else PLAIN)


def heading(console: Console, text: str) -> None:
    """A line that begins a part."""
    console.print()
    hanging(console, Text(), Text(text, style="bold"))


def paragraph(console: Console, text: str) -> None:
    """A text over as many lines as it needs."""
    hanging(console, Text(), Text(text))


def hanging(console: Console, head: Text, words: Text) -> None:
    """A head, and words beside it; lines that they go on in begin below them. No word is cut, however long.

    Where a word is too long to stand beside the head, the words begin below the head instead.
    """
    longest = max(map(len, words.plain.split()), default=0)
    if head.cell_len > len(INDENT) and longest > console.width - head.cell_len:
        head.rstrip()
        console.print(head, soft_wrap=True)
        head = Text(INDENT)
    for number, line in enumerate(_lines(words, console.width - head.cell_len)):
        begin = head if number == 0 else Text(" " * head.cell_len)
        console.print(Text.assemble(begin, line), soft_wrap=True)


def _lines(words: Text, room: int) -> Iterator[Text]:
    """The words in lines of at most so many columns, but for words that are longer."""
    breaks, begin = [], 0
    for word in re.finditer(r"\S+", words.plain):
        if cell_len(words.plain[begin : word.end()]) > room and word.start() > begin:
            breaks.append(word.start())
            begin = word.start()
    for line in words.divide(breaks):
        line.rstrip()
        yield line


def whole(console: Console, text: str) -> None:
    """A line that is copied, such as a command: it is printed as it is."""
    console.print(text, soft_wrap=True, markup=False)
