"""The readers by the name of their form, and the one that files have."""

import importlib
from collections.abc import Sequence

from footbridge.directory.errors import DirectoryError
from footbridge.directory.files import SourceFile, head
from footbridge.directory.readers import Reader
from footbridge.directory.readers.seen import near_form, seen
from footbridge.i18n import _

READERS = {
    "airs": ("airs", "AirsReader"),
    "icarol-json": ("icarol_json", "ICarolReader"),
    "hsds-tabular": ("hsds_tabular", "HsdsTabularReader"),
    "csv": ("table", "TableReader"),
    "hsds-json": ("hsds_json", "HsdsJsonReader"),
}
"""Name of the form: module and class. In this order they are asked: the most particular first."""


def reader(form: str) -> Reader:
    """The reader of a form; raises DirectoryError for a form that is not read."""
    if form not in READERS:
        raise DirectoryError(
            _("The form {form!r} is not supported: use one of {forms}.", form=form, forms=", ".join(READERS))
        )
    module, name = READERS[form]
    made: Reader = getattr(importlib.import_module(f"footbridge.directory.readers.{module}"), name)()
    return made


def recognised(files: Sequence[SourceFile], where: str) -> Reader:
    """The reader whose form the files have; raises DirectoryError when none has it."""
    for form in READERS:
        one = reader(form)
        if one.recognises(files):
            return one
    if files and all(file.size == 0 for file in files):
        raise DirectoryError(_("{where}: is empty, 0 bytes. Get the whole file, or export it again.", where=where))
    if files and all(head(file).strip(b"\xef\xbb\xbf \t\r\n") in {b"[]", b"{}"} for file in files):
        raise DirectoryError(
            _("{where}: holds no service: its list is empty. Export it again if it should have some.", where=where)
        )
    _refuse_known(files[:3], where)
    near = next((text for file in files[:3] if (text := near_form(file)) is not None), None)
    if near is not None:
        raise DirectoryError(near)
    raise DirectoryError(
        _(
            "{where}: the form is not recognised. Seen: {seen}. Looked for: AIRS XML (element Source), JSON of iCarol "
            "or HSDS (services, organizations), tables of HSDS (services.csv with id and name), tables with the "
            "columns of iCarol, VisionLink or WellSky. Another table needs --mapping FILE: `footbridge directory "
            "columns FILE` proposes one. Else name the form with --format: {forms}.",
            where=where,
            seen="; ".join(seen(file) for file in files[:3]) or _("no file"),
            forms=", ".join(READERS),
        )
    )


def _refuse_known(files: Sequence[SourceFile], where: str) -> None:
    """Raise DirectoryError for what people take for a directory and is none, with what to do instead."""
    for begin in map(head, files):
        if begin.startswith(b"%PDF-"):
            raise DirectoryError(
                _("{where}: is a PDF, which is not supported. Export the directory as CSV, JSON or XML.", where=where)
            )
        if begin[257:262] == b"ustar":  # https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html
            raise DirectoryError(
                _("{where}: this kind of archive ({kind}) is not supported. Use zip or gzip.", where=where, kind="tar")
            )
        if begin.lstrip(b"\xef\xbb\xbf \t\r\n")[:14].lower().startswith((b"<!doctype html", b"<html")):
            raise DirectoryError(
                _(
                    "{where}: is a web page, not a directory: perhaps one that asks to sign in. Download the file "
                    "itself.",
                    where=where,
                )
            )
