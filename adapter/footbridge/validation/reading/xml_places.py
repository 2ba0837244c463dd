"""Finds the lines of elements in an XML tree. Only asked for issues; the children of an element are sorted once."""

from lxml import etree

from footbridge.validation.reading.document import Place
from footbridge.validation.reading.expressions import steps

Rows = dict[str, list[etree._Element]]  # noqa: SLF001 - the type of elements has no other name


class XmlPlaces:
    """The places in one tree."""

    def __init__(self, root: etree._Element) -> None:
        self._root = root
        self._children: dict[etree._Element, Rows] = {}

    def locate(self, expression: str) -> Place:
        """The line of the element, or of the nearest one above it that is there."""
        at = self._root
        for step in steps(expression):
            rows = self._rows(at).get(step.name, ())
            index = step.at or 0
            if index >= len(rows):
                break
            at = rows[index]
            if step.name in {"contained", "resource"} and len(at) == 1:
                at = at[0]
        return Place(line_of(at), 0)

    def _rows(self, element: etree._Element) -> Rows:
        """The children of an element by their names."""
        if element not in self._children:
            rows: Rows = {}
            for row in element:
                if is_element(row):
                    rows.setdefault(etree.QName(row).localname, []).append(row)
            self._children[element] = rows
        return self._children[element]


def is_element(node: etree._Element) -> bool:
    """Whether a node is an element, and no comment, processing instruction or entity."""
    tag: object = node.tag
    return isinstance(tag, str)


def line_of(node: etree._Element) -> int:
    """The line that an element starts in; 1 where it is not known."""
    line: object = node.sourceline
    return line if isinstance(line, int) else 1
