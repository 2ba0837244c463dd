"""What is told when a command fails: lines for standard error and an exit code, never a traceback.

Exit codes: 0 done; 1 the document or the request was refused; 2 the command could not run; 130 interrupted by Ctrl-C;
141 nobody reads the output any more (as after ``| head``).
"""

import os
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path

from footbridge.errors import (
    ConflictError,
    FootbridgeError,
    LifecycleError,
    MappingFault,
    NotFoundError,
    PrescriptionError,
)
from footbridge.model.issues import Issue

REFUSED, CANNOT_RUN, INTERRUPTED, NO_READER = 1, 2, 130, 141
_REFUSALS = (PrescriptionError, ConflictError, LifecycleError, NotFoundError)
_OURS = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Failure:
    """How a failed command ends."""

    lines: tuple[str, ...]
    exit_code: int


def explain(error: BaseException) -> Failure:
    """The lines and the exit code for an exception; they hold no personal data."""
    match error:
        case KeyboardInterrupt():
            return Failure(("Interrupted.",), INTERRUPTED)
        case BrokenPipeError():
            return Failure((), NO_READER)
        case PrescriptionError() | MappingFault():
            exit_code = REFUSED if isinstance(error, PrescriptionError) else CANNOT_RUN
            return Failure((*map(_line, error.issues), f"Error: {error}"), exit_code)
        case FootbridgeError():
            return Failure((f"Error: {error}",), REFUSED if isinstance(error, _REFUSALS) else CANNOT_RUN)
        case OSError():
            what = f"{error.filename}: " if error.filename is not None else ""
            return Failure((f"Error: {what}{error.strerror or type(error).__name__}.",), CANNOT_RUN)
        case _:
            return Failure((_of_database(error) or _of_a_bug(error),), CANNOT_RUN)


def close_output() -> None:
    """Let nothing more be written to an output that nobody reads (Python's end would try, and complain)."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _line(issue: Issue) -> str:
    where = issue.pointer or issue.expression
    return f"{issue.severity}: {f'{where}: ' if where else ''}{issue.message}"


def _of_database(error: BaseException) -> str | None:
    """The sentence for an error of the database; None for any other."""
    from sqlalchemy.exc import (  # noqa: PLC0415 - slow to import, and seldom needed
        DatabaseError,
        DBAPIError,
        InterfaceError,
        OperationalError,
        SQLAlchemyError,
    )

    if not isinstance(error, SQLAlchemyError):
        return None
    # Other kinds (a constraint, a value) quote the row that they are about.
    safe = type(error) in {OperationalError, InterfaceError, DatabaseError}
    said = str(error.orig).strip().splitlines()[:1] if safe and isinstance(error, DBAPIError) else []
    reason = said[0].rstrip(".") if said else type(error).__name__
    return f"Error: The database cannot be used: {reason}. FOOTBRIDGE_DATABASE_URL is its address."


def _of_a_bug(error: BaseException) -> str:
    """The sentence for what should not happen: its kind and place in our code, not its text."""
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(_OURS)
    ]
    place = f" in {Path(frames[-1].filename).relative_to(_OURS)}, line {frames[-1].lineno}" if frames else ""
    return (
        f"Error: Internal error: {type(error).__name__}{place}. "
        "`footbridge --traceback COMMAND` shows more, maybe including a person's data."
    )
