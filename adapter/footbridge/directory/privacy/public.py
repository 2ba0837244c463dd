"""What a record shows of itself, which is no secret though something beside it is.

Its name, where a withheld name is the same one; its phones and e-mail address, where a contact who is not for the
public has them too; and the street that its public address names, where another house of that street is withheld.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from footbridge.directory.privacy.labels import is_private_phone
from footbridge.directory.privacy.values import object_secrets, phone_secret, street_secrets, words

_NUMBER = re.compile(r"(\d{1,6})[A-Za-z]?(?:\W{1,3}(?:n[o°º]?\W{1,2})?)?$")
_STREET = "street:"


def names(data: Mapping[str, Any]) -> set[str]:
    """Its own name, as a secret would be."""
    name = data.get("name")
    return {"words:" + " ".join(words(name))} if isinstance(name, str) else set()


def reach(data: Mapping[str, Any]) -> set[str]:
    """Its phones and e-mail address, as secrets would be, without those that say that they are not for the public."""
    shown = [one for one in _objects(data.get("phones")) if not one.get("withheld") and not is_private_phone(one)]
    found = {secret for one in shown if (secret := phone_secret(str(one.get("number") or "")))}
    return found | set(object_secrets(data.get("email"), "email"))


def without_streets(data: Mapping[str, Any], secrets: tuple[str, ...]) -> tuple[str, ...]:
    """The secrets without names of streets that a public address of the record names: of another house there."""
    streets = [one for one in secrets if one.startswith(_STREET) and not one[len(_STREET)].isdigit()]
    if not streets:
        return secrets
    named: set[str] = set()
    for address in _objects(data.get("addresses")):
        line = address.get("address_1")
        own = set(street_secrets(line)) if isinstance(line, str) and not address.get("withheld") else set()
        houses = {one for one in own if one[len(_STREET)].isdigit()}
        if houses and not houses & set(secrets):
            named |= own
    return tuple(one for one in secrets if one not in named) if named else secrets


def is_other_house(before: str, street: str, secrets: tuple[str, ...]) -> bool:
    """Whether the name of a street stands behind a number, and no house of that number and street is withheld.

    Args:
        before: the text before it.
        street: the secret that it is, without a number.
        secrets: all of them.
    """
    number = _NUMBER.search(before[-16:])
    if number is None:
        return False
    name = street.removeprefix(_STREET)
    houses = (one[len(_STREET) :].partition(" ") for one in secrets if one.startswith(_STREET))
    withheld = {int(digits) for first, _, rest in houses if rest == name for digits in re.findall(r"\d+", first)}
    return bool(withheld) and int(number[1]) not in withheld


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:  # noqa: ANN401 - JSON is any value
    return (one for one in (value if isinstance(value, (list, tuple)) else ()) if isinstance(one, Mapping))
