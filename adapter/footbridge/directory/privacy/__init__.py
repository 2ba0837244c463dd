"""Privacy, the first step of an import: what may not be shown is dropped, before anything else happens to a record.

``apply``           one record: withheld objects, editors' notes, phones and addresses that are not for the public, the
                    place of a shelter; and what repeats one of these values in the same record
``secrets``         the values that ``apply`` drops from a record: the import keeps them in memory, for the records
                    that are linked to it (a service's text may repeat the hidden address of its location)
``redact``          another record without these values; ``redact_findings`` the same for findings
``withholds_place`` a service (or organization) whose locations may not be shown: the import says so to ``apply`` and
                    ``secrets`` of each of its locations
``REACH``           members that say where somebody is, or how to reach them; ``REDACTED`` stands for a dropped value
``is_plain``        one look that shows for most records that all of this leaves them as they are

No finding of this step holds a value. All of it is pure, and its values can be pickled.
"""

from footbridge.directory.privacy.plain import is_plain
from footbridge.directory.privacy.record import Withheld, apply, secrets, withhold
from footbridge.directory.privacy.redaction import Secrets, redact, redact_findings
from footbridge.directory.privacy.shelters import withholds_place
from footbridge.directory.privacy.table import REACH, REDACTED

__all__ = [
    "REACH",
    "REDACTED",
    "Secrets",
    "Withheld",
    "apply",
    "is_plain",
    "redact",
    "redact_findings",
    "secrets",
    "withhold",
    "withholds_place",
]
