"""Text as people should read it: without markup, entities, control characters or damage by encodings.

Nothing is executed and no markup is kept; a ``<`` that begins no element of HTML stays, and so do emoji and text from
right to left. A step repeats until nothing changes, because real exports have entities that were escaped twice.
"""

import functools
import html
import re
from collections.abc import Callable

import ftfy
from ftfy.badness import is_bad

from footbridge.directory.cleaning.changes import Changes
from footbridge.directory.cleaning.tables import fold, table

LONGEST = 50_000  # characters of one text; what is longer is no text for people
CUT_AT = (254, 255)  # where exports of tables cut a text
_ROUNDS = 12
_REMEMBERED = 4_000  # characters: memory is bounded

# What no clean text has: one look decides for most texts that there is nothing to do.
_SUSPICIOUS = re.compile(
    r"[&<\\#\x00-\x09\x0b-\x1f\x7f-\xa0\u00ad\u00c2-\u00c5\u1680\u2000-\u200b\u2028-\u202f\u205f\u2060-\u2064\u3000\ud800-\udfff"
    r"\ufeff\ufff9-\uffff]"
)
_OTHER_LEAD = re.compile(r"[\u00c6-\u00f4][\u0080-\u00bf\u0152-\u017e\u0192\u02c6\u02dc\u2010-\u2122]")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_MOJIBAKE = re.compile(r"[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u017e\u0192\u02c6\u02dc\u2010-\u2122]|[\u0080-\u009f]")
_CONTROL = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u202d\u202e\u2060-\u2064\ud800-\udfff\ufeff\ufff9-\ufffc\ufffe\uffff]"
)
_LITERAL_BREAK = re.compile(r"(?<![A-Za-z]:)\\+r\\+n|(?<![A-Za-z]:)\\+[nr](?![a-z]{3,}\\)")
_SPACES = re.compile(r"[ \t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_EMPTY_LINES = re.compile(r"\n{3,}")
_BREAKS = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_MARK = re.compile(r"#{2,}\s*([A-Za-z]{1,12})\s*#{2,}")
_HREF = re.compile(r"""href\s*=\s*["']?\s*((?:https?://|mailto:)[^\s"'<>]+)""", re.IGNORECASE)
_ATTRIBUTES = r"""(?:"[^"]*"|'[^']*'|[^'"<>])*"""


@functools.cache
def _names(key: str) -> frozenset[str]:
    return frozenset(table("text")[key])


@functools.cache
def _elements() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Elements whose content goes, comments, whole tags, and a tag that was cut at the end of the text."""
    names = "|".join(sorted(map(re.escape, _names("elements")), key=len, reverse=True))
    gone = "|".join(_names("dropped"))
    return (
        re.compile(rf"<({gone})(?=[\s>/])[^<>]*>.*?</\1\s*>", re.IGNORECASE | re.DOTALL),
        re.compile(r"<!--.*?(?:-->|$)|<!(?:doctype|\[CDATA\[)[^<>]*>|\]\]>|<\?xml[^<>]*>", re.IGNORECASE | re.DOTALL),
        re.compile(rf"<(/?)({names})(?=[\s>/])(?:{_ATTRIBUTES}|[^<>]*)/?>", re.IGNORECASE),
        re.compile(rf"<(?:/?(?:{names})\s[^<>]*=[^<>]*|/(?:{names}))$", re.IGNORECASE),
    )


def _entities(text: str) -> str:
    return _ENTITY.sub(lambda match: html.unescape(match.group()), text) if "&" in text else text


def _markup(text: str) -> str:
    if "<" not in text:
        return text
    with_content, comments, tags, cut = _elements()
    text = comments.sub(" ", with_content.sub(" ", text))
    links: list[tuple[str, int]] = []

    def replaced(match: re.Match[str]) -> str:
        closing, name = match[1], match[2].lower()
        if name == "a":
            if not closing:
                link = _HREF.search(match.group())
                links.append((link[1].removeprefix("mailto:") if link else "", match.end()))
                return ""
            shown, start = links.pop() if links else ("", 0)
            return f" ({shown})" if shown and shown.rstrip("/") not in text[start : match.start()] else ""
        if name == "li":
            return "" if closing else "\n- "
        if name in {"td", "th"}:
            return " "
        return "\n" if name in _names("breaking") else ""

    return cut.sub("", tags.sub(replaced, text))


def _mojibake(text: str) -> str:
    if text.isascii() or not _MOJIBAKE.search(text) or not is_bad(text):
        return text
    return str(ftfy.fix_encoding(text))


def _control(text: str) -> str:
    return _CONTROL.sub("", text)


def _breaks(text: str) -> str:
    if "\\" in text:
        text = _LITERAL_BREAK.sub("\n", text)
    return _BREAKS.sub("\n", text)


def _marks(text: str) -> str:
    def replaced(match: re.Match[str]) -> str:
        day = table("text")["days"].get(match[1].upper())
        return f"\n{day}: " if day else "\n"

    return _MARK.sub(replaced, text) if "##" in text else text


def _spaces(text: str) -> str:
    text = _SPACES.sub(" ", text)
    lines = [line.strip() for line in text.split("\n")]
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip()


_STEPS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("text.mojibake", _mojibake),
    ("text.control", _control),
    ("text.entities", _entities),
    ("text.markup", _markup),
    ("text.line-breaks", _breaks),
    ("text.mark", _marks),
    ("text.spaces", _spaces),
)


def cleaned(text: str) -> tuple[str, tuple[str, ...]]:
    """The clean text, and the rules that changed it in the order in which they first did."""
    return _remembered(text) if len(text) <= _REMEMBERED else _cleaned(text)


def _cleaned(text: str) -> tuple[str, tuple[str, ...]]:
    rules: dict[str, None] = {}
    if len(text) > LONGEST:
        text = text[:LONGEST]
        rules["text.too-long"] = None
    for _ in range(_ROUNDS):
        before = text
        for rule, step in _STEPS:
            changed = step(text)
            if changed != text:
                rules[rule] = None
                text = changed
        if text == before or is_clean(text):
            return text, tuple(rules)
    # Made to last: markup inside of markup. Without its signs nothing of it is left.
    text = _spaces(_control(re.sub(r"[<>&\\#]", " ", text)))
    rules["text.markup"] = None
    return text, tuple(rules)


# The same short texts come again and again, and an agency's description stands in each of its sites.
_remembered = functools.lru_cache(maxsize=1_024)(_cleaned)


def is_clean(text: str) -> bool:
    """Whether one quick look shows that there is nothing to do."""
    if not text or len(text) > LONGEST or text[0].isspace() or text[-1].isspace() or "  " in text:
        return not text
    if _SUSPICIOUS.search(text) or ("\n" in text and ("\n\n\n" in text or "\n " in text or " \n" in text)):
        return False
    return text.isascii() or not _OTHER_LEAD.search(text)


def clean_text(value: str, changes: Changes, member: str) -> str:
    """A text of several lines."""
    if len(value) in CUT_AT and value[-1] not in ".!?)»”\"'…>":
        changes.note("text.cut", member, value[-60:], value[-60:])
    if is_clean(value):
        return value
    text, rules = cleaned(value)
    for rule in rules:
        changes.note(rule, member, value, text)
    if "\ufffd" in text:
        changes.note("text.lost-character", member, value, text)
    return text


def clean_line(value: str, changes: Changes, member: str) -> str:
    """A text of one line: a name, a town."""
    text = clean_text(value, changes, member)
    if "\n" in text:
        line = " ".join(part.removeprefix("- ") for part in text.split("\n") if part.strip())
        line, _ = cleaned(line)
        changes.note("text.one-line", member, text, line)
        return line
    return text


@functools.cache
def _placeholders() -> frozenset[str]:
    return frozenset(table("text")["placeholders"]["values"])


@functools.cache
def placeholder_members() -> frozenset[str]:
    """Members in which a placeholder stands for nothing."""
    return frozenset(table("text")["placeholder_members"])


def is_placeholder(text: str) -> bool:
    """Whether a text stands for nothing ("N/A", "None given")."""
    return len(text) < 20 and fold(text) in _placeholders()
