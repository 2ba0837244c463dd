"""Two languages in one member ("Food Bank / Banque alimentaire"): parted where both halves are sure."""

import functools
import re
from typing import Any

from footbridge.directory.cleaning.changes import Changes
from footbridge.directory.cleaning.tables import fold, table

MEMBERS = ("name", "description")
_WORD = re.compile(r"[\w'-]+")
_ELIDED = re.compile(r"(?<=')")  # behind an apostrophe
_ACCENTED = re.compile(r"[éèêàùçœ]")


@functools.cache
def _hints() -> dict[str, frozenset[str]]:
    return {code: frozenset(words) for code, words in table("bilingual")["languages"].items()}


@functools.cache
def _markers() -> re.Pattern[str]:
    names = table("bilingual")["markers"]
    groups = "|".join(f"(?P<{code}>{'|'.join(words)})" for code, words in names.items())
    return re.compile(rf"(?:^|(?<=[\s/|;.]))\W{{0,2}}(?:{groups})\s*[:>\]]\s*", re.IGNORECASE)


def language_of(text: str) -> str | None:
    """``en`` or ``fr`` where only one of them has words in the text."""
    tokens = _WORD.findall(text.casefold().replace("’", "'"))
    plain = {fold(part) for token in set(tokens) for part in (_ELIDED.split(token) if "'" in token else (token,))}
    english, french = (len(plain & _hints()[code]) for code in ("en", "fr"))
    french += 2 if not text.isascii() and _ACCENTED.search(text.casefold()) else 0
    if english >= 1 and french == 0:
        return "en"
    if french >= 1 and english == 0:
        return "fr"
    return (
        ("fr" if french > 3 * english else "en" if english > 3 * french else None) if max(english, french) > 4 else None
    )


def part(text: str) -> list[tuple[str, str]] | None:
    """The two halves of a text with their languages, in order; None where it is not sure that there are two."""
    halves = _by_markers(text)
    if halves:
        return halves
    for mark in (" / ", "\n\n", " | ", "\n/\n", " // "):
        pieces = [piece.strip() for piece in text.split(mark)]
        if len(pieces) != 2 or not all(pieces):
            continue
        languages = [language_of(piece) for piece in pieces]
        longer, shorter = max(map(len, pieces)), min(map(len, pieces))
        lengths = {
            min(len(piece.split()), 2) for piece in pieces
        }  # "Help with housing / logement": one word is a gloss
        if set(languages) == {"en", "fr"} and longer <= 3 * shorter + 20 and len(lengths) == 1:
            return [(str(language), piece) for language, piece in zip(languages, pieces, strict=True)]
    return None


def _by_markers(text: str) -> list[tuple[str, str]] | None:
    matches = list(_markers().finditer(text))
    codes = [match.lastgroup for match in matches]
    if len(matches) != 2 or set(codes) != {"en", "fr"} or text[: matches[0].start()].strip(" /|;("):
        return None
    halves = [text[matches[0].end() : matches[1].start()], text[matches[1].end() :]]
    shown = [half.strip(" \n/|;-(") for half in halves]
    if not all(shown):
        return None
    return [(str(code), half) for code, half in zip(codes, shown, strict=True)]


def clean_bilingual(out: dict[str, Any], changes: Changes, prefix: str) -> None:
    """Keeps the first half in the member, and the other in ``translations``."""
    for member in MEMBERS:
        text = out.get(member)
        if not isinstance(text, str) or len(text) < 9 or not _may_have_two(text):
            continue
        halves = part(text)
        if not halves:
            continue
        (_, first), (language, second) = halves
        out[member] = first
        rows = [dict(row) for row in out.get("translations") or () if isinstance(row, dict)]
        row = next((row for row in rows if row.get("language") == language), None)
        if row is None:
            row = {"language": language}
            rows.append(row)
        row.setdefault(member, second)
        out["translations"] = rows
        changes.note("text.two-languages", prefix + member, text, f"{first} | {language}: {second}")


def _may_have_two(text: str) -> bool:
    return any(mark in text for mark in (" / ", "\n\n", " | ", "\n/\n", ":", "//", ">", "]"))
