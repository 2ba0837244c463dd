"""One question a page, for whoever writes on a phone: the steps of the form, and which of them a narrow window shows.

The form is one, with every field in it: each click stores all of it, and nothing is lost on the way. A narrow window
hides the sections of the other steps (``away`` in ``portal.css``), a wide one shows the whole page: the width decides
in the browser, so it works without JavaScript and when a phone is turned. The steps and the sections of each stand in
``mappings/prescribing.json``. https://design-system.service.gov.uk/patterns/question-pages/
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from footbridge.web.portal.forms import Field
from footbridge.web.portal.prescribing.fields import section_of, table

STEP = "form_step"
CHECKING = "form_checking"
"""Set when somebody came from the check page, to change one thing."""
WHOLE = "all"


@dataclass(frozen=True, slots=True)
class Steps:
    """Where in the form somebody is.

    Attributes:
        here: the step; ``WHOLE`` when a narrow window shows every one too.
        shown: the steps that a narrow window shows.
        is_asked: whether the address names the step: a wide window has none.
        is_checking: whether the next page is the check, whatever the step.
    """

    here: str
    shown: Collection[str]
    is_asked: bool
    is_checking: bool

    @property
    def number(self) -> int | None:
        """Which step it is, from 1 on; None where several are shown."""
        return names().index(self.here) + 1 if len(self.shown) == 1 else None

    @property
    def count(self) -> int:
        """How many there are, the check included."""
        return len(names()) + 1

    @property
    def goes_on(self) -> bool:
        """Whether another step follows; else the check does."""
        return self.number is not None and not self.is_checking and self.here != names()[-1]

    @property
    def goes_back(self) -> bool:
        """Whether a step is before it."""
        return self.number is not None and self.number > 1

    @property
    def query(self) -> str:
        """What leads back here, as the query of an address; empty for a wide window."""
        return f"?step={self.here}{'&checking=yes' if self.is_checking else ''}" if self.is_asked else ""

    def away(self, *some: str) -> str:
        """The class of what belongs to these steps only: a narrow window hides it, unless one of them is shown."""
        return "" if set(some) & set(self.shown) else "away"


def names() -> Sequence[str]:
    """The steps, in their order."""
    return list(table()["steps"])


def steps(given: Mapping[str, str]) -> Steps:
    """Where the address or the form says that somebody is; the first step where it says nothing that is known."""
    asked = given.get("step") or given.get(STEP) or ""
    checking = bool(given.get("checking") or given.get(CHECKING))
    if asked == WHOLE:
        return Steps(WHOLE, names(), is_asked=True, is_checking=checking)
    here = asked if asked in names() else names()[0]
    return Steps(here, [here], is_asked=asked in names(), is_checking=checking)


def beside(now: Steps, by: int) -> Steps:
    """The step so many after this one; the nearest that there is."""
    place = names().index(now.here) if now.here in names() else 0
    other = names()[min(max(place + by, 0), len(names()) - 1)]
    return Steps(other, [other], is_asked=True, is_checking=False)


def of_errors(now: Steps, fields: Mapping[str, Field]) -> Steps:
    """After a check that found errors: every step that has one, and the last where no field has."""
    wrong = {step_of(name) for name, one in fields.items() if one.error}
    some = [one for one in names() if one in wrong] or [names()[-1]]
    here = WHOLE if now.here == WHOLE else some[0]
    return Steps(here, names() if here == WHOLE else some, is_asked=now.is_asked, is_checking=True)


def step_of(field: str) -> str:
    """The step that a field is in."""
    section = section_of(field)
    return next(str(name) for name, sections in table()["steps"].items() if section in sections)


def errors_here(now: Steps, fields: Mapping[str, Field]) -> bool:
    """Whether a field of this step has an error. The errors of the other steps are taken away: they are asked there."""
    for name, one in fields.items():
        if step_of(name) not in now.shown:
            one.error = None
    return any(one.error for one in fields.values())
