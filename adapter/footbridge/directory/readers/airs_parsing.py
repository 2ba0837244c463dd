"""Parses AIRS XML as a stream of events, and drops what was read.

No document type declaration is there (``airs_text`` refuses it), no entity is resolved and no network is used; the
parser's own bounds stay: a depth of 256, 10 MB for one text. An element is removed from its parent only when a later
sibling has begun, for the parser may still be writing behind it.
"""

import contextlib
import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from lxml import etree

from footbridge.directory.errors import DirectoryError
from footbridge.directory.files import SourceFile
from footbridge.directory.readers.airs_elements import Element, empty, line_of, local
from footbridge.directory.readers.airs_text import CleanXml
from footbridge.i18n import _

if TYPE_CHECKING:
    from footbridge.directory.readers.airs_records import Scope

LARGE: Final = 1_000_000  # bytes of an agency or site
ATTRIBUTES: Final = 500  # of one element; the standards have ten at most
_TOO_MANY: Final = etree.XPath(f"boolean(descendant-or-self::*[@*[{ATTRIBUTES + 1}]])")
_TAGS: Final = tuple(
    f"{{*}}{name}" for name in ("Source", "Agency", "AgencyLocation", "Site", "Service", "SiteService", "ServiceGroup")
)
_PARTS: Final = frozenset({"Agency", "AgencyLocation", "Site", "SiteService", "Service"})


@dataclass(slots=True)
class Open:
    """An agency or site under way.

    ``index``: its place among those of what is directly in Source. ``ended``: parts of it that have ended and were not
    given yet. ``scope`` and ``skeleton`` (itself without its parts) are set when it is read part by part.
    """

    element: Element
    index: int
    scope: "Scope | None" = None
    skeleton: Element | None = None
    ended: list[Element] = field(default_factory=list)
    last: Element | None = None  # that was dropped, and is still there as an empty element


def events(clean: CleanXml, name: str) -> Iterator[tuple[str, Element]]:
    """Start and end of each element that makes a record, and of the root; raises DirectoryError for broken XML."""
    parser = etree.iterparse(
        clean,
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        tag=_TAGS,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )
    try:
        for event, element in parser:
            if event == "end" and _TOO_MANY(element):
                raise DirectoryError(
                    _(
                        "{name}: line {line}: an element here has more than {most} attributes. This is not a "
                        "directory: export it again.",
                        name=name,
                        line=line_of(element),
                        most=ATTRIBUTES,
                    )
                )
            yield event, element
    except etree.XMLSyntaxError as error:
        raise DirectoryError(_broken(error, name)) from error


def drop(element: Element, around: Open, clean: CleanXml) -> None:
    """Empty a part that was given, and remove the one before it."""
    empty(element)
    if around.last is not None:
        around.element.remove(around.last)
    around.last = element
    clean.mark()


def skeletons(file: SourceFile, ordinal: int, wanted: set[int]) -> dict[int, Element]:
    """Agencies and sites of the part with this number in Source, without their parts: those wanted, and large ones."""
    found: dict[int, Element] = {}
    stack: list[tuple[Open, int]] = []
    seen = index = 0
    with contextlib.closing(CleanXml(file)) as clean:
        for event, element in events(clean, file.name):
            parent, name = element.getparent(), local(element)
            if parent is None:
                continue
            is_container = name in {"Agency", "AgencyLocation", "Site"}
            if event == "start":
                if not stack and parent.getparent() is None:
                    seen, index = seen + 1, 0
                if is_container:
                    stack.append((Open(element, index), clean.given))
                    index += 1
                continue
            if is_container:
                opened, begun = stack.pop()
                if seen == ordinal and (opened.index in wanted or clean.given - begun > LARGE // 2):
                    found[opened.index] = copy.deepcopy(element)
            if stack and name in _PARTS and parent is stack[-1][0].element:
                drop(element, stack[-1][0], clean)
            elif not stack and parent.getparent() is None:
                if seen == ordinal:
                    return found
                clean.mark()
                empty(element)
                while (before := element.getprevious()) is not None:
                    parent.remove(before)
    return found


def _broken(error: etree.XMLSyntaxError, name: str) -> str:
    line, column = error.position
    return _(
        "{name} is not well-formed XML: line {line}, column {column}: {error}. "
        "Nothing was read from it. Export it again, or correct that place: a file that was cut off ends there.",
        name=name,
        line=line,
        column=column,
        error=error.msg.split(chr(10))[0],
    )
