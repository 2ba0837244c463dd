"""What the forms of the page do. Every value comes from a person, so each is checked."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from footbridge.errors import ConfigurationError, NotFoundError
from footbridge.i18n import _
from footbridge.simulators.ocean.forms import forms
from footbridge.simulators.ocean.generator import texts
from footbridge.simulators.ocean.ocean import Ocean

Form = Mapping[str, str]
_MOST = 100  # referrals by one click
_STEPS = {
    "minutes": timedelta(minutes=10),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "days": timedelta(days=4),
}


def refer(ocean: Ocean, form: Form) -> list[str]:
    """Let a clinic refer, once or several times; the refs. Raises ConfigurationError for an unknown choice."""
    chosen = {name: form.get(name) or None for name in ("need", "form", "language")}
    check_choices(chosen)
    text = form.get("count", "1")
    count = int(text) if text.isascii() and text.isdigit() else 0
    if not 1 <= count <= _MOST:
        raise ConfigurationError(_("How many is a number from 1 to {most}.", most=_MOST))
    return [ocean.refer(ocean.generator.draft(**chosen), listing=form.get("listing") or None) for _one in range(count)]


def check_choices(chosen: Mapping[str, str | None]) -> None:
    """Raise ConfigurationError for a need, form or language that the generator does not have."""
    known = {"need": texts()["needs"], "form": forms(), "language": ("en", "fr")}
    for name, value in chosen.items():
        if value is not None and value not in known[name]:
            raise ConfigurationError(_("{value} is not one of the choices of {name}.", value=value, name=name))


def move_clock(ocean: Ocean, form: Form) -> None:
    """Move the clock by one of the steps, or start an outage. Raises ConfigurationError for another step."""
    step = form.get("step", "")
    if step == "outage":
        ocean.outage(timedelta(days=1))
        return
    if step not in _STEPS:
        raise ConfigurationError(_("The clock moves by one of: {steps}.", steps=", ".join(_STEPS)))
    ocean.advance(_STEPS[step])


def act(ocean: Ocean, ref: str, action: str, form: Form) -> None:
    """Do one thing to a referral. Raises NotFoundError for an unknown action or ref, ConflictError for what ended."""
    users, text = ocean.users, form.get("text", "").strip()
    actions: dict[str, Callable[[], object]] = {
        "cancel": lambda: users.cancel(ref),
        "reply": lambda: users.reply(ref, text or "-"),
        "reopen": lambda: users.reopen(ref),
        "accept": lambda: users.set_status(ref, "accepted"),
        "complete": lambda: users.set_status(ref, "completed"),
        "decline": lambda: users.set_status(ref, "rejected", text),
        "book": lambda: users.book(ref),
        "book-unconfirmed": lambda: users.book(ref, confirmed=False),
        "ask": lambda: users.ask(ref, text or "-"),
        "forward": lambda: users.forward(ref, form.get("listing", "")),
        "resend-new": lambda: ocean.resend([ref], as_new=True),
        "resend-update": lambda: ocean.resend([ref]),
    }
    if action not in actions:
        raise NotFoundError(_("{name} is not an action; known are {known}.", name=action, known=", ".join(actions)))
    actions[action]()
    ocean.run_due()
