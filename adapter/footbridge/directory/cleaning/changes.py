"""What a cleaning step is given: the record's country, and where its findings go."""

from dataclasses import dataclass, field

from footbridge.directory.records import FOUND_LENGTH, Finding, Record


@dataclass(slots=True)
class Changes:
    """The findings of one record. ``country`` is an ISO 3166-1 code, None where nothing tells."""

    record: Record
    country: str | None = None
    findings: list[Finding] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)

    def note(self, rule: str, member: str, found: object, done: object = None) -> None:
        """Adds a finding: what stood at ``member``, and what stands there now (None: nothing)."""
        self.findings.append(self.finding(rule, member, _shown(found), _shown(done)))

    def finding(self, rule: str, member: str, found: str | None, done: str | None) -> Finding:
        """A finding of the record."""
        record = self.record
        return Finding(rule, record.path, record.line, record.kind, record.native_id, member, found, done)


def _shown(value: object) -> str | None:
    """A value for the report; half characters, which no file can hold, become question marks."""
    if value is None:
        return None
    text = str(value)[:FOUND_LENGTH]
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
