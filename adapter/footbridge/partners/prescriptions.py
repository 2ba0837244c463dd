"""What a partner prescribes by writing into our own database: the port through which it is taken in, and its values.

A hosted requester writes its resources on ``/fhir``; the network reads them as a prescription and hands it to
``Prescriptions``, in the transaction of that write. What comes by any other way is a value of ``inbound``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from footbridge.model.issues import Issue
from footbridge.model.prescription import Prescription
from footbridge.store.partners import Partner
from footbridge.store.resource_rows import Scope

OWN_RECORDS = "own-records"
"""The context of a prescription whose resources its requester wrote itself: nothing of them is created there again."""


@dataclass(frozen=True, slots=True)
class Prescribed:
    """What became of a prescription.

    Attributes:
        id: ours.
        created: False when the same one was there before.
        records: our reference (``Type/id``) of the record in each role.
        warnings: what a person should look at.
    """

    id: str
    created: bool
    records: Mapping[str, str]
    warnings: Sequence[Issue] = field(default_factory=tuple)


Absent = Mapping[str, Sequence[str]]
"""References that lead nowhere, by the type of what they mean: ``{"Patient": ["Patient/1"]}``."""


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """A prescription that is known, as the requester's resources read now.

    Attributes:
        task: the id of our Task of one of the order's tries.
        prescription: what was read.
        absent: what it refers to and what never came.
    """

    task: str
    prescription: Prescription
    absent: Absent


class Prescriptions(Protocol):
    """Takes in what a partner prescribes by writing into our database, in the transaction of that write."""

    def prescribe(self, scope: Scope, partner: Partner, prescription: Prescription, absent: Absent) -> Prescribed:
        """Take a new prescription in; raises PrescriptionError or ConflictError.

        ``absent``: what it refers to and what never came; without the client it is on hold.
        """

    def may_amend(self, scope: Scope, task: str) -> bool:
        """Whether our Task is the newest try of an order whose prescription has not ended."""

    def amend(self, scope: Scope, partner: Partner, read: ReadAgain) -> Mapping[str, str]:
        """A prescription that is known, as it reads now; returns our reference of the record in each role.

        Nothing happens where it is unchanged. Raises PrescriptionError, or ConflictError for a change that cannot be.
        """

    def ask_again(self, scope: Scope, partner: Partner, read: ReadAgain, owner: str | None) -> Prescribed:
        """Another try for an order whose last Task ended without help; ``Prescribed.records`` has the new ``task``.

        What changed in the order or about the client since is amended with it. ``owner`` is the name of the service
        that is asked now; None: whom the routes name. Raises ConflictError where the last try is still open, nobody is
        left to ask, or nothing more may be tried; PrescriptionError as ``amend``.
        """
