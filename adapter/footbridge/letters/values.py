"""What a letter holds: texts that are finished, in one language. The pages of the portal show the same values."""

from dataclasses import dataclass, field

from footbridge.i18n import Language


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a letter: a heading and its lines.

    Attributes:
        said: they are a person's own words.
        stays: no line of it is left out where the letter is cut: without it nobody could help, or somebody is harmed.
    """

    heading: str
    lines: tuple[str, ...] = field(repr=False)
    said: bool = False
    stays: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """How a letter is answered: where, with which code (None: one that is given another way), and until when."""

    address: str
    code: str | None
    until: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter of one page.

    Attributes:
        language: in which it is.
        title: what it is, without a person.
        sender: who writes it: name, organization, ways to reach them.
        receiver: to whom.
        day: of the letter, in words.
        number: of the prescription.
        urgent: how urgent; None for what is routine.
        banner: what nobody may miss; None for most.
        lead: what is asked, in a sentence or two.
        blocks: the rest.
        ending: what to do, and by when; consent; how to treat the letter.
        contact: whom to ask.
    """

    language: Language
    title: str
    sender: tuple[str, ...]
    receiver: tuple[str, ...]
    day: str
    number: str
    urgent: str | None
    banner: str | None
    lead: tuple[str, ...]
    blocks: tuple[Block, ...]
    ending: tuple[str, ...]
    contact: str
