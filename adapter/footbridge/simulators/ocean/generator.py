"""Referrals as clinics write them, from a seed: several service types, two forms, English and French, odd texts.

The words are in ``texts.json``. The same seed gives the same referrals in the same order.
"""

import functools
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

from footbridge.simulators.ocean.draft import Attachment, Clinician, Draft, Person

_SENDERS = 0.15
"""The share of referrals that somebody else sends, as in one of the two real messages of v0.11.1."""

QUICK, PRESCRIPTION = "quickReferral", "example_social_prescription"


@functools.cache
def texts() -> Mapping[str, Any]:
    """The words of the generator."""
    read: Mapping[str, Any] = json.loads(files(__package__).joinpath("texts.json").read_bytes())
    return read


class ReferralGenerator:
    """Makes one referral after another.

    Args:
        seed: of all choices.
        odd: the share, from 0 to 1, of referrals with an odd text, value or gap.
        french: the share of referrals in French.
    """

    def __init__(self, seed: int = 0, *, odd: float = 0.15, french: float = 0.2) -> None:
        self._random = random.Random(f"ocean referrals {seed}")  # noqa: S311 - makes examples, guards nothing
        self._odd, self._french = odd, french
        self._count = 0

    def draft(self, *, need: str | None = None, form: str | None = None, language: str | None = None) -> Draft:
        """The next referral.

        Args:
            need: a key of ``needs`` in ``texts.json``; any when None.
            form: ``quickReferral`` or ``example_social_prescription``; any when None.
            language: ``en`` or ``fr``; any when None.
        """
        chance, self._count = self._random, self._count + 1
        language = language or ("fr" if chance.random() < self._french else "en")
        key = need or chance.choice(sorted(texts()["needs"]))
        found = texts()["needs"][key]
        form = form or chance.choice((QUICK, PRESCRIPTION))
        reason = chance.choice(found[language])
        person, clinician = self._person(language), self._clinician(language)
        category = texts()["categories"][found["category"]]
        answers = self._answers(form, language, reason, person, clinician)
        plain = Draft(
            person, clinician, found["category"], category, form, answers,
            _note(reason, language), language=language, need=key, program=texts()["program"][language],
            priority=chance.choice((None, None, "routine", "urgent")), attachments=self._attachments(language),
            sender=self._clinician(language) if chance.random() < _SENDERS else None,
        )  # fmt: skip
        return self._made_odd(plain) if chance.random() < self._odd else plain

    def _person(self, language: str) -> Person:
        chance, words = self._random, texts()
        born = date(1930, 1, 1) + timedelta(days=chance.randrange(29_000))
        some = chance.random() < 0.8
        return Person(
            family=chance.choice(words["family"][language]),
            given=(chance.choice(words["given"][language]),),
            gender=chance.choice(("female", "male", "other", "unknown")),
            birth_date=born.isoformat(),
            health_card=f"99{chance.randrange(10**8):08d}" if some else None,
            card_version=chance.choice(("AB", "XY")) if some else None,
            chart=f"SIM-{self._count:06d}",
            phone=f"705-555-01{chance.randrange(100):02d}" if some else None,
            email=f"client{self._count}@example.test" if chance.random() < 0.5 else None,
            line=f"{chance.randrange(1, 400)} {chance.choice(words['streets'][language])}" if some else None,
            city=chance.choice(words["cities"]),
            postal_code=f"P0L {chance.randrange(10)}A{chance.randrange(10)}",
        )

    def _clinician(self, language: str) -> Clinician:
        chance, words = self._random, texts()
        return Clinician(
            family=chance.choice(words["family"][language]),
            given=(chance.choice(words["given"][language]),),
            licence=f"{chance.randrange(10**5):05d}",
            username=f"user{chance.randrange(100)}",
            phone=f"705-555-01{chance.randrange(100):02d}",
            clinic=chance.choice(words["clinics"]),
            city=chance.choice(words["cities"]),
        )

    def _answers(self, form: str, language: str, reason: str, person: Person, clinician: Clinician) -> dict[str, str]:
        if form == QUICK:
            return {"rfr": reason}
        words: Mapping[str, Sequence[str]] = texts()["form"][language]
        answers = {
            "client_name": f"{' '.join(person.given)} {person.family}",
            "client_phone": person.phone or "",
            "client_email": person.email or "",
            "rfr": reason,
            "interests": self._random.choice(words["interests"]),
            "notes": self._random.choice(words["notes"]),
            "organization": clinician.clinic or "",
            "referrer_name": f"{' '.join(clinician.given)} {clinician.family}",
            "referrer_role": self._random.choice(words["roles"]),
            "referrer_phone": clinician.phone or "",
            "consent": self._random.choices(words["consent"], (8, 1, 1))[0],
        }
        return {link: answer for link, answer in answers.items() if answer}

    def _attachments(self, language: str) -> tuple[Attachment, ...]:
        files_of = texts()["attachments"][language]
        return tuple(Attachment(*one) for one in files_of[: self._random.choice((0, 0, 0, 1, 2))])

    def _made_odd(self, draft: Draft) -> Draft:
        chance, odd = self._random, texts()["odd"]
        person = draft.person
        match chance.choice(("text", "bare-person", "no-answers", "no-note", "no-author", "name", "underscore")):
            case "text":
                text = chance.choice(odd["texts"])
                return replace(draft, note=f"{draft.note}{text}", answers={**draft.answers, "rfr": text or " "})
            case "bare-person":
                return replace(draft, person=Person(person.family, gender=chance.choice((None, "unknown"))))
            case "no-answers":
                return replace(draft, answers={})
            case "no-note":
                return replace(draft, note=chance.choice((None, "")))
            case "no-author":
                return replace(draft, clinician=Clinician(""))
            case "name":
                return replace(draft, person=replace(person, family=chance.choice(odd["names"])))
            case _:
                return replace(draft, answers={**draft.answers, "odd_item": chance.choice(odd["texts"]) or "-"})


def _note(reason: str, language: str) -> str:
    head = texts()["noteHead"][language]
    escaped = reason.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<b>{head}</b> {escaped}&nbsp;"
