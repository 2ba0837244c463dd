"""The sheets of a spreadsheet (xlsx, xlsm, xlsb, xls, ods), as rows of text; read in a process with bounded memory.

``sheets`` copies the file to a folder that only this user can read, has ``sheet_process`` write its rows there, and
gives them one by one. The folder is removed when all are given.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from footbridge.directory import archives
from footbridge.directory.errors import DirectoryError
from footbridge.directory.files import SourceFile
from footbridge.directory.readers import sheet_process
from footbridge.i18n import _

SHEET_ENDINGS: Final = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_SIZE: Final = 256 * 1024**2  # bytes of a file
_COLUMNS: Final = 5_000  # a vendor's widest export has some hundred
Rows = Iterator[tuple[int, list[str]]]


def sheets(file: SourceFile) -> Iterator[tuple[str, Rows]]:
    """Each sheet's name, and its filled rows with their numbers from 1; to be read before the next sheet.

    Raises:
        DirectoryError: it is no spreadsheet, is too large, or unsafe; says how to correct it.
    """
    if (file.size or 0) > _SIZE:
        raise DirectoryError(
            _(
                "{name}: is larger than {sheet_size:,} bytes. Save it as CSV and import that.",
                name=file.name,
                sheet_size=_SIZE,
            )
        )
    with tempfile.TemporaryDirectory(prefix="footbridge-sheets-") as folder:
        for at, name in enumerate(_opened(file, Path(folder))):
            yield name, _rows(file, name, Path(folder, f"{at}.jsonl"))


def _opened(file: SourceFile, folder: Path) -> list[str]:
    """The names of the sheets, whose rows are in the folder now."""
    location = folder / f"book.{file.name.rsplit('.', 1)[-1].lower()}"
    with file.open() as stream, location.open("wb") as target:
        shutil.copyfileobj(stream, target, 1024**2)
    archives.check_spreadsheet(location, file.name)
    ended = subprocess.run(  # noqa: S603 - our own module, found where this process finds it
        [sys.executable, "-P", "-m", sheet_process.__name__, str(location), str(folder)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    location.unlink()
    if ended.returncode == sheet_process.INVALID:
        raise DirectoryError(_("{name}: cannot be read as a spreadsheet. Save it again, or as CSV.", name=file.name))
    if ended.returncode:
        raise DirectoryError(
            _(
                "{name}: takes more than {most} MB of memory to open. Delete what is far to the right of the table or "
                "below it, or save it as CSV and import that.",
                name=file.name,
                most=sheet_process.MEMORY // 1024**2,
            )
        )
    names: list[str] = json.loads((folder / "names.json").read_text("utf-8"))
    return names


def _rows(file: SourceFile, sheet: str, location: Path) -> Rows:
    path = f"{file.name}/{sheet}"
    with location.open(encoding="utf-8") as lines:
        for line in lines:
            number, cells = json.loads(line)
            if len(cells) > _COLUMNS and any(cells[_COLUMNS:]):
                raise DirectoryError(
                    _(
                        "{name}: row {row} has {count:,} cells. A table of a directory has at most {most:,} columns: "
                        "check how the file was exported.",
                        name=path,
                        row=number,
                        count=len(cells),
                        most=_COLUMNS,
                    )
                )
            if any(isinstance(cell, int) for cell in cells):
                raise DirectoryError(
                    _(
                        "{name}: row {row} has a cell of more than {most:,} characters. No record of a directory is "
                        "that large: correct that cell.",
                        name=path,
                        row=number,
                        most=sheet_process.CELL,
                    )
                )
            yield number, cells[:_COLUMNS]
