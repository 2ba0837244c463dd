"""The process that opens one spreadsheet: it writes each sheet as lines of JSON, and ends when it needs much memory.

A small file can ask for a table of billions of cells (one cell far to the right and below, a text that a million cells
share). The library that reads spreadsheets builds the whole table, and where there is no memory for it, it ends the
process that it runs in: therefore one of its own, with a limit. ``footbridge.directory.readers.sheets`` starts it.

``python -m footbridge.directory.readers.sheet_process FILE FOLDER``: ``FOLDER/names.json`` gets the sheets' names,
``FOLDER/0.jsonl`` the filled rows of the first, each ``[row, [cells]]``.
"""

import contextlib
import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any, Final

from python_calamine import load_workbook

from footbridge.directory.readers.text import without_control

MEMORY: Final = 256 * 1024**2  # bytes beside what the process had at its start
INVALID: Final = 3  # exit code: no spreadsheet
CELL: Final = 4_000_000  # characters of a cell; a longer one is given as its length


def main(location: str, folder: str) -> int:
    """Write the sheets of a file; the exit code is 0, or ``INVALID``."""
    _limit()
    try:
        workbook = load_workbook(location)
        names = list(workbook.sheet_names)
        for at, name in enumerate(names):
            with Path(folder, f"{at}.jsonl").open("w", encoding="utf-8") as target:
                for number, values in enumerate(workbook.get_sheet_by_name(name).iter_rows(), 1):
                    cells = [cell(value) for value in values]
                    if any(cells):
                        target.write(json.dumps([number, cells]) + "\n")
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - the library has errors of many kinds; each means that it cannot read the file
        return INVALID
    Path(folder, "names.json").write_text(json.dumps(names), "utf-8")
    return 0


def _limit() -> None:
    """Bound this process, where the system can (https://man7.org/linux/man-pages/man2/getrlimit.2.html)."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - Windows has none

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def cell(value: Any) -> str | int:  # noqa: ANN401 - whatever the library gives
    """A cell's value as text: whole numbers without a point, dates as YYYY-MM-DD; its length where it is too long."""
    if isinstance(value, str):
        return without_control(value) if len(value) <= CELL else len(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat()
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return without_control(str(value))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
