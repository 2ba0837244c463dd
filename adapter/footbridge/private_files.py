"""Files and folders that hold personal data: for the user of the process only, whatever the umask is.

A mode that is given when a file is made can only be narrowed by the umask, so that no other user can open the file in
between (https://pubs.opengroup.org/onlinepubs/9799919799/functions/open.html). What is there already keeps its mode:
others may rely on it. ``wide_modes`` finds it, for a warning. Windows has no such modes: nothing is found there.
"""

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

FILE_MODE = 0o600
FOLDER_MODE = 0o700
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class WideMode:
    """A file or folder that others than its owner may use.

    Attributes:
        path: where it is.
        mode: its permissions, in octal, such as ``0644``.
        command: that takes them from the others.
    """

    path: str
    mode: str
    command: str


def make_folder(path: Path) -> None:
    """Make a folder and its missing parents, each with ``FOLDER_MODE``. Raises OSError."""
    missing = []
    while not path.exists():
        missing.append(path)
        path = path.parent
    for folder in reversed(missing):
        folder.mkdir(mode=FOLDER_MODE, exist_ok=True)


def make_file(path: Path) -> bool:
    """Make an empty file with ``FILE_MODE``, unless it is there already; whether it was made. Raises OSError."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE_MODE))
    except FileExistsError:
        return False
    return True


def write_file(path: Path, content: bytes) -> None:
    """Write a new file with ``FILE_MODE``. Raises OSError, FileExistsError where there is one."""
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE_MODE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def wide_modes(paths: Iterable[Path]) -> list[WideMode]:
    """Those of the files and folders that are there and that others may use, folders for everybody (/tmp) excepted."""
    found = []
    for path in paths:
        try:
            mode = path.stat().st_mode
        except OSError:
            continue
        if os.name == "posix" and mode & _OTHERS and not mode & stat.S_ISVTX:
            found.append(WideMode(str(path), f"{stat.S_IMODE(mode):04o}", f"chmod go-rwx '{path}'"))
    return found
