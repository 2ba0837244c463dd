"""Writes what a validation found, one format a file. Every format takes results one by one and gives text as it goes.

>>> from footbridge.validation.reports import report
>>> write = report("ndjson")
>>> for text in write(results):  # doctest: +SKIP
...     print(text, end="")
"""

import importlib
from collections.abc import Callable, Iterable, Iterator

from footbridge.validation.bulk.checked import Checked
from footbridge.validation.reports.shape import USUAL, Shape

Write = Callable[[Iterable[Checked]], Iterator[str]]

FORMATS = {
    "text": "text",
    "json": "json_list",
    "ndjson": "ndjson",
    "operationoutcome": "operation_outcome",
    "sarif": "sarif",
    "junit": "junit",
    "csv": "table",
}
"""Name of a format: the module here that writes it."""


def report(name: str, shape: Shape = USUAL) -> Write:
    """The writer of a format of ``FORMATS``: results in, text out, in pieces."""
    module = importlib.import_module(f"footbridge.validation.reports.{FORMATS[name]}")
    write: Callable[[Iterable[Checked], Shape], Iterator[str]] = module.write
    return lambda results: write(results, shape)
