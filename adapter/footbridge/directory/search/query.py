"""What is asked of the directory, and what comes back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from typing import Any

MOST_ON_A_PAGE = 200
NEAR_KM = 50.0  # what counts as near where nobody says
FURTHEST_KM = 20_038.0  # half the way around the Earth


@dataclass(frozen=True, slots=True)
class Query:
    """A question. What is left out does not restrict.

    Attributes:
        words: free text, English or French, spelled in any way; 211 codes and phone numbers too. A town or postal code
            among them is where it is looked for, unless ``near`` is given.
        needs: SDOH categories; a service must have one of them.
        near: ``(latitude, longitude)``, a postal code or its first part, or a town with or without its province.
        within_km: keeps services that are as near, that serve the place, or that are remote. Without it nothing is
            left out for its distance, but what a person there cannot use goes last.
        language: a code (``fr``) or name; kept is what is offered in it, or with interpretation in it.
        age: in years; left out is what says that it is for others.
        stated: what the client chose to state: codes of target populations, or words (``veterans``). Nothing is
            inferred; a service for a group that was not stated is shown, but lower.
        free: only what is free.
        open_at: only what is known to be open then; an aware moment.
        zone: of the directory, for opening hours.
        can_refer: only what accepts referrals (True), or does not (False).
        capacity: some of ``available``, ``waitlist``, ``none``, ``unknown``.
        verified_since: only what its source verified on that day or later.
        sources: only these.
        limit, offset: the page.
    """

    words: str = ""
    needs: tuple[str, ...] = ()
    near: str | tuple[float, float] | None = None
    within_km: float | None = None
    language: str | None = None
    age: float | None = None
    stated: tuple[str, ...] = ()
    free: bool = False
    open_at: datetime | None = None
    zone: tzinfo = UTC
    can_refer: bool | None = None
    capacity: tuple[str, ...] = ()
    verified_since: date | None = None
    sources: tuple[str, ...] = ()
    limit: int = 20
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """An answer; ``as_json`` is what ``--json`` and the API give.

    Attributes:
        total: how many services match; one that several sources have counts once.
        services: those of the page, best first: ``{"id", "source", "nativeId", "name", "organization", "categories",
            "canRefer", "distanceKm", "why", ...}``.
        facets: counts over all that match, by facet and value: ``category``, ``language``, ``cost``, ``open``,
            ``canRefer``, ``capacity``, ``source``, ``town``.
        place: ``{"name", "how", "latitude", "longitude", "text"}`` as it was understood, asked for or among the
            words; None where there is none.
        unmatched: words of the question that no service has.
        corrected: how misspelt words were read.
        unknown_hours: how many match but for ``open_at``, of which nobody knows when they are open.
        gap: why nothing fits: ``nothing-found``, ``nothing-open``, ``nothing-near``, ``nothing-in-language``; or None.
        without: of a question that finds nothing: how many services there are without one of its restrictions, by the
            name of the restriction (``words``, ``needs``, ``near``, ``language`` ...); those that help alone.
        said_needs: the categories that its words stand for, for a count of unmet need.
        area: country, region and area for a count of unmet need; no postal code in full, no coordinates.
    """

    total: int
    services: Sequence[Mapping[str, Any]]
    facets: Mapping[str, Mapping[str, int]]
    place: Mapping[str, Any] | None = None
    unmatched: tuple[str, ...] = ()
    corrected: Mapping[str, Sequence[str]] = field(default_factory=dict)
    unknown_hours: int = 0
    gap: str | None = None
    without: Mapping[str, int] = field(default_factory=dict)
    said_needs: tuple[str, ...] = ()
    area: tuple[str, str, str] = ("", "", "")

    def as_json(self) -> dict[str, Any]:
        """The answer as JSON."""
        return {
            "total": self.total,
            "services": list(self.services),
            "facets": {name: dict(counts) for name, counts in self.facets.items()},
            "place": self.place,
            "unmatchedWords": list(self.unmatched),
            "correctedWords": {word: list(read) for word, read in self.corrected.items()},
            "unknownHours": self.unknown_hours,
            "without": dict(self.without),
        }
