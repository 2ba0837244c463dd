"""``footbridge demo``: ``scenes`` are played on a ``stage`` (``play``), watched (``watch``) and proved (``proof``)."""

from footbridge.cli.demo.command import command

__all__ = ["command"]
