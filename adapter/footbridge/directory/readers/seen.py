"""What a file that no reader recognises holds, in a few words; and the vendor's table that it nearly is."""

import re
from typing import Final

from footbridge.directory.errors import DirectoryError
from footbridge.directory.files import SourceFile, head
from footbridge.directory.readers import delimited
from footbridge.directory.readers.column_mapping import ColumnMapping, TableSpec, folded, shipped
from footbridge.directory.readers.hidden_columns import texts_of
from footbridge.i18n import _

_NEAR: Final = 0.7  # of a table's columns are those of a vendor
_MOST: Final = 8  # names that are told
_MEMBER: Final = re.compile(rb'"([A-Za-z_@$][\w .-]{0,40})"\s*:')
_ELEMENT: Final = re.compile(rb"<([A-Za-z_][\w:.-]{0,60})")


def seen(file: SourceFile) -> str:
    """A file's name, and the names of its columns, members or root element; none of its values."""
    name = file.name
    begin = head(file).removeprefix(b"\xef\xbb\xbf").lstrip()
    if delimited.is_table(file):
        columns = _columns(file)
        if len(columns) > 1:
            return _("{name}, a table with the columns {columns}", name=name, columns=_told(columns))
    if begin[:1] in {b"{", b"["}:
        members = dict.fromkeys(found.decode("ascii", "replace") for found in _MEMBER.findall(begin))
        return _("{name}, JSON with the members {members}", name=name, members=_told(list(members)) or "-")
    if begin[:1] == b"<" and (element := _ELEMENT.search(begin)) is not None:
        return _("{name}, XML with the element {element}", name=name, element=element[1].decode("ascii"))
    return name


def near_form(file: SourceFile) -> str | None:
    """That a table has nearly the columns of a vendor's, and which ones differ; None where it has not."""
    if not delimited.is_table(file):
        return None
    columns = {folded(name): name for name in _columns(file)}
    best: tuple[float, ColumnMapping, TableSpec] | None = None
    for mapping in shipped():
        for spec in mapping.tables:
            share = len(columns.keys() & _known(spec)) / max(len(columns), 1)
            if share >= _NEAR and (best is None or share > best[0]):
                best = (share, mapping, spec)
    if best is None:
        return None
    _share, mapping, spec = best
    lacking = [name for name in spec.recognise if folded(name) not in columns]
    other = [name for key, name in columns.items() if key not in _known(spec)]
    return _(
        "{file} has nearly the columns of {mapping}. It lacks {lacking}, by which they are recognised; not known are "
        "{other}. Rename these columns in the file. Otherwise it needs --mapping FILE: `footbridge directory columns "
        "FILE` proposes one.",
        file=file.name,
        mapping=mapping.name,
        lacking=_told(lacking) or "-",
        other=_told(other) or "-",
    )


def _columns(file: SourceFile) -> list[str]:
    try:
        return max(delimited.columns(file), key=len, default=[])
    except DirectoryError:
        return []


def _known(spec: TableSpec) -> set[str]:
    return {folded(text) for text in texts_of(spec.model_dump())} | {folded(name) for name in spec.ignore}


def _told(names: list[str]) -> str:
    return ", ".join(names[:_MOST]) + (" ..." if len(names) > _MOST else "")
