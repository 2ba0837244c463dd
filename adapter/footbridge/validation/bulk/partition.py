"""The engine on a cluster: a function over partitions of lines, for Dask, Spark and Ray alike.

    lines = dask.bag.read_text("s3://exports/*.ndjson.gz", include_path=True)
    lines.map_partitions(CheckLines()).to_textfiles("s3://findings/*.ndjson.gz")

It is small to send, makes one validator in each process that runs it, and answers a line for each line, in order.
"""

import functools
import pickle
from collections.abc import Iterable

from footbridge.validation.bulk.checked import Item
from footbridge.validation.bulk.setup import Setup, check
from footbridge.validation.reports.lines import compact
from footbridge.validation.reports.record import record
from footbridge.validation.validator import Validator

Line = str | bytes | tuple[str, str]


class CheckLines:
    """Validates the resources of one partition: lines of NDJSON in, lines as of ``--format ndjson`` out.

    A line may come with the name of its file, as a pair (``dask.bag.read_text(..., include_path=True)``); that is its
    ``source`` then. Else it is the ``source`` given here with the line in the partition, ``export:7``; where none is
    given, ``-``. Empty lines are passed over. Lines of issues are counted in the resource, since nobody knows where in
    its file a partition begins.
    """

    def __init__(self, setup: Setup | None = None, *, source: str | None = None) -> None:
        self.setup = Setup() if setup is None else setup
        self.source = source

    def __call__(self, lines: Iterable[Line]) -> list[str]:
        """The findings of the partition, a line of JSON for each resource."""
        validator = _validator(pickle.dumps(self.setup))
        items = (_item(line, self._named(number)) for number, line in enumerate(lines, 1))
        return [compact(record(check(item, validator, self.setup.profiles))) for item in items if item is not None]

    def _named(self, number: int) -> str:
        return "-" if self.source is None else f"{self.source}:{number}"


def _item(line: Line, name: str) -> Item | None:
    text, source = line if isinstance(line, tuple) else (line, name)
    data = text.encode(errors="surrogatepass") if isinstance(text, str) else text
    return None if not data or data.isspace() else Item(source, data)


@functools.lru_cache(maxsize=4)
def _validator(packed: bytes) -> Validator:
    """The validator of a setup, once a process."""
    setup: Setup = pickle.loads(packed)  # noqa: S301 - this process packed it itself
    return setup.validator()
