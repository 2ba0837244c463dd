"""A file that a command writes: whole, or as it was before. ``-`` is standard output."""

import io
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from footbridge.errors import ConfigurationError
from footbridge.i18n.eager import _

OUTPUT = "-"


def check_writable(target: Path) -> None:
    """Raise ConfigurationError where a file cannot be: before a long run, not after it."""
    if str(target) != OUTPUT and (target.is_dir() or not target.absolute().parent.is_dir()):
        raise ConfigurationError(
            _("{target} cannot be a file: its folder is missing, or it is a folder itself.", target=target)
        )


@contextmanager
def whole_file(target: Path) -> Iterator[BinaryIO]:
    """A stream whose bytes become the file when the block ends well; what stood there is replaced, or stays.

    A device or a pipe is written to at once. Raises ConfigurationError as ``check_writable``, OSError.
    """
    check_writable(target)
    if str(target) == OUTPUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    there = target.resolve()  # a link stays one
    if there.exists() and not there.is_file():
        with there.open("wb") as stream:
            yield stream
        return
    part = there.with_name(f".{there.name}.{os.getpid()}.part")
    try:
        part.unlink(missing_ok=True)
        stream = part.open("xb")
    except OSError as failed:
        raise OSError(failed.errno, failed.strerror, str(target)) from None
    try:
        with stream:
            yield stream
        if there.exists():
            shutil.copymode(there, part)
        part.replace(there)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def whole_text(target: Path, encoding: str = "utf-8") -> Iterator[TextIO]:
    """The same for text, whose line ends are written as they are."""
    with whole_file(target) as stream:
        text = io.TextIOWrapper(stream, encoding=encoding, newline="", write_through=True)
        try:
            yield text
        finally:
            text.detach()
