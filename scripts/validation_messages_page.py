"""Writes docs/reference/validation-messages.md: the HL7 validator's messages, and where ours agrees with it.

Run ``python scripts/validation_messages_page.py`` after a witness or a rule has changed; ``--check`` only says whether
the page is up to date (exit code 1 when not). Ours is asked anew each time; the verdicts of the HL7 validator are those
of ``tests/validation/messages/verdicts/``. Ids are all that is taken from its catalogue.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support.hl7_messages import agreement, catalogue, differs, shown_by, witnesses  # noqa: E402 - the path above

PAGE = ROOT / "docs" / "reference" / "validation-messages.md"
Row = dict[str, str]

INTRO = """# The messages of the HL7 validator

This page is made by `scripts/validation_messages_page.py`; change it there.

The [HL7 validator](https://github.com/hapifhir/org.hl7.fhir.core) (6.10.4) has a catalogue of what it can say. For each
id in scope we look for a *witness*: a smallest resource that makes it say so, and a nearest neighbour that does not.
Both go through both validators. They *agree* where both give the same verdict on both resources, and ours has an issue
at the place of the message that the neighbour does not have: the same element, its parent or its child.

Witnesses are in `tests/validation/messages/witnesses/`, a folder a family; the verdicts of the HL7 validator beside
them. `python scripts/hl7_messages.py verdicts` makes them again (Java 17, Maven). An id that the HL7 validator
utters on a published package or sample is in scope whatever it is about.
"""


def page() -> str:
    """The whole page as Markdown."""
    rows = catalogue()
    inside = [row for row in rows if row["scope"] == "in"]
    witnessed = [row for row in inside if row["id"] in shown_by()]
    agreed = [row for row in witnessed if not agreement(row["id"])]
    exact = [row for row in agreed if not agreement(row["id"], exact=True)]
    parts = [
        INTRO,
        "## Figures\n",
        "| | ids |\n|---|---|",
        f"| in the catalogue | {len(rows):,} |",
        f"| out of scope | {len(rows) - len(inside):,} |",
        f"| in scope | {len(inside):,} |",
        f"| witnessed | {len(witnessed):,} |",
        f"| agreed | {len(agreed):,} ({len(agreed) / len(witnessed):.1%} of those witnessed) |",
        f"| agreed, at the very same element | {len(exact):,} |\n",
        "\n".join(_families()),
        "## Where the two differ\n",
        "| message | witness | what differs | why |\n|---|---|---|---|",
        "\n".join(_differences(witnessed)) + "\n",
        "## Agreed\n",
        ", ".join(f"`{row['id']}`" for row in agreed) + "\n",
        "## In scope, without a witness yet\n",
        ", ".join(f"`{row['id']}`" for row in inside if row["id"] not in shown_by()) + "\n",
        "## Out of scope\n",
        "\n".join(_outside(rows)),
    ]
    return "\n".join(parts)


def _families() -> Iterator[str]:
    counts: Counter[str] = Counter()
    good: Counter[str] = Counter()
    for witness in witnesses():
        message = witness.content["message"]
        counts[witness.family] += 1
        good[witness.family] += not agreement(message, witness)
    yield "| family | witnesses | agreed |\n|---|---|---|"
    for family in sorted(counts):
        yield f"| {family} | {counts[family]} | {good[family]} |"
    yield ""


def _differences(rows: list[Row]) -> Iterator[str]:
    reasons = differs()
    for row in rows:
        if found := agreement(row["id"]):
            key = shown_by()[row["id"]][0].key
            yield f"| `{row['id']}` | `{key}` | {found} | {reasons.get(row['id'], 'not done yet')} |"


def _outside(rows: list[Row]) -> Iterator[str]:
    for reason in sorted({row["reason"] for row in rows if row["scope"] == "out"}):
        ids = [row["id"] for row in rows if row["reason"] == reason]
        yield f"### {reason[:1].upper()}{reason[1:]}\n\n" + ", ".join(f"`{one}`" for one in ids) + "\n"


if __name__ == "__main__":
    from written import write_or_check

    sys.exit(write_or_check({PAGE: page()}))
