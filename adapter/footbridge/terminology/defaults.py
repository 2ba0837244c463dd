"""The code that stands in where a prescription gives none, with the reason for it.

`terminology/defaults.json` holds one choice per category, role, jurisdiction and, for a ServiceRequest,
kind. A missing code is a choice too, with its reason: the resource then says it in words.
"""

import difflib
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from footbridge.data import read_json
from footbridge.terminology.rows import Jurisdiction, Kind, categories, category, code_rows

if TYPE_CHECKING:
    from footbridge.model.prescription.values import Coding

DefaultRole = Literal["condition", "goal", "service-request"]


@dataclass(frozen=True, slots=True)
class DefaultCode:
    """What stands in for a code that was not given; `coding` None: say it in words."""

    coding: "Coding | None"
    reason: str


def display(system: str, code: str) -> str | None:
    """The term of a code, None when it is not known or not ours to ship."""
    return next((row.display for row in code_rows(system, code) if row.display), None)


@functools.cache
def default_code(
    category_code: str, role: DefaultRole, kind: Kind | None = None, jurisdiction: Jurisdiction = "us"
) -> DefaultCode:
    """The default for one category and role.

    Args:
        category_code: SDOH category code of the guide.
        role: the resource that needs a code.
        kind: of the prescription; needed for `service-request`, ignored for the others.
        jurisdiction: `ca` has International codes only.

    Raises:
        ValueError: no such category, or a ServiceRequest without a kind.
    """
    if category(category_code) is None:
        raise ValueError(
            f"{category_code!r} is not an SDOH category; did you mean {nearest_category(category_code)!r}?"
        )
    table = read_table()
    chosen = table["categories"][category_code].get(role, {})
    if role == "service-request":
        if kind is None:
            raise ValueError("the default for a ServiceRequest depends on the kind of the prescription")
        chosen = chosen.get(kind) or table["fallback"][role][kind]
    entry = chosen.get(jurisdiction) or chosen["any"]
    return DefaultCode(_coding(entry), entry["reason"])


@functools.cache
def read_table() -> dict[str, Any]:
    """The table as it stands in `terminology/defaults.json`."""
    table: dict[str, Any] = read_json("terminology", "defaults.json")
    return table


def _coding(entry: dict[str, Any]) -> "Coding | None":
    if entry["code"] is None:
        return None
    from footbridge.model.prescription.values import Coding  # noqa: PLC0415 - pydantic is slow to import

    return Coding(system=entry["system"], code=entry["code"], display=display(entry["system"], entry["code"]))


def nearest_category(text: str) -> str | None:
    """The category code that a mistyped one most likely meant, None when none is near."""
    codes = [found.code for found in categories()]
    plain = text.strip().lower().replace("_", "-").replace(" ", "-")
    near = difflib.get_close_matches(plain, codes, n=1, cutoff=0.6)
    if near:
        return near[0]
    inside = [code for code in codes if plain and (plain in code or code in plain)]
    return inside[0] if inside else None
