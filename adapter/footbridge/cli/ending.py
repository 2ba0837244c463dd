"""Ends a command that goes on until somebody stops it: Ctrl-C, SIGTERM and the end of its terminal are one."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_ENDING = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP


class Ending:
    """Whether somebody asked the command to end.

    A signal raises KeyboardInterrupt where the command is. Where that is a place that Python lets no exception out of
    (a finalizer, a callback of the garbage collector), it is printed and lost, see
    https://docs.python.org/3/library/sys.html#sys.unraisablehook. So it is kept here too; ``pause`` raises it again.
    """

    def __init__(self) -> None:
        self._asked = False

    def ask(self, _number: int, _frame: FrameType | None) -> None:
        """Handle a signal."""
        self._asked = True
        raise KeyboardInterrupt

    def check(self) -> None:
        """Raise KeyboardInterrupt where it was asked for."""
        if self._asked:
            raise KeyboardInterrupt

    def pause(self, seconds: float) -> None:
        """Sleep so long; raises KeyboardInterrupt where the end was asked for, now or before."""
        self.check()
        time.sleep(seconds)
        self.check()


@contextmanager
def ended_by_signals() -> Iterator[Ending]:
    """Let each of these signals raise KeyboardInterrupt inside the block, so that all that it opened is closed.

    A loop inside the block sleeps by ``pause`` of what it gets, so that no signal is lost. SIGHUP stays ignored where
    it was, as under ``nohup``.
    """
    ending = Ending()
    before = {}
    for name in _ENDING:
        number = getattr(signal, name, None)
        if number is None or (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
            continue
        before[number] = signal.signal(number, ending.ask)
    try:
        yield ending
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
