"""``json``: one list, a row for each resource, with the members that the lines of ``ndjson`` have."""

from collections.abc import Iterable, Iterator

from footbridge.validation.bulk.checked import Checked
from footbridge.validation.reports.lines import compact
from footbridge.validation.reports.record import record
from footbridge.validation.reports.shape import USUAL, Shape


def write(results: Iterable[Checked], _: Shape = USUAL) -> Iterator[str]:
    """The list, a row a line."""
    before = "[\n"
    for checked in results:
        yield before + compact(record(checked))
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"
