"""Web and e-mail addresses: several in one member, bare, in each other's place, or unsafe."""

import functools
import re
from typing import Any

from footbridge.directory.cleaning.changes import Changes
from footbridge.directory.cleaning.phones import parse as parse_phone

_MAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(?!\d)", re.IGNORECASE)
_BROKEN = re.compile(r"^(?:h?t?tps?|https?)\s*[:;]?\s*/{1,3}|^https?:/{3,}", re.IGNORECASE)
_HOST = re.compile(r"(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_][\w-]*[^\W_]\.?(?::\d{1,5})?", re.UNICODE)
_BETWEEN = re.compile(r"[\s|]+|;\s*|,\s+|,(?=https?:|www\.)|(?<=\w)\s+(?:and|or|et|ou)\s+")
_MAIL_TAKES = {"organization": "contacts", "service": "contacts"}
_URL_TAKES = {"organization": ("website", "additional_websites"), "service": ("url", "additional_urls")}


def mails(text: str) -> list[str]:
    """The e-mail addresses in a text, each once."""
    found = (match.group().strip(".'") for match in _MAIL.finditer(text.replace("mailto:", " ")))
    return list(dict.fromkeys(address for address in found if not address.startswith("@")))


@functools.lru_cache(maxsize=8_192)
def urls(text: str) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The web addresses of a text, the rules that changed them, and what is none."""
    good: list[str] = []
    rules: list[str] = []
    rest: list[str] = []
    parts = [
        part for part in _BETWEEN.split(text) if part and part.casefold() not in {"and", "or", "et", "ou", "&", "-"}
    ]
    for part in parts:
        url, rule = _one_url(part.strip("\"'<>()[]{},;"))
        if rule:
            rules.append(rule)
        if url:
            good.append(url)
        else:
            rest.append(part)
    if len(good) > 1:
        rules.append("web.several")
    if any(part.casefold().startswith(("http:", "https:")) for part in rest):
        good = []  # "https://exa mple.org": no part of it is sure
    return tuple(dict.fromkeys(good)), tuple(dict.fromkeys(rules)), tuple(rest)


def _one_url(text: str) -> tuple[str | None, str | None]:
    rule = None
    scheme = _SCHEME.match(text)
    if scheme and scheme[1].lower() not in {"http", "https"} and not _BROKEN.match(text):
        if scheme[1].lower() in {"javascript", "data", "vbscript", "file", "blob", "about"}:
            return None, "web.unsafe"
        if "." not in scheme[1]:
            return None, "web.not-a-url"
    rest = re.sub(r"^(?:https?://)+", "", text, flags=re.IGNORECASE)
    lead = text[: len(text) - len(rest)].lower()
    if not lead and (broken := _BROKEN.match(text)):
        rest, rule = text[broken.end() :], "web.scheme-repaired"
        lead = "https://"
    elif not lead:
        lead, rule = "https://", "web.bare"
    elif lead not in {"http://", "https://"}:
        lead, rule = "https://" if lead.endswith("https://") else "http://", "web.scheme-repaired"
    elif not text.startswith(lead):
        rule = "web.scheme-repaired"
    rest = rest.replace("www,", "www.", 1) if rest.lower().startswith("www,") else rest
    host, slash, path = _host_of(rest)
    if "@" in host:
        host, rule = host.rsplit("@", 1)[1], "web.credentials"
    if not _HOST.fullmatch(host):
        return None, "web.not-a-url"
    if re.search(r"[\s<>\"\\^`{|}]", path):
        path = re.sub(r"[\s<>\"\\^`{|}].*", "", path, flags=re.DOTALL)
        rule = "web.scheme-repaired"
    return lead + host + slash + path, rule


def _host_of(rest: str) -> tuple[str, str, str]:
    match = re.search(r"[/?#]", rest)
    if not match:
        return rest, "", ""
    at = match.start()
    return rest[:at], rest[at], rest[at + 1 :]


def clean_web(kind: str, out: dict[str, Any], changes: Changes, prefix: str, members: tuple[str, ...]) -> None:
    """Cleans the members of an object that hold web or e-mail addresses; ``members`` are those of web addresses."""
    for member in members:
        if isinstance(value := out.get(member), str):
            _clean_url(kind, out, changes, prefix, member, value)
    for member in ("email", "assurer_email"):
        if isinstance(value := out.get(member), str):
            _clean_mail(kind, out, changes, prefix, member, value)


def _clean_url(kind: str, out: dict[str, Any], changes: Changes, prefix: str, member: str, value: str) -> None:
    found_mails = mails(value) if "@" in value and "://" not in value else []
    text = _MAIL.sub(" ", value.replace("mailto:", " ")) if found_mails else value
    good, rules, rest = urls(text) if text.strip() else ((), (), ())
    if good == (value,):
        return
    if good:
        out[member] = good[0]
        _further_urls(kind, out, good[1:], member)
    else:
        del out[member]
    if found_mails:
        changes.note("web.mail-in-url", prefix + member, value, found_mails[0])
        if not out.get("email") and kind in {"organization", "service", "contact"}:
            out["email"] = found_mails[0]
        elif kind in _MAIL_TAKES:
            _add_contact(out, found_mails[0])
    for rule in rules:
        if rule != "web.not-a-url" or rest:
            changes.note(rule, prefix + member, value, " ".join(good) or None)
    if not good and not rules and not found_mails:
        changes.note("web.not-a-url", prefix + member, value)


def _further_urls(kind: str, out: dict[str, Any], further: tuple[str, ...], member: str) -> None:
    if further and kind in _URL_TAKES and member == _URL_TAKES[kind][0]:
        name = _URL_TAKES[kind][1]
        have = out.get(name) if isinstance(out.get(name), list) else []
        known = {entry.get("url") for entry in have or () if isinstance(entry, dict)}
        out[name] = [*(have or ()), *({"url": url} for url in further if url not in known)]


def _clean_mail(kind: str, out: dict[str, Any], changes: Changes, prefix: str, member: str, value: str) -> None:
    found = mails(value)
    if found == [value]:
        return
    if found:
        out[member] = found[0]
        rule = "web.several" if len(found) > 1 else "web.mail-words"
        changes.note(rule, prefix + member, value, " ".join(found))
        for further in found[1:]:
            if kind in _MAIL_TAKES:
                _add_contact(out, further)
        return
    del out[member]
    good, _, _ = urls(value) if "@" not in value and " " not in value else ((), (), ())
    target = {"organization": "website", "service": "url"}.get(kind)
    if good and target:
        changes.note("web.url-in-mail", prefix + member, value, good[0])
        out.setdefault(target, good[0])
        return
    phones = [entry for entry in parse_phone(value, changes.country).phones if entry.number]
    if phones and kind in {"organization", "service", "contact"}:
        changes.note("web.phone-in-mail", prefix + member, value, phones[0].number)
        out["phones"] = [*(out.get("phones") or ()), *({"number": entry.number} for entry in phones)]
        return
    changes.note("web.not-a-mail", prefix + member, value)


def _add_contact(out: dict[str, Any], mail: str) -> None:
    have = out.get("contacts") if isinstance(out.get("contacts"), list) else []
    if not any(isinstance(entry, dict) and entry.get("email") == mail for entry in have or ()):
        out["contacts"] = [*(have or ()), {"email": mail}]
