"""The values that a translation is made of."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from footbridge.model.issues import Issue

Source = Literal["listing", "service-type", "form", "keyword"]
ConsentBasis = Literal["express", "implied", "missing", "refused"]


@dataclass(frozen=True, slots=True)
class Around:
    """What is known beside the message.

    Attributes:
        fhir_base: of the site's Ocean (``https://ocean.cognisantmd.com/svc/fhir/v1``): the only origin that attachments
            may come from. None: that of the message's own identifier systems.
        clinic: name of the requesting organization where the message names none.
        forms: mappings of forms beside those that ship, each as a file of ``mappings/ocean/forms/`` has it.
        received: when the message came, with offset: the last resort for a referral without any time.
    """

    fhir_base: str | None = None
    clinic: str | None = None
    forms: tuple[Mapping[str, Any], ...] = ()
    received: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class FoundNeed:
    """One need of the document, in its order: where it comes from, and how sure it is.

    Attributes:
        category: SDOH category code.
        confidence: 0 to 1.
        by: what led to it; None: nothing did, and the category is ``sdoh-category-unspecified``.
        words: that led to it: keywords, answers, names; personal: never logged.
    """

    category: str
    confidence: float
    by: Source | None
    words: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class FoundConsent:
    """The client's consent; what is not ``missing`` is in the document.

    ``refused``: a field of the form says no. ``where``: the place that says so: ``listing``, or ``form quickReferral,
    item consent``.
    """

    basis: ConsentBasis
    where: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document that can be fetched from Ocean: the letter, or what goes with the referral.

    ``size`` in bytes, ``reference`` Ocean's own of the document; what the message does not have is None.
    """

    kind: Literal["letter", "document"]
    url: str = field(repr=False)
    media_type: str | None = None
    size: int | None = None
    title: str | None = field(default=None, repr=False)
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Translation:
    """What came of a message.

    Attributes:
        document: the prescription, as ``POST /api/v1/prescriptions`` takes it; without ``consent`` where it is missing.
        needs: one for each entry of the document's ``needs``, in that order.
        consent: what is known of it.
        departures: from our constraints on Ocean messages; never a reason to refuse.
        errors: why the document would be refused, other than for its consent; empty when it is valid.
        attachments: that belong to this referral and come from the site's own origin.
        chart: parts of the medical chart that the message has in words; for custodians only, and not in the document.
        uncarried: what the message says and the prescription cannot hold: paths of elements, without a value.
    """

    document: dict[str, Any] = field(repr=False)
    needs: tuple[FoundNeed, ...]
    consent: FoundConsent
    departures: tuple[Issue, ...] = ()
    errors: tuple[Issue, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    chart: str | None = field(default=None, repr=False)
    uncarried: tuple[str, ...] = ()

    @property
    def confidence(self) -> float:
        """That of the least sure need."""
        return min((need.confidence for need in self.needs), default=0.0)

    def needs_detail(self) -> dict[str, Any]:
        """What a person who confirms the needs is shown; personal."""
        rows = [
            {
                "need": index,
                "category": need.category,
                "confidence": need.confidence,
                "by": need.by,
                "words": list(need.words),
            }
            for index, need in enumerate(self.needs)
        ]
        return {"needs": rows}
