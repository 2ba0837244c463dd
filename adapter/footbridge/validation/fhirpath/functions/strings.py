"""Strings: https://hl7.org/fhirpath/N1/#string-manipulation and the string functions that follow N1.

An empty input or argument gives an empty result; an input that is no string is an execution error.
"""

import base64
import binascii
import html
import json
import re

from footbridge.validation.fhirpath.errors import execution
from footbridge.validation.fhirpath.registry import function
from footbridge.validation.fhirpath.regular import pattern
from footbridge.validation.fhirpath.runtime import MAX_TEXT, Frame
from footbridge.validation.fhirpath.values import EMPTY, Items, integer, text

_MATCH = 50  # units of work that a regular expression counts as: it may take 200 ms


@function("indexOf", 1, returns="Integer", takes="string")
def index_of(items: Items, _: Frame, part: Items) -> Items:
    """Where a substring starts, -1 when it does not occur."""
    whole, wanted = text(items, "indexOf()"), text(part, "indexOf()")
    return EMPTY if whole is None or wanted is None else (whole.find(wanted),)


@function("lastIndexOf", 1, returns="Integer", takes="string")
def last_index_of(items: Items, _: Frame, part: Items) -> Items:
    """Where a substring starts for the last time, -1 when it does not occur."""
    whole, wanted = text(items, "lastIndexOf()"), text(part, "lastIndexOf()")
    return EMPTY if whole is None or wanted is None else (whole.rfind(wanted),)


@function("substring", (1, 2), returns="String", takes="string")
def substring(items: Items, _: Frame, start: Items, length: Items | None = None) -> Items:
    """From a start (counted from zero), for a length or to the end; empty when it starts outside."""
    whole, begin = text(items, "substring()"), integer(start, "substring()")
    if whole is None or begin is None or not 0 <= begin < len(whole):
        return EMPTY
    size = integer(length, "substring()") if length else None
    return (whole[begin:] if size is None else whole[begin : begin + max(size, 0)],)


@function("startsWith", 1, boolean=True, takes="string")
def starts_with(items: Items, _: Frame, part: Items) -> bool | None:
    """Whether it starts so."""
    whole, wanted = text(items, "startsWith()"), text(part, "startsWith()")
    return None if whole is None or wanted is None else whole.startswith(wanted)


@function("endsWith", 1, boolean=True, takes="string")
def ends_with(items: Items, _: Frame, part: Items) -> bool | None:
    """Whether it ends so."""
    whole, wanted = text(items, "endsWith()"), text(part, "endsWith()")
    return None if whole is None or wanted is None else whole.endswith(wanted)


@function("contains", 1, boolean=True, takes="string")
def contains(items: Items, _: Frame, part: Items) -> bool | None:
    """Whether the substring occurs."""
    whole, wanted = text(items, "contains()"), text(part, "contains()")
    return None if whole is None or wanted is None else wanted in whole


@function("upper", returns="String", takes="string")
def upper(items: Items, _: Frame) -> Items:
    """In upper case."""
    whole = text(items, "upper()")
    return EMPTY if whole is None else (whole.upper(),)


@function("lower", returns="String", takes="string")
def lower(items: Items, _: Frame) -> Items:
    """In lower case."""
    whole = text(items, "lower()")
    return EMPTY if whole is None else (whole.lower(),)


@function("replace", 2, returns="String", takes="string")
def replace(items: Items, frame: Frame, part: Items, put: Items) -> Items:
    """Every occurrence of a substring replaced; an empty one occurs around every character."""
    whole, wanted, new = text(items, "replace()"), text(part, "replace()"), text(put, "replace()")
    if whole is None or wanted is None or new is None:
        return EMPTY
    _check_growth(frame, (whole.count(wanted) + 1) * len(new) + len(whole))
    return (whole.replace(wanted, new),)


def _check_growth(frame: Frame, length: int) -> None:
    if length > MAX_TEXT:
        raise execution(f"A string grows beyond {MAX_TEXT} characters")
    frame.run.spend(1)


@function("matches", 1, boolean=True, takes="string")
def matches(items: Items, frame: Frame, expression: Items) -> bool | None:
    """Whether the regular expression matches somewhere; an empty one matches nothing."""
    whole, wanted = text(items, "matches()"), text(expression, "matches()")
    if whole is None or wanted is None:
        return None
    frame.run.tick(_MATCH)
    return bool(wanted) and pattern(wanted).search(whole)


@function("matchesFull", 1, boolean=True, takes="string")
def matches_full(items: Items, frame: Frame, expression: Items) -> bool | None:
    """Whether the regular expression matches the whole string."""
    whole, wanted = text(items, "matchesFull()"), text(expression, "matchesFull()")
    if whole is None or wanted is None:
        return None
    frame.run.tick(_MATCH)
    return pattern(wanted).fullmatch(whole)


