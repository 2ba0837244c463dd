"""Makes plain text of the HTML in Ocean's notes and forms: no markup, no script, entities decoded once.

nh3 (the HTML5 parser and cleaner Ammonia) takes away all but block elements and bold text, and writes these in one
form; what is left is turned into lines. A sign that opens no tag (``BP < 140``) stays.
"""

import html
import re
from dataclasses import dataclass, field
from typing import Final

import nh3

BLOCKS: Final = frozenset({
    "address", "article", "aside", "blockquote", "br", "center", "dd", "div", "dl", "dt", "fieldset",
    "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p",
    "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
BOLD: Final = frozenset({"b", "strong"})
LISTS: Final = frozenset({"ul", "ol", "dl", "table", "tbody"})
CELLS: Final = frozenset({"td", "th"})
DROPPED: Final = frozenset({"script", "style", "template", "noscript", "iframe", "object", "svg", "math", "title"})

_MARKUP: Final = re.compile(r"<[A-Za-z/!?][^<>]*>")
_OPENS_NOTHING: Final = re.compile(r"<(?![A-Za-z/!?][^<>]*>)")
_TAG: Final = re.compile(r"<(/?)([a-z0-9]+)[^>]*>")
_HEADING: Final = re.compile(r"<(b|strong)>\s*([^<>]{1,80}?)\s*(:?)\s*</\1>\s*(:?)")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")
_ENTITY: Final = re.compile(r"&(#\d{1,7}|#x[0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_MARK: Final = "\x01"


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a text under its heading; ``heading`` None before the first."""

    heading: str | None
    text: str = field(repr=False)


def plain(written: str) -> str:
    """The text of a string that may hold HTML; empty where nothing is left."""
    joined = "\n".join(
        f"{part.heading}: {part.text}".rstrip() if part.heading else part.text for part in sections(written)
    )
    return _tidy(joined)


def sections(written: str) -> list[Section]:
    """The text in its parts: a bold text that ends with a colon is a heading."""
    lines = _lines(written)
    first, *rest = lines.split(_MARK)
    found = [Section(None, text)] if (text := _tidy(first)) else []
    for heading, body in zip(rest[::2], rest[1::2], strict=False):
        found.append(Section(_tidy(heading), _tidy(body)))
    return found


def clean(written: str) -> str:
    """A string without control characters, which no text may hold; blanks around it removed."""
    return _CONTROL.sub("", written.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _lines(written: str) -> str:
    """The text with a line a block; headings are between marks."""
    source = clean(written).replace(_MARK, "")
    last = source.rfind("-->")
    if not _MARKUP.search(source) and not 0 <= source.find("<!--") < last:
        return _CONTROL.sub("", _ENTITY.sub(lambda found: html.unescape(found.group()), source))
    safe = nh3.clean(
        _OPENS_NOTHING.sub(lambda found: _kept(found, source, last), source),
        tags=set(BLOCKS | BOLD),
        clean_content_tags=set(DROPPED),
        attributes={},
        strip_comments=True,
    )
    safe = _CONTROL.sub("", safe)  # entities may stand for control characters, and for our mark
    if any(name in BLOCKS for _slash, name in _TAG.findall(safe)):
        safe = " ".join(safe.split())
    marked = _HEADING.sub(_marked, safe)
    return html.unescape(_TAG.sub(_broken, marked))


def _kept(found: "re.Match[str]", source: str, last: int) -> str:
    """A sign that opens no tag is text, unless it opens a comment that ends."""
    return "<" if source.startswith("<!--", found.start()) and found.start() < last else "&lt;"


def _marked(found: "re.Match[str]") -> str:
    heading = found.group(2)
    return f"{_MARK}{heading}{_MARK}" if heading and (found.group(3) or found.group(4)) else found.group()


def _broken(found: "re.Match[str]") -> str:
    closes, name = found.groups()
    if name in BOLD:
        return ""
    if name in CELLS:
        return " "
    if name == "li":
        return "" if closes else "\n- "
    return "" if (closes and name == "tr") or (not closes and name in LISTS) else "\n"


def _tidy(text: str) -> str:
    """Blanks evened within lines, no more than one empty line between two, no dash without words."""
    rows = [" ".join(row.split()) for row in text.replace("\xa0", " ").split("\n")]
    kept: list[str] = []
    for row in rows:
        shown = "" if row == "-" else row
        if shown or (kept and kept[-1]):
            kept.append(shown)
    return "\n".join(kept).strip()
