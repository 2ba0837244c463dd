"""What a reader gives: records as their source wrote them, named by HSDS 3.1, and findings.

A record is one of HSDS's four core objects, with its children (phones, addresses, schedules, languages, attributes,
...) as lists inside ``data``, and with the others referred to by their *native* ids (``organization_id``,
``parent_organization_id``, ``service_id``, ``location_id``). Names are those of HSDS 3.1:
https://docs.openreferral.org/en/3.1/hsds/schema_reference.html. Values are as the source has them: a reader names,
it does not clean.

Two members are ours, and stand beside those of HSDS:

``withheld``      on any object (a record or a child): why its values may not be shown, one of ``WITHHELD``. The
                  privacy step drops that object, wherever it is. A reader that sees a confidential address marks it,
                  and gives it like any other: what it leaves out cannot be tested.
``restrictions``  on a record: a list out of ``RESTRICTIONS``, what its source says about the use of the record.
``notes``         on a record: ``[{"text": ..., "withheld": "internal"}]``, what editors wrote for themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["organization", "location", "service", "service_at_location"]
Data = Mapping[str, Any]
Severity = Literal["error", "warning", "information"]

WITHHELD = ("confidential", "reason-withheld", "internal")
RESTRICTIONS = (
    "no-referral",  # AvailableForReferral false; "Active, but do not refer": information only, never a target
    "exclude-website",  # hidden
    "exclude-directory",  # hidden
    "deleted",  # hidden, and a tombstone in an incremental feed
)


# Nobody changes one that is made. They are not frozen, because a frozen one takes four times as long to make, and an
# import makes a million.
@dataclass(slots=True, unsafe_hash=True)
class Record:
    """One organization, location, service, or service at a location of a source.

    ``native_id`` is the source's own id as text; ``path`` says where it stands (file, and a JSON pointer, an element or
    a row), ``line`` in which line of that file, where the form tells.
    """

    kind: Kind
    native_id: str
    data: Data
    path: str
    line: int | None = None


@dataclass(slots=True, unsafe_hash=True)
class Finding:
    """One thing that is wrong, odd or was changed, told to the directory's manager.

    ``rule`` is a row of ``mappings/directory/rules/``, which gives its severity and its words in English and French;
    ``member`` is a path in the record (``phones[2].number``), ``found`` the value that was found (at most
    ``FOUND_LENGTH`` characters; None where it may not be shown), ``done`` what stands there now (None: nothing).
    """

    rule: str
    path: str
    line: int | None = None
    kind: Kind | None = None
    native_id: str | None = None
    member: str | None = None
    found: str | None = None
    done: str | None = None


FOUND_LENGTH = 200
