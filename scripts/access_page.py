"""Writes docs/reference/roles.md from mappings/access.json: which role may do what, with whose prescriptions.

Run ``python scripts/access_page.py`` after the table has changed; ``--check`` only says whether the page is up to date
(exit code 1 when not).
"""

import sys
from pathlib import Path
from typing import Any

from footbridge.data import read_json

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "roles.md"

INTRO = """# Roles: who may do what

This page is made from the table `mappings/access.json` by `scripts/access_page.py`; change it there.

People who sign in to the portal have a role (`footbridge user add --role`). Each acts as a role of the API, so that
every channel obeys the same rules. What is possible with a referral in its status is for
[the lifecycle](lifecycle.md) to say.
"""

WHOSE = {
    "own": "those of its requester; without a partner, those of the tenant's default requester and of its own users",
    "asked": "the referrals that its partner is asked to do",
    "all": "all of the tenant",
}


def page() -> str:
    """The whole page as Markdown."""
    table = read_json("mappings", "access.json")
    return "\n".join([INTRO, _users(table), _whose(table), _actions(table)])


def _users(table: dict[str, Any]) -> str:
    rows = [
        f"| `{name}` | {row['title']['en']} | `{row['principal']}` | {'yes' if row.get('partner') else 'no'} | "
        f"{row['about']['en']} |"
        for name, row in table["users"].items()
    ]
    head = [
        "## People",
        "",
        "| role | name | acts as | works for a partner | what for |",
        "| --- | --- | --- | --- | --- |",
    ]
    return "\n".join([*head, *rows]) + "\n"


def _whose(table: dict[str, Any]) -> str:
    rows = [f"| `{role}` | {WHOSE[whose]} |" for role, whose in table["whose"].items()]
    head = ["## Whose prescriptions", "", "| role | sees |", "| --- | --- |"]
    return "\n".join([*head, *rows, "", "Any other role sees none."]) + "\n"


def _actions(table: dict[str, Any]) -> str:
    roles = list(dict.fromkeys(role for allowed in table["actions"].values() for role in allowed))
    rows = [
        f"| `{action}` | " + " | ".join("yes" if role in allowed else "" for role in roles) + " |"
        for action, allowed in table["actions"].items()
    ]
    head = ["## Actions", "", "| action | " + " | ".join(f"`{role}`" for role in roles) + " |"]
    return "\n".join([*head, "| --- |" + " --- |" * len(roles), *rows]) + "\n"


def main() -> None:
    """Write the page, or check it."""
    if "--check" in sys.argv:
        sys.exit(0 if PAGE.read_text(encoding="utf-8") == page() else f"{PAGE} is out of date")
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
