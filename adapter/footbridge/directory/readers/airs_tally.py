"""Findings of a file that are reported once with a count, and those of one record.

A place is written as ``file: element``; a count comes after what was found.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from footbridge.directory.records import FOUND_LENGTH, Finding, Kind


@dataclass(slots=True)
class _Row:
    path: str
    line: int | None
    count: int = 0


@dataclass(slots=True)
class Tally:
    """Collects the findings of one file: ``now`` holds those of the record under way."""

    file: str
    now: list[Finding] = field(default_factory=list)
    _rows: dict[tuple[str, str], _Row] = field(default_factory=dict)

    def count(self, rule: str, found: str, line: int | None, times: int = 1) -> None:
        """One more of a kind that is reported at the end, once."""
        row = self._rows.setdefault((rule, found), _Row(self.file, line))
        row.count += times

    def report(
        self,
        rule: str,
        line: int | None,
        owner: tuple[Kind, str] | None = None,
        *,
        member: str | None = None,
        found: str | None = None,
        done: str | None = None,
    ) -> None:
        """One finding at a line, of a record where ``owner`` names it."""
        kind, native_id = owner or (None, None)
        self.now.append(
            Finding(rule, self.file, line, kind, native_id, member, shortened(found), shortened(done)),
        )

    def taken(self) -> list[Finding]:
        """The findings of the record under way, which are then forgotten."""
        found, self.now = self.now, []
        return found

    def counted(self) -> Iterator[Finding]:
        """The findings with a count."""
        for (rule, found), row in self._rows.items():
            words = f"{found}: {row.count}" if found else str(row.count)
            yield Finding(rule, row.path, row.line, found=words)


def shortened(text: str | None) -> str | None:
    """At most ``FOUND_LENGTH`` characters of a text."""
    return text if text is None or len(text) <= FOUND_LENGTH else text[: FOUND_LENGTH - 1] + "…"
