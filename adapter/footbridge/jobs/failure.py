"""What went wrong with a message, in our words: fit for a table that a person reads, never a partner's text."""

from dataclasses import dataclass

from footbridge.errors import FootbridgeError, PartnerError

LONGEST_TEXT = 255  # width of outbox.last_error


@dataclass(frozen=True, slots=True)
class Fault:
    """``status`` is the HTTP status of the partner's answer, None when there was none."""

    status: int | None
    text: str


def fault_of(error: Exception) -> Fault:
    """Describe an exception; the text of one that is not ours may hold anything, so only its class is told."""
    if isinstance(error, FootbridgeError):
        status = error.status if isinstance(error, PartnerError) else None
        return Fault(status, str(error)[:LONGEST_TEXT])
    return Fault(None, f"Unexpected {type(error).__name__} while handling the message."[:LONGEST_TEXT])
