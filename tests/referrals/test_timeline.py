"""What the timeline says of an event that moves several Tasks."""

from support.spine import prescribed

from footbridge.model.events import event_kind


def of_the_follow_up(event):
    step = event_kind(event.name).step
    return step is not None and step[0] == "follow-up"


def test_a_reason_stands_with_the_step_that_was_asked_for(world):
    receipt = world.submit(prescribed())
    world.work()
    world.command(receipt.id, "cancel", reason="Moved away")
    told = {event.name: event.reason for event in world.timeline(receipt.id) if "cancel" in event.name}
    assert told == {"cancel": "Moved away", "follow-up-cancel": None}


def test_a_reason_that_comes_with_an_answer_alone_stands_with_the_follow_up(world):
    receipt = world.submit(prescribed())
    world.work()
    world.command(receipt.id, "answer", happened="no", reason="Did not dare to call")
    told = {event.name: event.reason for event in world.timeline(receipt.id) if of_the_follow_up(event)}
    assert told == {"follow-up-complete": "Did not dare to call"}
