"""The pages of the project as a test reads them: text, blocks of code, and the words between backticks."""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "examples" / "README.md"])
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]
_BLOCK = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A block of code: its page, its language, its lines."""

    page: str
    language: str
    text: str


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks_of(page: str, language: str) -> list[Block]:
    found = _BLOCK.finditer(text_of(page))
    return [Block(page, one["language"], textwrap.dedent(one["text"])) for one in found if one["language"] == language]


def section_of(page: str, heading: str) -> str:
    """The blocks and prose under a heading, down to the next one of its level. No block of it has a line like that."""
    level = heading.split(maxsplit=1)[0]
    below = text_of(page).split(f"\n{heading}\n", 1)[1]
    return below.split(f"\n{level} ", 1)[0]


def prose_of(page: str) -> str:
    """The page without its blocks of code."""
    return _BLOCK.sub("", text_of(page))


def commands_of(block: Block) -> Iterator[str]:
    """The commands of a shell block, each on one line, without comments."""
    joined = re.sub(r"\\\n\s*", "", block.text)
    for line in joined.splitlines():
        command = re.sub(r"\s+# .*$", "", line).strip()
        if command and not command.startswith("#"):
            yield command


def examples_of(group: click.Command, path: str = "footbridge") -> Iterator[tuple[str, str]]:
    """Every example in the help of a command and of those below it: the command's path, the line."""
    told = re.search(r"Examples?:\n(?P<lines>(?:      .*\n?|    footbridge.*\n?|  .*\n?)*)", group.help or "")
    lines = [] if told is None else told["lines"].splitlines()
    yield from ((path, line.strip()) for line in lines if "footbridge" in line)
    if isinstance(group, click.Group):
        context = click.Context(group)
        for name in group.list_commands(context):
            below = group.get_command(context, name)
            if below is not None and not below.hidden:
                yield from examples_of(below, f"{path} {name}")
