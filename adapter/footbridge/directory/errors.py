"""What goes wrong with a source or a search of the directory; the tree stands in ``footbridge.errors``."""

from footbridge.errors import FootbridgeError


class DirectoryError(FootbridgeError):
    """A source cannot be read, or not safely: says what is wrong, where, and how to mend it."""
