"""Codes of the 211 taxonomy: their form, what stands above them, and how exports write them.

A code names one level after the other: ``B``, ``BD``, ``BD-1800``, ``BD-1800.2000``, ``BD-1800.2000-620`` and
``LR-8000.0500-800.05`` (levels 1 to 6; https://211taxonomy.org). Codes under ``Y`` name whom a service is for: they
are eligibility, never a service. Terms may be linked: ``RP-1400.2500 * YB-9500`` is one statement on a service.

What is no code stays what it is, words: nothing is guessed into a code.
"""

import functools
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from footbridge.data import read_json

LONGEST: Final = 4_000  # characters of a list of codes that are read; real ones have a few hundred

_CODE: Final = re.compile(r"[A-Z]{1,2}(?:-[0-9]{4}(?:\.[0-9]{4}(?:-[0-9]{3}(?:\.[0-9]{2})?)?)?)?")
_INSIDE: Final = re.compile(
    r"(?<![\w.*-])[A-Z]{1,2}-[0-9]{4}\.[0-9]{4}(?:-[0-9]{3}(?:\.[0-9]{2})?)?(?![\w*-]|\.[0-9])", re.ASCII
)
_SHORT_INSIDE: Final = re.compile(
    r"(?:^|[(\[{#|/:=\"']|[:-] )([A-Z]{2}-[0-9]{4})(?=$|[\s)\]}:\"']|\.(?![0-9]))", re.ASCII
)
"""A code of three levels apart from its name: first, in brackets, behind a sign; not in a sentence."""
_BLANK: Final = re.compile(r"[\s\x00-\x1f\x7f]+")
_UNSEEN: Final = re.compile(r"[\u00ad\u200b-\u200f\u2060\ufeff]+")
_AROUND: Final = re.compile(r" ?([-.]) ?")
_DASHES: Final = dict.fromkeys(
    (*range(0x2010, 0x2016), 0x2043, 0x207B, 0x2212, 0x02D7, 0xFE58, 0xFE63, 0xFF0D), "-"
)  # hyphens, dashes and minus signs: https://www.unicode.org/Public/UCD/latest/ucd/PropList.txt (Dash)
_LINK: Final = "*"
_LIST: Final = re.compile(r"[;|,\n\r]")


@dataclass(frozen=True, slots=True)
class LinkedTerm:
    """One statement on a service: codes of services, and the populations that it is linked to."""

    services: tuple[str, ...] = ()
    populations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CodeField:
    """What stood in a place for codes: the terms, the words that are no code, and codes that were written oddly."""

    terms: tuple[LinkedTerm, ...] = ()
    words: tuple[str, ...] = ()
    tidied: tuple[str, ...] = ()


_SHORT = 64  # characters of a text that is remembered; no code is as long


@functools.cache
def facts() -> Mapping[str, Any]:
    """The table ``mappings/directory/taxonomy-codes.json``."""
    found: Mapping[str, Any] = read_json("mappings", "directory", "taxonomy-codes.json")
    return found


def normalised(text: str) -> str | None:
    """The 211 code that a text is, in its plain form; None where it is none.

    Forgiven are padding, any kind of dash, full-width signs and small letters: ``" bd - 1800 .2000 "`` is
    ``BD-1800.2000``. A code of letters alone must be in capitals, for ``no`` and ``it`` are words.
    """
    return _remembered(text) if len(text) <= _SHORT else _normalised(text)


def _normalised(text: str) -> str | None:
    plain = _plain(text)
    if _CODE.fullmatch(plain):
        return plain
    upper = plain.upper()
    return upper if any(sign.isdigit() for sign in upper) and _CODE.fullmatch(upper) else None


# The same codes come again and again.
_remembered = functools.lru_cache(maxsize=8_192)(_normalised)


def _plain(text: str) -> str:
    return _AROUND.sub(r"\1", _even(text))


def _even(text: str) -> str:
    """A text with one kind of dash and of blank."""
    even = unicodedata.normalize("NFKC", text.translate(_DASHES)).translate(_DASHES)
    return _BLANK.sub(" ", _UNSEEN.sub("", even)).strip()