@function("replaceMatches", 2, returns="String", takes="string")
def replace_matches(items: Items, frame: Frame, expression: Items, put: Items) -> Items:
    """Every match replaced; ``$1`` and ``${name}`` stand for groups. An empty expression changes nothing."""
    whole, wanted = text(items, "replaceMatches()"), text(expression, "replaceMatches()")
    new = text(put, "replaceMatches()")
    if whole is None or wanted is None or new is None:
        return EMPTY
    if not wanted:
        return (whole,)
    frame.run.tick(_MATCH)
    template = re.sub(r"\$(\d+)", r"\\g<\1>", re.sub(r"\$\{(\w+)\}", r"\\g<\1>", new.replace("\\", r"\\")))
    _check_growth(frame, (len(whole) + 1) * (len(new) + 1))
    return (pattern(wanted).substitute(template, whole),)


@function("length", returns="Integer", takes="string")
def length_of(items: Items, _: Frame) -> Items:
    """How many characters."""
    whole = text(items, "length()")
    return EMPTY if whole is None else (len(whole),)


@function("toChars", returns="String", takes="string")
def to_chars(items: Items, frame: Frame) -> Items:
    """Its characters, one an item."""
    whole = text(items, "toChars()") or ""
    frame.run.spend(len(whole))
    return tuple(whole)


@function("trim", returns="String", takes="string")
def trim(items: Items, _: Frame) -> Items:
    """Without white space at either end."""
    whole = text(items, "trim()")
    return EMPTY if whole is None else (whole.strip(),)


@function("split", 1, returns="String", takes="string")
def split(items: Items, frame: Frame, separator: Items) -> Items:
    """Its parts between separators; an empty separator splits into characters."""
    whole, wanted = text(items, "split()"), text(separator, "split()")
    if whole is None or wanted is None:
        return EMPTY
    parts = whole.split(wanted) if wanted else tuple(whole)
    frame.run.spend(len(parts))
    return parts


@function("join", (0, 1), returns="String", takes="string")
def join(items: Items, frame: Frame, separator: Items = ("",)) -> Items:
    """All items as one string with a separator between them."""
    between = text(separator, "join()") or ""
    parts = [text((item,), "join()") or "" for item in items]
    _check_growth(frame, sum(map(len, parts)) + len(between) * len(parts))
    return (between.join(parts),) if items else EMPTY


@function("encode", 1, returns="String", takes="string")
def encode(items: Items, frame: Frame, scheme: Items) -> Items:
    """In ``hex``, ``base64`` or ``urlbase64``; empty for another scheme."""
    whole, name = text(items, "encode()"), text(scheme, "encode()")
    if whole is None or name is None:
        return EMPTY
    octets = whole.encode("utf-8", "surrogatepass")
    _check_growth(frame, 2 * len(octets))
    if name == "hex":
        return (octets.hex(),)
    coder = {"base64": base64.b64encode, "urlbase64": base64.urlsafe_b64encode}.get(name)
    return EMPTY if coder is None else (coder(octets).decode("ascii"),)


@function("decode", 1, returns="String", takes="string")
def decode(items: Items, _: Frame, scheme: Items) -> Items:
    """The opposite of encode; text that the scheme cannot have made is an execution error."""
    whole, name = text(items, "decode()"), text(scheme, "decode()")
    if whole is None or name is None:
        return EMPTY
    try:
        if name == "hex":
            return (bytes.fromhex(whole).decode(),)
        if name == "base64":
            return (base64.b64decode(whole, validate=True).decode(),)
        if name == "urlbase64":
            return (base64.b64decode(whole, altchars=b"-_", validate=True).decode(),)
    except (ValueError, binascii.Error):
        raise execution(f"The string is no {name}") from None
    return EMPTY


@function("escape", 1, returns="String", takes="string")
def escape(items: Items, frame: Frame, target: Items) -> Items:
    """Safe to stand in ``html`` or ``json``; empty for another target."""
    whole, name = text(items, "escape()"), text(target, "escape()")
    if whole is None or name not in {"html", "json"}:
        return EMPTY
    if name == "html":
        safe = html.escape(whole, quote=False).replace('"', "&quot;")
    else:
        safe = json.dumps(whole, ensure_ascii=False)[1:-1]
    frame.run.spend_text(safe)
    return (safe,)


@function("unescape", 1, returns="String", takes="string")
def unescape(items: Items, _: Frame, target: Items) -> Items:
    """The opposite of escape."""
    whole, name = text(items, "unescape()"), text(target, "unescape()")
    if whole is None or name not in {"html", "json"}:
        return EMPTY
    if name == "html":
        return (html.unescape(whole),)
    try:
        return (json.loads(f'"{whole}"', strict=False),)
    except ValueError:
        raise execution("The string is no escaped JSON") from None
