"""Values between XML and JSON: attributes to scalars and back, XHTML to text."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from lxml import etree

WHOLE = frozenset({"integer", "unsignedInt", "positiveInt"})
_WHOLE = re.compile(r"-?(0|[1-9]\d{0,18})\Z", re.ASCII)
_DECIMAL = re.compile(r"-?(0|[1-9]\d{0,30})(\.\d{1,40})?([eE][+-]?\d{1,3})?\Z", re.ASCII)


def scalar(text: str, kind: str) -> Any:  # noqa: ANN401 - JSON is any value
    """An attribute's text as the JSON scalar of a type; text that does not fit stays text, for the rules to refuse."""
    if kind == "boolean" and text in {"true", "false"}:
        return text == "true"
    if kind in WHOLE and _WHOLE.match(text):
        return int(text)
    if kind == "decimal" and _DECIMAL.match(text):
        try:
            return Decimal(text)
        except InvalidOperation:
            return text
    return text


def xhtml_text(element: etree._Element) -> str:
    """A narrative's div as text."""
    copied = etree.fromstring(etree.tostring(element, with_tail=False))
    etree.cleanup_namespaces(copied)
    return etree.tostring(copied, encoding="unicode")


def attribute(value: Any) -> str:  # noqa: ANN401 - JSON is any value
    """A JSON scalar as an attribute's text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) and value == value.to_integral_value() else str(value)
