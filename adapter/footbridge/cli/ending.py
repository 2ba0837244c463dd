"""Ends a command that goes on until somebody stops it: Ctrl-C, SIGTERM and the end of its terminal are one."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

_ENDING = ("SIGINT", "SIGTERM", "SIGHUP")  # Windows has no SIGHUP


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """Let each of these signals raise KeyboardInterrupt inside the block, so that all that it opened is closed.

    SIGHUP stays ignored where it was, as under ``nohup``.
    """
    before = {}
    for name in _ENDING:
        number = getattr(signal, name, None)
        if number is None or (name == "SIGHUP" and signal.getsignal(number) is signal.SIG_IGN):
            continue
        before[number] = signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