def level(code: str) -> int:
    """The level of a code in its plain form, 1 (``B``) to 6 (``LR-8000.0500-800.05``)."""
    return len(ancestors(code)) + 1


def parent(code: str) -> str | None:
    """The code above one in its plain form; None above a section."""
    cut = max(code.rfind("-"), code.rfind("."))
    if cut > 0:
        return code[:cut]
    return code[0] if len(code) == 2 else None


@functools.lru_cache(maxsize=8_192)
def ancestors(code: str) -> tuple[str, ...]:
    """The codes above one in its plain form, the nearest first: ``BD-1800``, ``BD``, ``B`` for ``BD-1800.2000``."""
    found = []
    above = parent(code)
    while above is not None:
        found.append(above)
        above = parent(above)
    return tuple(found)


def is_population(code: str) -> bool:
    """Whether a code names whom a service is for (``Y``...)."""
    return code.startswith(facts()["populations"])


def is_known_section(code: str) -> bool:
    """Whether a code begins as codes of the taxonomy do; what it names is not looked up."""
    return code[:1] in facts()["sections"]


def replacement(code: str) -> str | None:
    """What took the place of a code that the taxonomy has deleted, as far as we know it."""
    found: str | None = facts()["replaced"].get(code)
    return found


def read(text: str, *, taxonomy: str | None = None) -> CodeField:
    """The codes in one field: a code, a list (``A; B``), linked terms (``A * B``), a code beside its name.

    Args:
        text: what the source has.
        taxonomy: the taxonomy that it says it uses, where it says so. Of one that is not known as the 211 taxonomy
            only codes with digits are taken: its letters may mean something else; of a known other one none are.
    """
    return _read(text[:LONGEST], taxonomy)


@functools.lru_cache(maxsize=20_000)
def _read(text: str, taxonomy: str | None) -> CodeField:
    if "{" in text:  # words of a 211's own: {what:'FOOD',who:'Families'}
        return CodeField(words=(text.strip(),))
    terms, words, tidied = [], [], []
    for piece in _LIST.split(text):
        codes: list[str] = []
        for part in filter(str.strip, piece.split(_LINK)):
            found = list(_codes(part, _is_ours(taxonomy))) if not _is_foreign(taxonomy) else []
            codes += found
            if not found and normalised(part) not in facts()["noCode"]:
                words.append(part.strip())
            elif found and found != [part.strip()]:
                tidied.append(part)
        if codes:
            terms.append(_linked(codes))
    if terms and text != text.strip():
        tidied.append(text)
    if words:  # beside words, a few letters are words too
        terms = [term for term in terms if any(map(_has_digits, term.services + term.populations))]
    return CodeField(tuple(terms), tuple(words), tuple(tidied))


def _codes(part: str, ours: bool) -> Iterator[str]:
    code = normalised(part)
    if code is None:
        yield from dict.fromkeys(_inside(part))
    elif code not in facts()["noCode"] and (ours or _has_digits(code)):
        yield code


def _inside(part: str) -> list[str]:
    """The codes in a text that has more: ``Food pantries - BD-1800.2000``, ``[BD-1800]``.

    A short code is taken only where it begins as those of the taxonomy do.
    """
    even = _even(part)
    found = _INSIDE.findall(even) or _INSIDE.findall(_plain(part))
    return found or [code for code in _SHORT_INSIDE.findall(even) if is_known_section(code)]


def _linked(codes: list[str]) -> LinkedTerm:
    services = tuple(dict.fromkeys(code for code in codes if not is_population(code)))
    return LinkedTerm(services, tuple(dict.fromkeys(code for code in codes if is_population(code))))


def _has_digits(code: str) -> bool:
    return "-" in code


@functools.lru_cache(maxsize=1_000)
def _is_foreign(taxonomy: str | None) -> bool:
    """Whether it is the name of a taxonomy that is known, and is not ours."""
    return bool(taxonomy) and any(name in str(taxonomy).casefold() for name in facts()["otherTaxonomies"])


@functools.lru_cache(maxsize=1_000)
def _is_ours(taxonomy: str | None) -> bool:
    return not taxonomy or any(name in taxonomy.casefold() for name in facts()["taxonomyNames"])
