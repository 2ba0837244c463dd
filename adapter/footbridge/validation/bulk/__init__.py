"""Validates many documents as a stream: files, folders, NDJSON, standard input; in one process or in several.

    >>> from footbridge.validation.bulk import Setup, check_all, documents
    >>> for checked in check_all(documents(["export.ndjson.gz"]), Setup(), jobs=2):  # doctest: +SKIP
    ...     print(checked.source, checked.outcome.valid)

Results come in the order of the input, and no more of it is held than the workers have in hand.
"""

from footbridge.validation.bulk.checked import Checked, Item
from footbridge.validation.bulk.inputs import STDIN, TOO_LARGE, documents, files, read_definitions
from footbridge.validation.bulk.run import check_all
from footbridge.validation.bulk.setup import Setup

__all__ = [
    "STDIN",
    "TOO_LARGE",
    "Checked",
    "Item",
    "Setup",
    "check_all",
    "documents",
    "files",
    "read_definitions",
]
