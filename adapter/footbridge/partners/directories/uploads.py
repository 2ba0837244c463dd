"""Files of a directory that a person sent in the portal: stored until their import has ended, then removed.

Each has a folder of its own, for the user of the process only. Processes on several hosts share the folder that
FOOTBRIDGE_UPLOAD_FOLDER names; on one host nothing has to be set.
"""

import re
import shutil
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Final

import platformdirs

from footbridge.private_files import make_folder
from footbridge.settings import settings

LONGEST_SECONDS: Final = 2 * 24 * 3600
"""After which a file is removed that nobody imported: the process that took it ended before it was queued."""

_ODD: Final = re.compile(r"[^A-Za-z0-9._-]+")


def keep(name: str, save: Callable[[Path], object]) -> Path:
    """Store what ``save`` writes, under the sender's name for it as far as that is safe. Raises OSError."""
    folder = _folder()
    make_folder(folder)
    _sweep(folder)
    place = folder / str(uuid.uuid4())
    make_folder(place)
    target = place / (_ODD.sub("_", name.replace("\\", "/").rpartition("/")[2])[-100:].lstrip(".") or "upload")
    try:
        save(target)
        target.chmod(0o600)
    except BaseException:
        discard(target)
        raise
    return target


def discard(file: Path) -> None:
    """Remove a stored file with its folder; what is gone already is no error."""
    if file.parent.parent == _folder():
        shutil.rmtree(file.parent, ignore_errors=True)


def _folder() -> Path:
    return settings().upload_folder or Path(platformdirs.user_data_dir("footbridge", appauthor=False)) / "uploads"


def _sweep(folder: Path) -> None:
    for one in folder.iterdir():
        if one.is_dir() and time.time() - one.stat().st_mtime > LONGEST_SECONDS:
            shutil.rmtree(one, ignore_errors=True)
