"""The needs of a referral, each with its SDOH category, what led to it, and how sure that is.

The listing's categories first, then the service type, then answers of the form, then words. The words are judged by the
directory's own table and code (``directory.taxonomy``); there is no other one. A later source adds to an earlier one
only where it is explicit: an answer that the form's mapping gives a category.
"""

import functools
from collections.abc import Iterator, Mapping
from typing import Any, Final

from footbridge.directory.taxonomy.keywords import keyword_table_for_persons
from footbridge.partners.ocean.listing import Listing
from footbridge.partners.ocean.loose import Object, objects, text
from footbridge.partners.ocean.message import OceanMessage
from footbridge.partners.ocean.translate.forms import Answered, Form, fields
from footbridge.partners.ocean.translate.interests import parts_of
from footbridge.partners.ocean.translate.limits import LONG, Lost, few, pieces
from footbridge.partners.ocean.translate.notes import Said
from footbridge.partners.ocean.translate.tables import folded, table
from footbridge.partners.ocean.translate.values import FoundNeed
from footbridge.terminology import categories, category

UNSPECIFIED: Final = "sdoh-category-unspecified"
ONE_WORD: Final = "name"
"""The field of the directory's table in which one word of medium strength is enough."""


def needs(
    message: OceanMessage, listing: Listing, forms: tuple[Form, ...], spoken: Said, lost: Lost
) -> tuple[list[dict[str, Any]], tuple[FoundNeed, ...]]:
    """Member ``needs`` of the prescription, at least one; and where each comes from, in the same order."""
    answers = list(_from_form(forms))
    found = list(_from_listing(listing)) or list(_from_type(message.request or {}))
    for need in answers:
        if need.by == "form" and all(need.category != other.category for other in found):
            found.append(need)
    if not found or all(need.confidence <= table("confidence")["keywordMost"] for need in found):
        known = {need.category for need in found}
        found += [need for need in _from_words(message.request or {}, forms, spoken) if need.category not in known]
    if not found:
        found = [FoundNeed(UNSPECIFIED, table("confidence")["none"], None)]
    found = few(found, "QuestionnaireResponse.item", lost)
    return [_document(need, forms, spoken, listing) for need in found], tuple(found)


def _from_listing(listing: Listing) -> Iterator[FoundNeed]:
    for code in listing.categories:
        yield FoundNeed(code, table("confidence")["listing"], "listing", (listing.target or listing.external or "",))


def _from_type(request: Object) -> Iterator[FoundNeed]:
    """By ``ServiceRequest.category``: its codes, else its names; each category once."""
    seen: set[str] = set()
    for concept in objects(request.get("category")):
        for row in _types(concept):
            for code in row["categories"]:
                if code not in seen:
                    seen.add(code)
                    yield FoundNeed(code, row["confidence"], "service-type", (row["name"],))


def _types(concept: Object) -> Iterator[dict[str, Any]]:
    rows: list[dict[str, Any]] = table("service-types")["types"]
    codings = objects(concept.get("coding"))
    codes = {text(coding.get("code")) for coding in codings}
    names = {_name(text(coding.get("display"))) for coding in codings} | {_name(text(concept.get("text")))}
    by_code = [row for row in rows if row.get("code") in codes - {None}]
    yield from by_code or [row for row in rows if _name(row["name"]) in names]


def _name(written: str | None) -> str:
    return folded((written or "").replace("_", " "))


def _from_form(forms: tuple[Form, ...]) -> Iterator[FoundNeed]:
    """Answers that the mapping gives a category, or that are the name or code of one."""
    seen: set[str] = set()
    for row in fields(forms, "need"):
        for answer in parts_of(row):
            code = category_of(row, answer)
            if code and code not in seen:
                seen.add(code)
                yield FoundNeed(code, table("confidence")["form"], "form", (answer,))


def category_of(row: Answered, answer: str) -> str | None:
    """The category of an answer to a field about needs; None where it says none."""
    code = row.options.get(folded(answer)) or _names().get(folded(answer))
    return code if code and category(code) else None


@functools.cache
def _names() -> Mapping[str, str]:
    return {folded(row.display): row.code for row in categories()} | {row.code: row.code for row in categories()}


def _from_words(request: Object, forms: tuple[Form, ...], spoken: Said) -> list[FoundNeed]:
    """By the directory's table of words: those of the reason; notes, interests and goals only where it says nothing.

    An interest (a walking group) is no need by itself. Single words that the table counts little are a guess of their
    own, less sure: a clinician writes ``hungry``, where a service writes ``food bank``. Last come the names of what is
    asked for (``FOOD_PROGRAM``).
    """
    reason = "\n".join([spoken.reason or "", *(answer for row in fields(forms, "need") for answer in row.answers)])
    beside = [answer for kind in ("interest", "goal") for row in fields(forms, kind) for answer in row.answers]
    asked = "\n".join(_asked(request))
    if found := _guessed("terms", reason):
        return found
    found = _guessed("statement", "\n".join([*spoken.words, *beside]))
    known = {need.category for need in found}
    found += [need for need in _guessed(ONE_WORD, reason) if need.category not in known]
    return found or _guessed("terms", asked) or _guessed(ONE_WORD, asked)


def _asked(request: Object) -> Iterator[str]:
    """Names of service types and programs that the table of service types does not have."""
    for concept in (row for name in ("category", "code", "orderDetail") for row in objects(request.get(name))):
        if not any(True for _row in _types(concept)):
            names = (
                text(concept.get("text")),
                *(text(coding.get("display")) for coding in objects(concept.get("coding"))),
            )
            yield from (name.replace("_", " ") for name in names if name)


def _guessed(place: str, written: str) -> list[FoundNeed]:
    """What words speak for, read as this field of a service; of ``ONE_WORD`` it is the least sure."""
    sure = table("confidence")
    more = 0 if place == ONE_WORD else sure["keywordMore"]
    first = sure["keywordWeak"] if place == ONE_WORD else sure["keyword"]
    return [
        FoundNeed(
            guess["code"],
            round(min(sure["keywordMost"], first + more * (len(guess["evidence"]) - 1)), 2),
            "keyword",
            tuple(guess["evidence"]),
        )
        for guess in keyword_table_for_persons().guess({place: written} if written.strip() else {})
    ]


def _document(need: FoundNeed, forms: tuple[Form, ...], spoken: Said, listing: Listing) -> dict[str, Any]:
    """The need in the prescription; its statement is the reason, else what led to it, else that there is none.

    An answer that led to it goes before the reason, since it says which of several needs it is.
    """
    words = [answer for row in fields(forms, "need") for answer in row.answers]
    own = need.words[0] if need.by == "form" and need.words else None
    if own and spoken.reason and folded(own) not in folded(spoken.reason):
        statement = f"{own}. {spoken.reason}"
    else:
        statement = spoken.reason or own or "; ".join(words) or _no_reason(listing.language)
    return {"category": need.category, "statement": pieces(statement, LONG)[0]}


def _no_reason(language: str) -> str:
    words: dict[str, str] = table("note-headings")["noReason"]
    return words.get(language.split("-", 1)[0].lower(), words["en"])
