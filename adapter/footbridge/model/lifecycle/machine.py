"""The lifecycle: one pure function from (state, event, actor) to what it makes of them."""

from footbridge.model.lifecycle.answers import answer
from footbridge.model.lifecycle.events import Act, Answered, Event, Reported
from footbridge.model.lifecycle.named_events import act
from footbridge.model.lifecycle.reports import report, report_parts
from footbridge.model.lifecycle.results import Result
from footbridge.model.lifecycle.state import ReferralState
from footbridge.model.principals import Principal


def apply(state: ReferralState, event: Event, actor: Principal) -> Result:
    """Apply the event as the actor's.

    Pure: it reads nothing but the tables and raises nothing for any event. Whatever comes back, keep its
    ``state``: an ignored report may have moved the memory of what the source said last.

    Returns:
        ``Applied`` with the new state, the steps taken and the effects to carry out; ``Ignored`` for what is old,
        known or behind; ``Refused`` for what may not happen.
    """
    if isinstance(event, Reported):
        return report(state, event, actor)
    if isinstance(event, Act):
        return act(state, event, actor)
    if isinstance(event, Answered):
        return answer(state, event, actor)
    return report_parts(state, event, actor)
