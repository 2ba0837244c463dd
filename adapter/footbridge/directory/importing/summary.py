"""What an import did, in services: for the manager of the directory, and as JSON."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Summary:
    """Figures of one import.

    Attributes:
        read: services that the source has.
        dropped: those of them that are not shown: deleted, closed, excluded by their source, or unreadable.
        kept: services that the directory shows of this source afterwards.
        changed: services that are new, or shown otherwise than before.
        removed: services that were shown before and no longer are.
        findings: how many, and ``by_rule`` how many of each rule.
        unchanged: records whose source wrote what it wrote before.
        of_records: how many of each rule stand with the records themselves; the others are the reader's.
        rules: by what records were cleaned, as a digest.
        rules_changed: the import before cleaned by others, so that each record was cleaned again.
    """

    read: int = 0
    kept: int = 0
    dropped: int = 0
    changed: int = 0
    removed: int = 0
    findings: int = 0
    unchanged: int = 0
    by_rule: Counter[str] = field(default_factory=Counter)
    of_records: Counter[str] = field(default_factory=Counter)
    rules: str = ""
    rules_changed: bool = False

    def found(self, rule: str) -> None:
        """Count a finding."""
        self.findings += 1
        self.by_rule[rule] += 1

    def stand(self, of_records: Counter[str]) -> None:
        """Count the findings that stand with the records, those of unchanged ones too."""
        self.of_records = of_records
        self.findings += of_records.total()
        self.by_rule += of_records

    def as_json(self) -> dict[str, Any]:
        """The figures, by name."""
        return {
            "read": self.read,
            "kept": self.kept,
            "dropped": self.dropped,
            "changed": self.changed,
            "removed": self.removed,
            "findings": self.findings,
            "unchanged": self.unchanged,
            "rulesChanged": self.rules_changed,
            "rules": self.rules,
            "byRule": dict(self.by_rule.most_common()),
            "ofRecords": dict(self.of_records.most_common()),
        }
