"""211 codes in exports as attributes, and words that stand where codes belong as names.

A code is written by https://211hsis.org as a letter or two, then groups of digits. What does not look so never becomes
a code: ``{what:'RECREATION',why:'disability'}`` is words.
"""

import re
from typing import Any, Final

Row = dict[str, Any]

CODE: Final = re.compile(r"[A-Z]{1,2}(-[0-9]{4}(\.[0-9]{4}(-[0-9]{3}(\.[0-9]{2})?)?)?)?", re.IGNORECASE)
TAXONOMY: Final = "http://211hsis.org"

_FACET: Final = re.compile(r"\b(\w+)\s*:\s*'((?:[^'\\]|\\.|'(?!\s*(?:,|\}|$)))*)'")
_LIST: Final = re.compile(r"\s*[;,]\s*")


def attributes(codes: list[str], name: str | None = None, version: str | None = None) -> tuple[list[Row], list[str]]:
    """What one entry of a taxonomy says, as attributes; and the words in it that are no code.

    Args:
        codes: linked with each other: ``["BD-1800.2000", "YB-8000"]``; also ``A * B`` in one, or a list ``A; B``.
        name: of the first code.
        version: of the taxonomy.
    """
    if len(codes) == 1 and len(parts := _LIST.split(codes[0].strip(" ;,"))) > 1 and all(map(is_code, parts)):
        return [row for part in parts for row in attributes([part], None, version)[0]], []
    flat = [part.strip() for code in codes for part in (code.split("*") if is_code(code) else [code])]
    real = [code for code in flat if CODE.fullmatch(code)]
    words = [code for code in flat if code and not CODE.fullmatch(code)]
    rows: list[Row] = []
    if real:
        term: Row = {"code": real[0], "taxonomy": TAXONOMY, "name": name, "version": version}
        row: Row = {"link_entity": "service", "taxonomy_term": {key: one for key, one in term.items() if one}}
        rows.append({**row, "linked": real[1:]} if real[1:] else row)
    elif name and not words:
        rows.append({"link_entity": "service", "taxonomy_term": {"name": name}})
    return rows + [_words(raw) for raw in words], words


def is_code(text: str) -> bool:
    """Whether a text is a 211 code, or several linked with ``*``."""
    return all(CODE.fullmatch(part.strip()) for part in text.split("*"))


def _words(raw: str) -> Row:
    """Words as a name, with their keywords where they have facets."""
    pairs = [(facet, word.strip()) for facet, word in _FACET.findall(raw) if word.strip()]
    what = [word for facet, word in pairs if facet == "what"] or [word for _, word in pairs]
    row: Row = {"link_entity": "service", "taxonomy_term": {"name": "; ".join(what) or raw}, "value": raw}
    return {**row, "keywords": [word for _, word in pairs]} if pairs else row
