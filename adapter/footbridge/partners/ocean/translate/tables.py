"""The tables of ``mappings/ocean``, and words as they are compared with them."""

import functools
import unicodedata
from typing import Any

from footbridge.data import folder, read_json


@functools.cache
def table(name: str) -> Any:  # noqa: ANN401 - any JSON
    """One table of ``mappings/ocean`` by its name; read once, never to be changed."""
    return read_json("mappings", "ocean", f"{name}.json")


@functools.cache
def shipped_forms() -> tuple[dict[str, Any], ...]:
    """The mappings of forms that come with Footbridge, in the order of their names."""
    place = folder("mappings").joinpath("ocean", "forms")
    names = sorted(item.name for item in place.iterdir() if item.name.endswith(".json"))
    return tuple(read_json("mappings", "ocean", "forms", name) for name in names)


def folded(text: str) -> str:
    """Words to compare: without capitals, accents, blanks around them, and a colon or full stop at their end."""
    apart = unicodedata.normalize("NFKD", text.replace("\u2019", "'").casefold())
    plain = "".join(sign for sign in apart if not unicodedata.combining(sign))
    return " ".join(plain.split()).strip(" :.?*!")
