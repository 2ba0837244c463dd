"""What the forms about an outcome say: what was done, and what a navigator reports back."""

from collections.abc import Sequence

from footbridge.i18n import spoken
from footbridge.partners.ports import Output
from footbridge.referrals.found_needs import FoundNeed
from footbridge.referrals.report_back import Introduced, NeedReport, Reported
from footbridge.web.portal import choices, forms
from footbridge.web.portal.forms import Field


def outputs_of(fields: Sequence[Field]) -> list[Output]:
    """What was done: each code that was selected, and what was written."""
    done = forms.by_name(fields).get("done")
    known = {} if done is None else dict(done.options)
    made = [
        Output(code=choices.coding_done(code), text=spoken(known[code]))
        for code in ([] if done is None else done.values)
    ]
    said = forms.texts(fields, "words")
    return [*made, Output(text=said)] if said else made


def reported_of(fields: Sequence[Field]) -> Reported:
    """What became of each need, who was introduced to whom, and what was found."""
    linked = forms.numbered(fields, "linked")
    services, why, more = (forms.numbered(fields, name) for name in ("service", "why", "more"))
    needs = [
        NeedReport(
            None if place == choices.ALL else place,
            said == "linked",
            services.get(place),
            None if said == "linked" else why.get(place),
            more.get(place),
        )
        for place, said in sorted(linked.items())
    ]
    about, texts = forms.numbered(fields, "found-category"), forms.numbered(fields, "found-statement")
    partners, agreed = forms.numbered(fields, "found-partner"), forms.numbered(fields, "found-agreed")
    found = [
        FoundNeed(about[place], texts[place], partners.get(place), agreed=place in agreed) for place in sorted(about)
    ]
    by, to = forms.texts(fields, "by"), forms.texts(fields, "to")
    met = None if by is None or to is None else Introduced(by, to, forms.texts(fields, "welcome") == "yes")
    return Reported(needs, found, met, outputs_of(fields))
