"""What a prescription answers to: needs, goals, strengths, barriers and supports."""

from typing import Annotated, Literal

from pydantic import Field

from footbridge.model.prescription.values import (
    MOST_ENTRIES,
    Code,
    Coding,
    Date,
    Instant,
    LanguageTag,
    Part,
    SaidText,
    Text,
    member,
)

BarrierKind = Literal["economic", "geographic", "interpersonal", "psychological", "other"]
SupportKind = Literal["transport", "childcare", "accompaniment", "interpreter", "equipment", "other"]
Index = Annotated[int, Field(ge=0, lt=MOST_ENTRIES, strict=True)]


class Evidence(Part):
    """The screening answer that a need rests on."""

    instrument: Coding | None = member("The screening instrument.", "Observation.code", default=None)
    question: Coding = member("The question.", "Observation.code")
    answer: Coding | None = member("The coded answer.", "Observation.valueCodeableConcept.coding", default=None)
    answer_text: Text | None = member(
        "The answer in words.", "Observation.valueCodeableConcept.text, Observation.valueString", default=None
    )
    date: Date | None = member(
        "When it was answered; the day of `authored` when missing.",
        "Observation.effectiveDateTime",
        default=None,
    )


class Need(Part):
    """A social risk or need in one SDOH category."""

    category: Code = member(
        "SDOH category code of the SDOHCC guide, e.g. food-insecurity.",
        "Condition.category, Observation.category, ServiceRequest.category",
    )
    code: Coding | None = member("What exactly, coded.", "Condition.code.coding, Observation.code.coding", default=None)
    statement: Text = member("The need in words.", "Condition.code.text, Observation.valueString")
    language: LanguageTag | None = member(
        "BCP 47, of the statement.", "Condition.language, Observation.language", default=None
    )
    evidence: Evidence | None = member(
        "The screening answer behind it.", "Condition.evidence.detail, Observation.derivedFrom", default=None
    )


class Goal(Part):
    """What should get better."""

    need: Index | None = member("Index into `needs`.", "Goal.addresses", default=None)
    description: Text = member("The goal in words.", "Goal.description.text")
    language: LanguageTag | None = member("BCP 47, of the description.", "Goal.language", default=None)
    code: Coding | None = member("The goal, coded.", "Goal.description.coding", default=None)
    due: Date | None = member("By when; not before `authored`.", "Goal.target.dueDate", default=None)


class Strength(SaidText):
    """Something that helps; a gift when the client would offer it to others."""

    gift: bool = member("True: something that the client offers to others.", "Observation.code", default=False)
    code: Coding | None = member("The strength, coded.", "Observation.code.coding", default=None)


class Interest(SaidText):
    """Something that the client likes or would like to do."""

    code: Coding | None = member("The interest, coded.", "Observation.code.coding", default=None)


class Barrier(SaidText):
    """Something that makes it difficult."""

    kind: BarrierKind = member("What kind of barrier.", "Condition.category, Observation.code")
    category: Code | None = member(
        "SDOH category of the barrier, when it has one.", "Condition.category, Observation.category", default=None
    )
    code: Coding | None = member("The barrier, coded.", "Condition.code.coding, Observation.code.coding", default=None)


class Support(SaidText):
    """Something that goes with the prescription so that it can work, e.g. bus fare."""

    kind: SupportKind = member("What kind of support.", "ServiceRequest.category")
    barrier: Index | None = member(
        "Index into `barriers`: the barrier that it removes.", "ServiceRequest.reasonReference", default=None
    )
    required: bool = member(
        "True: the activity cannot start before the support is in place.",
        "Task.input.type",
        default=False,
    )


class OwnWords(SaidText):
    """A sentence in the client's own words and language."""

    said: Instant | None = member("When it was said.", "ServiceRequest.note.time", default=None)


class Note(SaidText):
    """A remark of the requester."""
