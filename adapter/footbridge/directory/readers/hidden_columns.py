"""Columns that say of others that they are not for the public, which no mapping names: ``EmailAddressMainIsPrivate``.

A mapping that names such a flag withholds the value, so that it is taken out of other texts too. Of a flag that it
does not name, the cells that the flag is about are not read at all.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from footbridge.directory.readers import shapes
from footbridge.directory.readers.column_mapping import TableSpec, folded
from footbridge.directory.readers.hsds_types import table

_FLAG = re.compile(
    r"(?P<stem>.{3,}?)[\s_-]*(?:Is[\s_-]*)?(?:Private|Confidential|Unlisted|Hidden|NotPublic|Confidentiel|Priv[ée])e?",
    re.IGNORECASE,
)


def hiding_columns(columns: Sequence[str], spec: TableSpec) -> dict[str, list[str]]:
    """Each such flag of a table, with the columns that it is about."""
    named = [re.escape(folded(text)).replace(r"\{\}", ".{1,30}") for text in texts_of(spec.model_dump())]
    known = re.compile("|".join(named) or r"(?!)")
    found = {}
    for column in columns:
        match = _FLAG.fullmatch(column)
        if match is None or known.fullmatch(folded(column)):
            continue
        stem = match["stem"].removesuffix("Address") or match["stem"]
        about = [name for name in columns if name != column and name.startswith(stem) and not _FLAG.fullmatch(name)]
        if about:
            found[column] = about
    return found


def without_hidden(cells: Mapping[str, str], flags: Mapping[str, Sequence[str]]) -> Mapping[str, str]:
    """The cells of a row without those that a flag hides; a word that is no clear no hides."""
    gone = {
        name
        for flag, about in flags.items()
        if flag in cells and shapes.truth(table(), cells[flag]) is not False
        for name in about
    }
    return {name: cell for name, cell in cells.items() if name not in gone} if gone else cells


def texts_of(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON
    """Each text of a part of a mapping: names of columns, and other words."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for entry in value.values():
            yield from texts_of(entry)
    elif isinstance(value, (list, tuple)):
        for entry in value:
            yield from texts_of(entry)
