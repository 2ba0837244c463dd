"""The command ``footbridge``: one command a file, loaded when it is called."""

from footbridge.cli.root import main

__all__ = ["main"]
