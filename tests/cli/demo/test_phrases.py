"""What the demo says of entries of the timeline."""

from typing import Any

import pytest

from footbridge.cli.demo.phrases import reached, told


def entry(name: str, role: str = "recipient", **members: Any) -> dict[str, Any]:
    """An entry of the feed."""
    return {
        "name": name,
        "role": role,
        "before": None,
        "after": None,
        "inferred": False,
        "reason": None,
        "detail": {},
        **members,
    }


@pytest.mark.parametrize(
    ("entries", "kind", "part", "line"),
    [
        ([entry("submitted", "requester")], "signpost", None, "points the way"),
        ([entry("reject")], "warm-connection", None, "declines and gives no reason"),
        ([entry("reject", reason="Full")], "warm-connection", None, "declines: “Full”"),
        (
            [entry("accept"), entry("business-status", detail={"text": "On Monday"})],
            "navigator",
            None,
            "takes it on, “On Monday”",
        ),
        (
            [
                entry("start", inferred=True, after="in-progress"),
                entry("complete"),
                entry("output", detail={"type": "Procedure"}),
            ],
            "warm-connection",
            None,
            "completes it, in-progress implied, with a Procedure",
        ),
        ([entry("accept")], "navigator", "Hot meals", "takes it on (Hot meals)"),
        (
            [
                entry("follow-up-complete", "navigator", inferred=True),
                entry("fail", "navigator", reason="Did not dare"),
                entry("goal-changed", "navigator", detail={"lifecycle": "active", "achievement": "no-progress"}),
            ],
            "signpost",
            None,
            "asks the client, it did not happen: “Did not dare”, goal no-progress",
        ),
        (
            [entry("start"), entry("goal-changed", detail={"lifecycle": "active", "achievement": "in-progress"})],
            "warm-connection",
            None,
            "begins",
        ),
        ([entry("complete", "system", after="completed")], "navigator", None, "the whole is completed"),
        ([entry("follow-up-due", "system")], "warm-connection", None, ""),
        ([entry("delivered", "system", detail={"partnerTitle": "EMR"})], "warm-connection", None, ""),
    ],
)
def test_entries_in_plain_words(entries: list[dict[str, Any]], kind: str, part: str | None, line: str) -> None:
    assert told(entries, kind, part) == line


def test_everybody_reached_is_named_once() -> None:
    entries = [entry("delivered", detail={"partnerTitle": name}) for name in ("EMR", "Hub", "EMR")]
    assert reached(entries) == "EMR and Hub"
