"""``ndjson``: a line of JSON for each resource, in the order of the input."""

from collections.abc import Iterable, Iterator

from footbridge.validation.bulk.checked import Checked
from footbridge.validation.reports.lines import compact
from footbridge.validation.reports.record import record
from footbridge.validation.reports.shape import USUAL, Shape


def write(results: Iterable[Checked], _: Shape = USUAL) -> Iterator[str]:
    """A line for each result."""
    for checked in results:
        yield compact(record(checked)) + "\n"
